-- Predictions with known outcomes by segment, for discrimination inside it: out of fold where there is such a prediction.
SELECT dimension, segment, COALESCE(out_of_fold.pd, book.pd) AS pd, CAST(book.defaulted AS DOUBLE) AS defaulted,
       out_of_fold.pd IS NOT NULL AS out_of_fold
FROM mart.segment_members
JOIN mart.book USING (application_id)
LEFT JOIN mart.out_of_fold USING (application_id)
WHERE book.defaulted IS NOT NULL
ORDER BY dimension, segment, application_id
