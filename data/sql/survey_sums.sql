-- One row per item and PSU of one survey; an item is a question, an index (S1…) or pair:<block>.
-- A respondent without a village is a PSU of their own; strata are townships.
WITH summed AS (
    SELECT item_number, place, sum(people)::BIGINT AS n, sum(answers * w) AS sw,
           sum(n1 * w) AS sw1, sum(n2 * w) AS sw2, sum(n3 * w) AS sw3, sum(n4 * w) AS sw4,
           sum(n5 * w) AS sw5
    FROM temp.survey_by_item
    JOIN temp.survey_classes USING (class)
    GROUP BY item_number, place
)
SELECT $survey_id AS survey_id, item, township_code, township_code AS stratum, psu,
       n, sw, sw1 * p1 + sw2 * p2 + sw3 * p3 + sw4 * p4 + sw5 * p5 AS swy,
       sw1 * p1 * p1 + sw2 * p2 * p2 + sw3 * p3 * p3 + sw4 * p4 * p4 + sw5 * p5 * p5 AS swyy,
       sw1, sw2, sw3, sw4, sw5
-- Numbers are sorted before they get their names: that takes half as long.
FROM (SELECT * FROM summed ORDER BY item_number, place)
JOIN (SELECT DISTINCT item, item_number FROM temp.survey_items) USING (item_number)
JOIN temp.survey_places USING (place)
