-- One row per item and class of one survey: how many answers of 1, 2, 3, 4 and 5 its people gave.
SELECT item_number, class,
       coalesce(sum(n) FILTER (value = 1), 0)::INTEGER AS n1,
       coalesce(sum(n) FILTER (value = 2), 0)::INTEGER AS n2,
       coalesce(sum(n) FILTER (value = 3), 0)::INTEGER AS n3,
       coalesce(sum(n) FILTER (value = 4), 0)::INTEGER AS n4,
       coalesce(sum(n) FILTER (value = 5), 0)::INTEGER AS n5,
       sum(n)::INTEGER AS answers
FROM temp.survey_cells
JOIN temp.survey_items USING (question)
WHERE value IS NOT NULL
GROUP BY item_number, class
