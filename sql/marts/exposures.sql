-- One row a loan that owes something at the last reported month, with its days past due at each month end so far, oldest first.
WITH last_month AS (SELECT MAX(month_on) AS month_on FROM mart.loan_performance),
histories AS (
  SELECT loan_id, string_agg(CAST(days_past_due AS VARCHAR), ',' ORDER BY month_on) AS days_past_due_history
  FROM mart.loan_performance
  GROUP BY loan_id
)
SELECT performance.loan_id, strftime(performance.month_on, '%Y-%m') AS month, performance.balance_minor,
       performance.days_past_due, histories.days_past_due_history,
       CAST(GREATEST(loans.term_months - performance.months_on_book, 0) AS BIGINT) AS remaining_months,
       COALESCE(loans.annual_rate, 0) AS annual_rate, strategy.pd AS origination_pd, scores.grade
FROM mart.loan_performance AS performance
JOIN last_month ON performance.month_on = last_month.month_on
JOIN mart.loans AS loans ON loans.loan_id = performance.loan_id
JOIN histories ON histories.loan_id = performance.loan_id
LEFT JOIN mart.strategy AS strategy ON strategy.application_id = loans.application_id
LEFT JOIN mart.scores AS scores ON scores.application_id = loans.application_id
WHERE performance.balance_minor > 0 AND performance.days_past_due < 180
ORDER BY performance.loan_id
