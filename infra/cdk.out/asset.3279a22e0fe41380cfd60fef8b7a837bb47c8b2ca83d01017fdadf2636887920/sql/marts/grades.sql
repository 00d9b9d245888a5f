-- By grade: how many, predicted against observed default, money at stake.
SELECT grade,
       CAST(COUNT(*) AS BIGINT) AS applications,
       AVG(pd) AS mean_pd,
       CAST(COUNT(defaulted) AS BIGINT) AS labelled,
       CAST(COALESCE(SUM(defaulted), 0) AS BIGINT) AS defaults,
       CAST(SUM(amount_minor) AS BIGINT) AS amount_minor,
       CAST(ROUND(SUM(pd * amount_minor) * ANY_VALUE(lgd)) AS BIGINT) AS expected_loss_minor
FROM mart.book
GROUP BY grade
ORDER BY MIN(pd), grade
