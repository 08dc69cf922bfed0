-- One row: the year in which a survey started; none without such a survey.
SELECT year(start_on) AS year
FROM survey_meta
WHERE survey_id = $survey_id
