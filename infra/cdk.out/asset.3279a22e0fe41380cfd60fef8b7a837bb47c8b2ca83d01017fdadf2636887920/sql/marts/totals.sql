-- The whole book in one row.
SELECT CAST(COUNT(*) AS BIGINT) AS applications,
       CAST(COUNT(DISTINCT borrower_id) AS BIGINT) AS borrowers,
       CAST(COUNT(defaulted) AS BIGINT) AS labelled,
       CAST(COALESCE(SUM(defaulted), 0) AS BIGINT) AS defaults,
       AVG(pd) AS mean_pd,
       AVG(score) AS mean_score,
       AVG(CASE WHEN defaulted IS NOT NULL THEN pd END) AS mean_pd_labelled,
       CAST(SUM(amount_minor) AS BIGINT) AS amount_minor,
       CAST(SUM(CASE WHEN granted THEN amount_minor END) AS BIGINT) AS granted_amount_minor,
       CAST(ROUND(SUM(CASE WHEN granted THEN pd * amount_minor END) * ANY_VALUE(lgd)) AS BIGINT) AS expected_loss_minor,
       (SELECT CAST(SUM(balance_minor) AS BIGINT) FROM mart.loan_performance
         WHERE month_on = (SELECT MAX(month_on) FROM mart.loan_performance)) AS outstanding_minor,
       (SELECT CAST(SUM(CASE WHEN days_past_due >= 30 THEN balance_minor ELSE 0 END) AS BIGINT) FROM mart.loan_performance
         WHERE month_on = (SELECT MAX(month_on) FROM mart.loan_performance)) AS overdue_minor
FROM mart.book
