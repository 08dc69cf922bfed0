-- One row: the way of scoring that a county has adopted for the year of one survey.
SELECT coalesce(max_by(points, from_year), 'mean') AS points
FROM survey_scoring
-- The county in view, else the only one there is.
WHERE county_code = (SELECT coalesce($county, CASE WHEN min(county_code) = max(county_code) THEN min(county_code) END)
   FROM townships)
  AND from_year <= (SELECT year(start_on) FROM survey_meta WHERE survey_id = $survey_id)
