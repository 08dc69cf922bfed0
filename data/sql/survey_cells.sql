-- One row per five-point question, class and answer of one survey: how many people gave it; value
-- NULL is 'not scored'.
WITH counted AS (
    SELECT question, class, (packed >> (4 * position)) & 15 AS said, count(*)::INTEGER AS n
    FROM temp.survey_answered
    JOIN (SELECT DISTINCT question, page, position FROM temp.survey_items) USING (page)
    GROUP BY ALL
)
SELECT question, class, CASE WHEN said >= 8 THEN said - 8 END::INTEGER AS value, n
FROM counted
WHERE said > 0
