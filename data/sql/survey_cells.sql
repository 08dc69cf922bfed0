-- One row per five-point question, class and answer of one survey: how many people gave it.
SELECT a.question_id, m.class, a.value, count(*) AS n
FROM survey_answers AS a
JOIN temp.survey_members AS m USING (respondent_id)
WHERE a.survey_id = $survey_id
  AND a.question_id IN (SELECT question_id FROM temp.survey_items)
GROUP BY ALL
