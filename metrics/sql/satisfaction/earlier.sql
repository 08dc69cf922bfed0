-- One row per earlier survey of the same audience with the item, the newest first.
SELECT m.survey_id, m.title_zh, m.title_en, m.start_on, m.end_on
FROM survey_meta AS m
JOIN survey_meta AS now ON now.survey_id = $survey_id
WHERE m.survey_id <> $survey_id AND m.audience = now.audience AND m.start_on < now.start_on
  AND EXISTS (SELECT 1 FROM survey_sums AS s WHERE s.survey_id = m.survey_id AND s.item = $item)
ORDER BY m.start_on DESC, m.survey_id
