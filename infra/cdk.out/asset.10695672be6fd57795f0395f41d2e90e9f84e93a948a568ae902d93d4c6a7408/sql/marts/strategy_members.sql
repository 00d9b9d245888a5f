-- Segment of each application by dimension, in the order of the strategy mart.
SELECT dimension, place, position, segment, lower, upper
FROM mart.segment_members
JOIN mart.strategy USING (application_id)
ORDER BY dimension, place
