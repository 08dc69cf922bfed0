-- One row per township and PSU of temp.survey_people, numbered in their order; points: of the
-- answers 1 to 5, as the county has decided.
SELECT row_number() OVER (ORDER BY township_code, psu)::INTEGER AS place, township_code, psu,
       answer_points(way) AS points
FROM (SELECT DISTINCT township_code, psu FROM temp.survey_people)
LEFT JOIN townships USING (township_code)
LEFT JOIN temp.survey_decided USING (county_code)
