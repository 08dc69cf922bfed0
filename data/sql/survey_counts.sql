-- One row per scored question, township and answer of one survey; value NULL is 'not scored'.
SELECT $survey_id AS survey_id, a.question_id, r.township_code, a.value,
       count(*) AS n, sum(coalesce(r.weight, 1.0)) AS sw
FROM survey_answers AS a
JOIN survey_questions AS q USING (survey_id, question_id)
JOIN survey_respondents AS r USING (survey_id, respondent_id)
ANTI JOIN (SELECT * FROM survey_set_aside WHERE set_aside) USING (survey_id, respondent_id)
WHERE a.survey_id = $survey_id AND q.answer_type = 'sat5'
GROUP BY a.question_id, r.township_code, a.value
ORDER BY a.question_id, r.township_code, a.value
