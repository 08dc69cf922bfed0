-- One row per scored question, township and answer of one survey; value NULL is 'not scored'.
SELECT $survey_id AS survey_id, c.question_id, k.township_code, c.value,
       sum(c.n)::BIGINT AS n, sum(c.n * k.w) AS sw
FROM temp.survey_cells AS c
JOIN temp.survey_classes AS k USING (class)
GROUP BY c.question_id, k.township_code, c.value
ORDER BY c.question_id, k.township_code, c.value
