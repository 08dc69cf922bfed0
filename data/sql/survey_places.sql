-- One row per township and PSU of temp.survey_people, numbered in their order.
SELECT row_number() OVER (ORDER BY township_code, psu)::INTEGER AS place, township_code, psu
FROM (SELECT DISTINCT township_code, psu FROM temp.survey_people)
