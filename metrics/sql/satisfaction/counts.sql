-- One row per scored question of one survey in the scope: answers and weighted sums by score.
SELECT q.question_id, q.text_zh, q.text_en, q.index_code,
       coalesce(sum(c.n) FILTER (c.value IS NOT NULL), 0)::BIGINT AS n,
       coalesce(sum(c.n) FILTER (c.value IS NULL), 0)::BIGINT AS not_scored,
       coalesce(sum(c.sw) FILTER (c.value IS NOT NULL), 0) AS sw,
       coalesce(sum(c.sw) FILTER (c.value = 1), 0) AS sw1,
       coalesce(sum(c.sw) FILTER (c.value = 2), 0) AS sw2,
       coalesce(sum(c.sw) FILTER (c.value = 3), 0) AS sw3,
       coalesce(sum(c.sw) FILTER (c.value = 4), 0) AS sw4,
       coalesce(sum(c.sw) FILTER (c.value = 5), 0) AS sw5
FROM survey_questions AS q
LEFT JOIN (
    SELECT c.* FROM survey_counts AS c
    JOIN townships AS t USING (township_code)
    WHERE ($county IS NULL OR t.county_code = $county)
      AND ($township IS NULL OR t.township_code = $township)
      AND ($unit_type IS NULL OR t.unit_type = $unit_type)
) AS c USING (survey_id, question_id)
WHERE q.survey_id = $survey_id AND q.answer_type = 'sat5'
GROUP BY ALL
ORDER BY q.question_id
