-- One row: the newest decision of a county on the way of scoring that reaches a year; or none.
SELECT points, from_year AS points_from, decided_by AS points_by, reason AS points_reason
FROM survey_scoring
-- The county in view, else the only one there is.
WHERE county_code = (SELECT coalesce($county, CASE WHEN min(county_code) = max(county_code) THEN min(county_code) END)
   FROM townships) AND ($year IS NULL OR from_year <= $year)
ORDER BY from_year DESC
LIMIT 1
