-- One row per item (question, index, block) and township of one survey in the county: people behind it.
SELECT s.item, s.township_code AS unit_code, t.county_code, t.unit_type, sum(s.n)::BIGINT AS n
FROM survey_sums AS s
JOIN townships AS t USING (township_code)
WHERE s.survey_id = $survey_id AND ($county IS NULL OR t.county_code = $county)
GROUP BY ALL
ORDER BY ALL
