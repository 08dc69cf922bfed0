-- One row per scored question, township and answer of one survey; value NULL is 'not scored'.
SELECT $survey_id AS survey_id, question_id, township_code, value,
       sum(n)::BIGINT AS n, sum(n * w) AS sw
FROM temp.survey_cells
JOIN (SELECT DISTINCT question_id, question FROM temp.survey_items) USING (question)
JOIN temp.survey_classes USING (class)
JOIN temp.survey_places USING (place)
GROUP BY question_id, township_code, value
ORDER BY question_id, township_code, value
