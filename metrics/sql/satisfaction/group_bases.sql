-- One row per item of $items, grouping, group and township of one survey in the county: its people.
SELECT g.item, g.dimension, g.level, g.township_code AS unit_code, t.county_code, t.unit_type,
       sum(g.n)::BIGINT AS n
FROM survey_group_sums AS g
JOIN townships AS t USING (township_code)
WHERE g.survey_id = $survey_id AND list_contains($items, g.item)
  AND ($county IS NULL OR t.county_code = $county)
GROUP BY ALL
ORDER BY ALL
