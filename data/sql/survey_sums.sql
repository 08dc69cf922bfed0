-- One row per item and PSU of one survey; an item is a question, an index (S1…) or pair:<block>.
-- A respondent without a village is a PSU of their own; strata are townships.
WITH scored AS (
    SELECT q.question_id, q.index_code, q.pair_dim, r.respondent_id, r.township_code,
           coalesce(r.community_code, 'respondent:' || r.respondent_id) AS psu,
           coalesce(r.weight, 1.0) AS w,
           sat100(a.value) AS y, a.value
    FROM survey_answers AS a
    JOIN survey_questions AS q USING (survey_id, question_id)
    JOIN survey_respondents AS r USING (survey_id, respondent_id)
    ANTI JOIN (SELECT * FROM survey_set_aside WHERE set_aside) USING (survey_id, respondent_id)
    WHERE a.survey_id = $survey_id AND q.answer_type = 'sat5' AND a.value IS NOT NULL
),
items AS (
    SELECT question_id AS item, * EXCLUDE (question_id, index_code, pair_dim) FROM scored
    UNION ALL
    SELECT index_code, * EXCLUDE (question_id, index_code, pair_dim) FROM scored
    WHERE index_code IS NOT NULL
    UNION ALL
    SELECT 'pair:' || pair_dim, * EXCLUDE (question_id, index_code, pair_dim) FROM scored
    WHERE pair_dim IS NOT NULL
)
SELECT $survey_id AS survey_id, item, township_code, township_code AS stratum, psu,
       count(DISTINCT respondent_id) AS n,
       sum(w) AS sw, sum(w * y) AS swy, sum(w * y * y) AS swyy,
       coalesce(sum(w) FILTER (value = 1), 0) AS sw1,
       coalesce(sum(w) FILTER (value = 2), 0) AS sw2,
       coalesce(sum(w) FILTER (value = 3), 0) AS sw3,
       coalesce(sum(w) FILTER (value = 4), 0) AS sw4,
       coalesce(sum(w) FILTER (value = 5), 0) AS sw5
FROM items
GROUP BY item, township_code, psu
ORDER BY item, township_code, psu
