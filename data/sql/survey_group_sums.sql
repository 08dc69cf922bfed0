-- One row per item, group of people and PSU of one survey; an item is a question or an index (S1…).
-- Who did not say is in the group '' of a dimension: its groups add up to all respondents.
WITH shown AS (
    SELECT DISTINCT item_number FROM temp.survey_items WHERE item NOT LIKE 'pair:%'
),
by_points AS (
    SELECT item_number, people, place, w, age_band, sex, residence_type, has_disability, answers,
           n1 * p1 + n2 * p2 + n3 * p3 + n4 * p4 + n5 * p5 AS y,
           n1 * p1 * p1 + n2 * p2 * p2 + n3 * p3 * p3 + n4 * p4 * p4 + n5 * p5 * p5 AS yy
    FROM temp.survey_by_item
    JOIN shown USING (item_number)
    JOIN temp.survey_classes USING (class)
    JOIN temp.survey_places USING (place)
),
grouped AS (
    SELECT item_number, place, age_band, sex, residence_type, has_disability,
           GROUPING(age_band, sex, residence_type, has_disability) AS others,
           sum(people)::BIGINT AS n, sum(answers * w) AS sw, sum(y * w) AS swy, sum(yy * w) AS swyy
    FROM by_points
    GROUP BY GROUPING SETS (
        (item_number, place, age_band), (item_number, place, sex),
        (item_number, place, residence_type), (item_number, place, has_disability)
    )
)
SELECT $survey_id AS survey_id, item,
       CASE others WHEN 7 THEN 'age_band' WHEN 11 THEN 'sex' WHEN 13 THEN 'residence_type'
           ELSE 'has_disability' END AS dimension,
       coalesce(age_band, sex, residence_type, has_disability::VARCHAR, '') AS level,
       township_code, psu, n, sw, swy, swyy
-- Numbers are sorted before they get their names: that takes half as long.
FROM (SELECT * FROM grouped ORDER BY item_number, others, place)
JOIN (SELECT DISTINCT item, item_number FROM temp.survey_items) USING (item_number)
JOIN temp.survey_places USING (place)
