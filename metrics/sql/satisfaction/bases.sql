-- One row per scored question and township of the county, all of it: the base rule looks beyond
-- the part that is shown.
SELECT c.question_id, t.township_code AS unit_code, t.county_code, t.unit_type, sum(c.n) AS n
FROM survey_counts AS c
JOIN townships AS t USING (township_code)
WHERE c.survey_id = $survey_id AND c.value IS NOT NULL
  AND ($county IS NULL OR t.county_code = $county)
GROUP BY ALL
ORDER BY ALL
