-- One row a scored loan application: the list the Applicants page searches.
SELECT application_id, borrower_id, applied_at, amount_minor, term_months, margin, pd, score, grade, outcome,
       reason_1, defaulted, model_version, estimator, source_row
FROM mart.book
ORDER BY applied_at DESC NULLS LAST, application_id
