-- One row per scored question, township and answer of one survey; value NULL is 'not scored'.
WITH counted AS (
    SELECT question, township_code,
           [sum(unscored), sum(n0), sum(n1), sum(n2), sum(n3), sum(n4), sum(n5), sum(n6), sum(n7)]
               AS people,
           [sum(unscored * w), sum(n0 * w), sum(n1 * w), sum(n2 * w), sum(n3 * w), sum(n4 * w),
            sum(n5 * w), sum(n6 * w), sum(n7 * w)] AS weights
    FROM temp.survey_cells
    JOIN temp.survey_classes USING (class)
    JOIN temp.survey_places USING (place)
    GROUP BY question, township_code
),
listed AS (
    SELECT question, township_code, unnest([NULL, 0, 1, 2, 3, 4, 5, 6, 7])::INTEGER AS value,
           unnest(people)::BIGINT AS n, unnest(weights) AS sw
    FROM counted
)
SELECT $survey_id AS survey_id, question_id, township_code, value, n, sw
FROM listed
JOIN (SELECT DISTINCT question_id, question FROM temp.survey_items) USING (question)
WHERE n > 0
ORDER BY question_id, township_code, value
