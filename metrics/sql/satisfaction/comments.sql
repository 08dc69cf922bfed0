-- One row per comment of one survey in the county; questionnaires set aside are left out.
SELECT c.question_id, c.respondent_id, c.comment, t.county_code
FROM survey_comments AS c
JOIN survey_respondents AS r USING (survey_id, respondent_id)
JOIN townships AS t USING (township_code)
ANTI JOIN (SELECT * FROM survey_set_aside WHERE set_aside) USING (survey_id, respondent_id)
WHERE c.survey_id = $survey_id AND c.question_id = $question_id
  AND ($county IS NULL OR t.county_code = $county)
ORDER BY c.respondent_id
