-- One row per item and class of one survey: how many people gave it a score.
-- One who answered several questions of an index is one person.
SELECT item_number, class, sum(n)::INTEGER AS people
FROM temp.survey_cells
JOIN temp.survey_items USING (question)
WHERE NOT pooled AND value IS NOT NULL
GROUP BY ALL
UNION ALL
SELECT item_number, class, count(*)::INTEGER
FROM (
    SELECT DISTINCT item_number, class, person
    FROM temp.survey_scored
    JOIN temp.survey_items USING (question)
    WHERE pooled AND value IS NOT NULL
)
GROUP BY ALL
