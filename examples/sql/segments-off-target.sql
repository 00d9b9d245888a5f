-- Segments of at least 50 known outcomes, those first where predicted and observed default lie furthest apart.
SELECT dimension, segment, labelled, mean_pd, CAST(defaults AS FLOAT8) / labelled AS default_rate,
       ABS(mean_pd - CAST(defaults AS FLOAT8) / labelled) AS distance
FROM marts.segments
WHERE labelled >= 50
ORDER BY distance DESC, dimension, segment;
