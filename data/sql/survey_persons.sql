-- One row per item and class of one survey: how many people gave it a score.
-- One who answered several questions of an index is one person.
SELECT i.item, c.class, sum(c.n)::BIGINT AS people
FROM temp.survey_cells AS c
JOIN temp.survey_items AS i USING (question_id)
WHERE NOT i.pooled AND c.value IS NOT NULL
GROUP BY ALL
UNION ALL
SELECT i.item, m.class, count(DISTINCT a.respondent_id)
FROM survey_answers AS a
JOIN temp.survey_items AS i USING (question_id)
JOIN temp.survey_members AS m USING (respondent_id)
WHERE a.survey_id = $survey_id AND i.pooled AND a.value IS NOT NULL
GROUP BY ALL
