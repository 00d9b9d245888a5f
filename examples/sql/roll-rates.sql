-- Of the balance that is 30 to 59 days late at a month end: where it is at the next.
SELECT month, to_state, loans,
       CAST(balance_minor AS FLOAT8) / NULLIF(SUM(balance_minor) OVER (PARTITION BY month), 0) AS share_of_balance
FROM marts.roll_rates
WHERE from_state = '30-59'
ORDER BY month, to_state;
