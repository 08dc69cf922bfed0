-- One row per survey that started in the year.
SELECT survey_id
FROM survey_meta
WHERE year(start_on) = $year
ORDER BY survey_id
