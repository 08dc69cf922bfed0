-- One row per item and class of one survey with a score: how many answers of 1, 2, 3, 4 and 5 its
-- people gave, how many scores there are, and of how many people.
-- One who answered several questions of an index is one person.
WITH pooled AS (
    SELECT item_number, page, paged, bit_or(8::BIGINT << (4 * position)) AS scored
    FROM temp.survey_items
    WHERE pooled
    GROUP BY ALL
),
persons AS (
    SELECT item_number, class, count(*)::INTEGER AS people
    FROM temp.survey_answered
    JOIN pooled USING (page)
    WHERE NOT paged AND (packed & scored) <> 0
    GROUP BY item_number, class
    UNION ALL
    SELECT item_number, class, count(DISTINCT respondent_id)::INTEGER
    FROM temp.survey_answered
    JOIN pooled USING (page)
    WHERE paged AND (packed & scored) <> 0
    GROUP BY item_number, class
)
SELECT item_number, class, n1, n2, n3, n4, n5, answers, answers AS people
FROM temp.survey_cells
JOIN temp.survey_items USING (question)
WHERE NOT pooled AND answers > 0
UNION ALL
SELECT item_number, class, sum(n1)::INTEGER, sum(n2)::INTEGER, sum(n3)::INTEGER, sum(n4)::INTEGER,
       sum(n5)::INTEGER, sum(answers)::INTEGER, any_value(people)
FROM temp.survey_cells
JOIN temp.survey_items USING (question)
JOIN persons USING (item_number, class)
GROUP BY item_number, class
