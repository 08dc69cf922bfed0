-- One row per item, group of people and PSU of one survey; an item is a question or an index (S1…).
-- Who did not say is in the group '' of a dimension: its groups add up to all respondents.
WITH by_class AS (
    SELECT i.item, c.class, sum(c.n) AS answers,
           sum(c.n * sat100(c.value)) AS y, sum(c.n * sat100(c.value) ** 2) AS yy
    FROM temp.survey_cells AS c
    JOIN temp.survey_items AS i USING (question_id)
    WHERE c.value IS NOT NULL AND i.item NOT LIKE 'pair:%'
    GROUP BY ALL
),
grouped AS (
    SELECT item, k.township_code, k.psu, p.people, b.answers * k.w AS w, b.y * k.w AS wy,
           b.yy * k.w AS wyy,
           unnest([
               {'dimension': 'age_band', 'level': k.age_band},
               {'dimension': 'sex', 'level': k.sex},
               {'dimension': 'residence_type', 'level': k.residence_type},
               {'dimension': 'has_disability', 'level': k.has_disability::VARCHAR}
           ], recursive := true)
    FROM by_class AS b
    JOIN temp.survey_persons AS p USING (item, class)
    JOIN temp.survey_classes AS k USING (class)
)
SELECT $survey_id AS survey_id, item, dimension, coalesce(level, '') AS level, township_code, psu,
       sum(people)::BIGINT AS n, sum(w) AS sw, sum(wy) AS swy, sum(wyy) AS swyy
FROM grouped
GROUP BY ALL
ORDER BY item, dimension, level, township_code, psu
