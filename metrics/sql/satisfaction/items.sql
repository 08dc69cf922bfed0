-- One row per item of one survey that has answers: indices first, then questions.
SELECT s.item, any_value(q.text_zh) AS text_zh, any_value(q.text_en) AS text_en,
       sum(s.n)::BIGINT AS n
FROM survey_sums AS s
LEFT JOIN survey_questions AS q ON q.survey_id = s.survey_id AND q.question_id = s.item
WHERE s.survey_id = $survey_id AND s.item NOT LIKE 'pair:%'
GROUP BY s.item
ORDER BY any_value(q.text_zh) IS NOT NULL, s.item
