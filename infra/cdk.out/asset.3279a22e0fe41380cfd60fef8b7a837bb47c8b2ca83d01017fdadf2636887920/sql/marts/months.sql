-- By month of application; a book without dates has no rows here.
SELECT strftime(applied_at, '%Y-%m') AS month,
       CAST(COUNT(*) AS BIGINT) AS applications,
       AVG(pd) AS mean_pd,
       CAST(COUNT(defaulted) AS BIGINT) AS labelled,
       CAST(COALESCE(SUM(defaulted), 0) AS BIGINT) AS defaults,
       CAST(SUM(amount_minor) AS BIGINT) AS amount_minor,
       AVG(CASE WHEN outcome = 'approved' THEN 1.0 ELSE 0.0 END) AS approved_share,
       AVG(CASE WHEN outcome = 'declined' THEN 1.0 ELSE 0.0 END) AS declined_share,
       AVG(CASE WHEN outcome = 'referred' THEN 1.0 ELSE 0.0 END) AS referred_share,
       AVG(CASE WHEN outcome = 'counter_offer' THEN 1.0 ELSE 0.0 END) AS counter_offer_share
FROM mart.book
WHERE dated
GROUP BY month
ORDER BY month
