-- Expected loss from the worst grade upwards, and what share of the whole it makes so far.
SELECT grade, expected_loss_minor,
       CAST(SUM(expected_loss_minor) OVER (ORDER BY mean_pd DESC, grade ROWS UNBOUNDED PRECEDING) AS FLOAT8)
         / NULLIF(SUM(expected_loss_minor) OVER (), 0) AS share_so_far
FROM marts.grades
ORDER BY mean_pd DESC, grade;
