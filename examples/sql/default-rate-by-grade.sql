-- Predicted beside observed default, by grade; outcomes that are not known yet count in neither.
SELECT grade, applications, mean_pd, CAST(defaults AS FLOAT8) / NULLIF(labelled, 0) AS default_rate
FROM marts.grades
ORDER BY mean_pd, grade;
