-- One row per answer to a five-point question of one survey by somebody who counts; value NULL is
-- 'not scored'. All are numbers: what is counted next is counted many times.
SELECT q.question, p.person, m.class, a.value
FROM survey_answers AS a
JOIN temp.survey_people AS p USING (respondent_id)
JOIN (SELECT class, unnest(members) AS person FROM temp.survey_classes) AS m USING (person)
JOIN (SELECT DISTINCT question_id, question FROM temp.survey_items) AS q USING (question_id)
WHERE a.survey_id = $survey_id
