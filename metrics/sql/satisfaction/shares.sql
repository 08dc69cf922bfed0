-- One row per township with scored answers to an item: Σw of answers 3-5, and of all.
SELECT c.township_code,
       coalesce(sum(c.sw) FILTER (c.value >= 3), 0) AS rated_3_5,
       sum(c.sw) AS rated
FROM survey_counts AS c
JOIN survey_questions AS q USING (survey_id, question_id)
WHERE c.survey_id = $survey_id AND c.value IS NOT NULL
  AND $item IN (q.question_id, q.index_code, 'pair:' || q.pair_dim)
GROUP BY c.township_code
ORDER BY c.township_code
