-- One row per five-point question and class of one survey: how many of its people gave no score
-- (unscored), how many gave which answer (n0 to n7), and any (answers).
SELECT question, class,
       count(*) FILTER (said = 1)::INTEGER AS unscored,
       count(*) FILTER (said = 8)::INTEGER AS n0, count(*) FILTER (said = 9)::INTEGER AS n1,
       count(*) FILTER (said = 10)::INTEGER AS n2, count(*) FILTER (said = 11)::INTEGER AS n3,
       count(*) FILTER (said = 12)::INTEGER AS n4, count(*) FILTER (said = 13)::INTEGER AS n5,
       count(*) FILTER (said = 14)::INTEGER AS n6, count(*) FILTER (said = 15)::INTEGER AS n7,
       (n0 + n1 + n2 + n3 + n4 + n5 + n6 + n7)::INTEGER AS answers
FROM (
    SELECT question, class, ((packed >> (4 * position)) & 15)::UTINYINT AS said
    FROM temp.survey_answered
    JOIN (SELECT DISTINCT question, page, position FROM temp.survey_items) USING (page)
)
GROUP BY question, class
