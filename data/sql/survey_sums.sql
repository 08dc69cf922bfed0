-- One row per item and PSU of one survey; an item is a question, an index (S1…) or pair:<block>.
-- A respondent without a village is a PSU of their own; strata are townships.
WITH summed AS (
    SELECT i.item, k.township_code, k.psu,
           sum(c.n * k.w) AS sw,
           sum(c.n * k.w * sat100(c.value)) AS swy,
           sum(c.n * k.w * sat100(c.value) ** 2) AS swyy,
           coalesce(sum(c.n * k.w) FILTER (c.value = 1), 0) AS sw1,
           coalesce(sum(c.n * k.w) FILTER (c.value = 2), 0) AS sw2,
           coalesce(sum(c.n * k.w) FILTER (c.value = 3), 0) AS sw3,
           coalesce(sum(c.n * k.w) FILTER (c.value = 4), 0) AS sw4,
           coalesce(sum(c.n * k.w) FILTER (c.value = 5), 0) AS sw5
    FROM temp.survey_cells AS c
    JOIN temp.survey_items AS i USING (question_id)
    JOIN temp.survey_classes AS k USING (class)
    WHERE c.value IS NOT NULL
    GROUP BY ALL
),
counted AS (
    SELECT p.item, k.township_code, k.psu, sum(p.people)::BIGINT AS n
    FROM temp.survey_persons AS p
    JOIN temp.survey_classes AS k USING (class)
    GROUP BY ALL
)
SELECT $survey_id AS survey_id, item, township_code, township_code AS stratum, psu,
       n, sw, swy, swyy, sw1, sw2, sw3, sw4, sw5
FROM summed
JOIN counted USING (item, township_code, psu)
ORDER BY item, township_code, psu
