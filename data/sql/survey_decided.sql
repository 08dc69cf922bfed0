-- One row per county with a decision on the way of scoring that reaches the survey's year.
SELECT county_code, max_by(points, from_year) AS way
FROM survey_scoring
WHERE from_year <= $year
GROUP BY county_code
