-- One row: the way of scoring that a county has adopted for the year of one survey.
SELECT coalesce(max_by(points, from_year), 'mean') AS points
FROM survey_scoring
WHERE county_code = $county
  AND from_year <= (SELECT year(start_on) FROM survey_meta WHERE survey_id = $survey_id)
