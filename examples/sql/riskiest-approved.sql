-- Approved applications with the highest pd.
SELECT application_id, applied_at, pd, score, grade, reason_1, amount_minor
FROM marts.applicants
WHERE outcome = 'approved'
ORDER BY pd DESC, application_id
LIMIT 20;
