-- As vintages.sql, for 30, 60 and 90 days past due: cumulative share of a cohort's loans that were ever so late, by months on book.
WITH last_month AS (SELECT MAX(month_on) AS month_on FROM mart.loan_performance),
thresholds AS (SELECT UNNEST([30, 60, 90]) AS days_past_due),
loans AS (
  SELECT loan_id,
         CAST(year(granted_on) AS VARCHAR) || '-Q' || CAST(quarter(granted_on) AS VARCHAR) AS cohort,
         (year(last_month.month_on) - year(granted_on)) * 12 + month(last_month.month_on) - month(granted_on) AS age_months
  FROM mart.loans, last_month
  WHERE granted_on <= last_month.month_on
),
first_late AS (
  SELECT loan_id, thresholds.days_past_due, MIN(months_on_book) AS months_on_book
  FROM mart.loan_performance
  JOIN thresholds ON loan_performance.days_past_due >= thresholds.days_past_due
  GROUP BY loan_id, thresholds.days_past_due
),
cohorts AS (
  SELECT cohort, CAST(COUNT(*) AS BIGINT) AS loans, MIN(age_months) AS age_months
  FROM loans
  GROUP BY cohort
),
late AS (
  SELECT loans.cohort, first_late.days_past_due, first_late.months_on_book, CAST(COUNT(*) AS BIGINT) AS late
  FROM first_late JOIN loans USING (loan_id)
  GROUP BY ALL
),
points AS (
  SELECT cohort, loans, thresholds.days_past_due, UNNEST(range(1, age_months + 1)) AS months_on_book
  FROM cohorts, thresholds
)
SELECT points.cohort, points.loans, CAST(points.days_past_due AS BIGINT) AS days_past_due,
       CAST(points.months_on_book AS BIGINT) AS months_on_book,
       CAST(COALESCE(SUM(late.late), 0) AS BIGINT) AS late
FROM points
LEFT JOIN late ON late.cohort = points.cohort AND late.days_past_due = points.days_past_due
  AND late.months_on_book <= points.months_on_book
GROUP BY ALL
ORDER BY 1, 3, 4
