-- One row a scored application, safest first: what the Strategy page recomputes over.
SELECT place, application_id, pd, amount_minor, defaulted, outcome, interest_share
FROM mart.strategy
ORDER BY place
