-- Share of each cohort's loans ever 90 days late within twelve months of granting; cohorts that are younger have no row.
SELECT cohort, loans, defaulted, CAST(defaulted AS FLOAT8) / loans AS default_share
FROM marts.vintages
WHERE months_on_book = 12
ORDER BY cohort;
