-- One row per item and PSU of one survey; an item is a question, an index (S1…) or pair:<block>.
-- A respondent without a village is a PSU of their own; strata are townships.
WITH summed AS (
    SELECT item_number, place,
           sum(n * w) AS sw,
           coalesce(sum(n * w) FILTER (value = 1), 0) AS sw1,
           coalesce(sum(n * w) FILTER (value = 2), 0) AS sw2,
           coalesce(sum(n * w) FILTER (value = 3), 0) AS sw3,
           coalesce(sum(n * w) FILTER (value = 4), 0) AS sw4,
           coalesce(sum(n * w) FILTER (value = 5), 0) AS sw5
    FROM temp.survey_cells
    JOIN temp.survey_items USING (question)
    JOIN temp.survey_classes USING (class)
    WHERE value IS NOT NULL
    GROUP BY ALL
),
counted AS (
    SELECT item_number, place, sum(people)::BIGINT AS n
    FROM temp.survey_persons
    JOIN temp.survey_classes USING (class)
    GROUP BY ALL
)
SELECT $survey_id AS survey_id, item, township_code, township_code AS stratum, psu,
       n, sw, sw1 * p1 + sw2 * p2 + sw3 * p3 + sw4 * p4 + sw5 * p5 AS swy,
       sw1 * p1 * p1 + sw2 * p2 * p2 + sw3 * p3 * p3 + sw4 * p4 * p4 + sw5 * p5 * p5 AS swyy,
       sw1, sw2, sw3, sw4, sw5
-- Numbers are sorted before they get their names: that takes half as long.
FROM (SELECT * FROM summed JOIN counted USING (item_number, place) ORDER BY item_number, place)
JOIN (SELECT DISTINCT item, item_number FROM temp.survey_items) USING (item_number)
JOIN temp.survey_places USING (place)
