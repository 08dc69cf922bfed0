-- One row per scored question that an item stands for: itself, or those an index or block pools.
SELECT question_id
FROM survey_questions
WHERE survey_id = $survey_id AND answer_type = 'sat5'
  AND $item IN (question_id, index_code, 'pair:' || pair_dim)
ORDER BY question_id
