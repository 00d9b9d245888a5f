-- Cumulative share of a cohort's loans that were ever 90 days past due, by months on book.
-- A cohort shows only the months that its youngest loan has reached by the last reported month: later points would
-- count loans that had no chance to default yet.
WITH last_month AS (SELECT MAX(month_on) AS month_on FROM mart.loan_performance),
loans AS (
  SELECT loan_id,
         CAST(year(granted_on) AS VARCHAR) || '-Q' || CAST(quarter(granted_on) AS VARCHAR) AS cohort,
         (year(last_month.month_on) - year(granted_on)) * 12 + month(last_month.month_on) - month(granted_on) AS age_months
  FROM mart.loans, last_month
  WHERE granted_on <= last_month.month_on
),
first_default AS (
  SELECT loan_id, MIN(months_on_book) AS months_on_book
  FROM mart.loan_performance
  WHERE days_past_due >= 90
  GROUP BY loan_id
),
cohorts AS (
  SELECT cohort, CAST(COUNT(*) AS BIGINT) AS loans, MIN(age_months) AS age_months
  FROM loans
  GROUP BY cohort
),
points AS (
  SELECT cohort, loans, UNNEST(range(1, age_months + 1)) AS months_on_book
  FROM cohorts
)
SELECT points.cohort, points.loans, CAST(points.months_on_book AS BIGINT) AS months_on_book,
       CAST(COUNT(first_default.loan_id) AS BIGINT) AS defaulted
FROM points
JOIN loans ON loans.cohort = points.cohort
LEFT JOIN first_default ON first_default.loan_id = loans.loan_id AND first_default.months_on_book <= points.months_on_book
GROUP BY points.cohort, points.loans, points.months_on_book
ORDER BY points.cohort, points.months_on_book
