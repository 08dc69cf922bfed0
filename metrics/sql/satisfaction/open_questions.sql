-- One row per open ('text') or ranking question of one survey.
SELECT question_id, answer_type, text_zh, text_en
FROM survey_questions
WHERE survey_id = $survey_id AND answer_type IN ('text', 'ranking')
  AND (question_id IN (SELECT question_id FROM survey_comments WHERE survey_id = $survey_id)
       OR question_id IN (SELECT question_id FROM survey_rankings WHERE survey_id = $survey_id))
ORDER BY answer_type DESC, question_id
