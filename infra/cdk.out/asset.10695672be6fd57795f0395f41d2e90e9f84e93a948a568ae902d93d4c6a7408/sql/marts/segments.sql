-- The book split by each dimension of the portfolio.
SELECT dimension, segment, MIN(position) AS position, ANY_VALUE(lower) AS lower, ANY_VALUE(upper) AS upper,
       CAST(COUNT(*) AS BIGINT) AS applications,
       AVG(pd) AS mean_pd,
       CAST(COUNT(defaulted) AS BIGINT) AS labelled,
       CAST(COALESCE(SUM(defaulted), 0) AS BIGINT) AS defaults
FROM mart.segment_members
JOIN mart.book USING (application_id)
GROUP BY dimension, segment
ORDER BY dimension, position, segment
