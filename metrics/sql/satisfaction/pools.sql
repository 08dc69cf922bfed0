-- One row per five-point question of one survey and name under which it is pooled with others.
SELECT question_id, unnest(list_filter([index_code, 'pair:' || pair_dim], lambda name: name IS NOT NULL)) AS item
FROM survey_questions
WHERE survey_id = $survey_id AND answer_type = 'sat5'
ORDER BY ALL
