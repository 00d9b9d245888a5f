-- What the credit policy says to each application of the book.
SELECT outcome, CAST(COUNT(*) AS BIGINT) AS applications
FROM mart.book
GROUP BY outcome
ORDER BY applications DESC, outcome
