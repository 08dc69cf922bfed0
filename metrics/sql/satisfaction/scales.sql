-- One row per county of a place: its newest decision on the way of scoring that reaches a year, or none.
SELECT t.county_code, d.points, d.from_year, d.decided_by, d.reason
FROM (
    SELECT DISTINCT county_code
    FROM townships
    WHERE ($county IS NULL OR county_code = $county)
      AND ($township IS NULL OR township_code = $township)
) AS t
LEFT JOIN (
    SELECT * FROM survey_scoring
    WHERE $year IS NULL OR from_year <= $year
    QUALIFY row_number() OVER (PARTITION BY county_code ORDER BY from_year DESC) = 1
) AS d USING (county_code)
ORDER BY t.county_code
