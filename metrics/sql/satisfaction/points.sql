-- One row per scored answer of one survey in the scope; questionnaires set aside are left out.
SELECT r.respondent_id, coalesce(r.weight, 1.0) AS weight, q.question_id, q.index_code,
       answer_points($way)[a.value] AS y
FROM survey_answers AS a
JOIN survey_questions AS q USING (survey_id, question_id)
JOIN survey_respondents AS r USING (survey_id, respondent_id)
ANTI JOIN (SELECT * FROM survey_set_aside WHERE set_aside) USING (survey_id, respondent_id)
JOIN townships AS t USING (township_code)
WHERE a.survey_id = $survey_id AND q.answer_type = 'sat5' AND a.value IS NOT NULL
  AND ($county IS NULL OR t.county_code = $county)
  AND ($township IS NULL OR t.township_code = $township)
  AND ($unit_type IS NULL OR t.unit_type = $unit_type)
