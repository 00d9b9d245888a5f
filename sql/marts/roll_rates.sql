-- From state to state between one month end and the next, by month. A loan without a report in the very next month has no transition;
-- nothing follows a final state.
WITH states AS (
  SELECT loan_id, month_on, balance_minor,
         CASE WHEN balance_minor <= 0 THEN 'paid'
              WHEN days_past_due >= 180 THEN 'charged_off'
              WHEN days_past_due >= 90 THEN '90+'
              WHEN days_past_due >= 60 THEN '60-89'
              WHEN days_past_due >= 30 THEN '30-59'
              WHEN days_past_due > 0 THEN '1-29'
              ELSE 'current' END AS state
  FROM mart.loan_performance
),
pairs AS (
  SELECT loan_id, month_on, balance_minor, state,
         lead(state) OVER (PARTITION BY loan_id ORDER BY month_on) AS next_state,
         lead(month_on) OVER (PARTITION BY loan_id ORDER BY month_on) AS next_on
  FROM states
)
SELECT strftime(month_on, '%Y-%m') AS month, state AS from_state, next_state AS to_state,
       CAST(COUNT(*) AS BIGINT) AS loans, CAST(SUM(balance_minor) AS BIGINT) AS balance_minor
FROM pairs
WHERE next_state IS NOT NULL
  AND state NOT IN ('paid', 'charged_off')
  AND (year(next_on) - year(month_on)) * 12 + month(next_on) - month(month_on) = 1
GROUP BY ALL
ORDER BY month, from_state, to_state
