-- One row per item and class of one survey: how many people gave it a score.
-- One who answered several questions of an index is one person.
WITH pooled AS (
    SELECT item_number, page, paged, bit_or(8::BIGINT << (4 * position)) AS scored
    FROM temp.survey_items
    WHERE pooled
    GROUP BY ALL
)
SELECT item_number, class, sum(n)::INTEGER AS people
FROM temp.survey_cells
JOIN temp.survey_items USING (question)
WHERE NOT pooled AND value IS NOT NULL
GROUP BY ALL
UNION ALL
SELECT item_number, class, count(*)::INTEGER
FROM temp.survey_answered
JOIN pooled USING (page)
WHERE NOT paged AND (packed & scored) <> 0
GROUP BY ALL
UNION ALL
SELECT item_number, class, count(DISTINCT respondent_id)::INTEGER
FROM temp.survey_answered
JOIN pooled USING (page)
WHERE paged AND (packed & scored) <> 0
GROUP BY item_number, class
