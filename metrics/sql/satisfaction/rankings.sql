-- One row per option that a respondent placed in one ranking question, whatever the scope;
-- questionnaires set aside are left out.
SELECT c.respondent_id, c.option, c.place, coalesce(r.weight, 1.0) AS weight,
       r.township_code AS unit_code
FROM survey_rankings AS c
JOIN survey_respondents AS r USING (survey_id, respondent_id)
ANTI JOIN (SELECT * FROM survey_set_aside WHERE set_aside) USING (survey_id, respondent_id)
WHERE c.survey_id = $survey_id AND c.question_id = $question_id
ORDER BY c.respondent_id, c.place, c.option
