-- One row per item of one survey that has answers: indices first, then questions.
SELECT s.item, q.text_zh, q.text_en, q.index_code, sum(s.n)::BIGINT AS n
FROM survey_sums AS s
LEFT JOIN survey_questions AS q ON q.survey_id = s.survey_id AND q.question_id = s.item
WHERE s.survey_id = $survey_id AND s.item NOT LIKE 'pair:%'
GROUP BY ALL
ORDER BY text_zh IS NOT NULL, item
