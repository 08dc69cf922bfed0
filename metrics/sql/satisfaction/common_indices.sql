-- One row per index that both waves have answers to.
SELECT DISTINCT index_code AS item
FROM survey_questions
WHERE survey_id = $survey_id AND index_code IS NOT NULL
  AND index_code IN (SELECT item FROM survey_sums WHERE survey_id = $survey_id)
  AND index_code IN (SELECT item FROM survey_sums WHERE survey_id = $since)
ORDER BY item
