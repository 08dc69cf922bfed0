-- One row per township and PSU of temp.survey_people, numbered in their order; p1 to p5: the points
-- of the answers 1 to 5, as the county has decided.
WITH decided AS (
    SELECT township_code, psu, answer_points(way) AS points
    FROM (SELECT DISTINCT township_code, psu FROM temp.survey_people)
    LEFT JOIN townships USING (township_code)
    LEFT JOIN temp.survey_decided USING (county_code)
)
SELECT row_number() OVER (ORDER BY township_code, psu)::INTEGER AS place, township_code, psu,
       points[1] AS p1, points[2] AS p2, points[3] AS p3, points[4] AS p4, points[5] AS p5
FROM decided
