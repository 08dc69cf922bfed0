-- One row per PSU, township and group of its newest residents' survey that started in the year.
-- grp: 'all' (a row for every PSU, with 0 where nobody answered), and the groups whose satisfaction
-- is set against it; one person may be in several.
WITH newest AS (
    SELECT DISTINCT s.survey_id, s.township_code
    FROM survey_sums AS s
    JOIN survey_meta AS m USING (survey_id)
    JOIN townships AS t USING (township_code)
    WHERE m.audience = 'resident' AND year(m.start_on) = $year AND s.item = 'S1'
      AND ($county IS NULL OR t.county_code = $county)
    QUALIFY dense_rank() OVER (
        PARTITION BY s.township_code ORDER BY m.start_on DESC, s.survey_id DESC
    ) = 1
),
scored AS (
    SELECT r.township_code, r.respondent_id, r.age_band, r.residence_type, r.has_disability,
           coalesce(r.community_code, 'respondent:' || r.respondent_id) AS psu,
           coalesce(r.weight, 1.0) AS w, answer_points($way)[a.value] AS y
    FROM survey_answers AS a
    JOIN survey_questions AS q USING (survey_id, question_id)
    JOIN survey_respondents AS r USING (survey_id, respondent_id)
    JOIN newest USING (survey_id, township_code)
    ANTI JOIN (SELECT * FROM survey_set_aside WHERE set_aside) USING (survey_id, respondent_id)
    WHERE q.answer_type = 'sat5' AND q.index_code = 'S1' AND a.value IS NOT NULL
),
grouped AS (
    SELECT 'all' AS grp, * FROM scored
    UNION ALL SELECT 'elderly', * FROM scored WHERE age_band = '60+'
    UNION ALL SELECT 'migrant', * FROM scored WHERE residence_type = 'migrant'
    UNION ALL SELECT 'disability', * FROM scored WHERE has_disability
),
summed AS (
    SELECT township_code, psu, grp, count(DISTINCT respondent_id) AS n, sum(w) AS sw,
           sum(w * y) AS swy, sum(w * y ** 2) AS swyy
    FROM grouped
    GROUP BY ALL
)
SELECT township_code AS unit_code, survey_id, township_code || '/' || psu AS psu, grp,
       coalesce(n, 0) AS n, coalesce(sw, 0) AS sw, coalesce(swy, 0) AS swy,
       coalesce(swyy, 0) AS swyy
FROM (
    SELECT survey_id, township_code, psu, unnest(['all', 'elderly', 'migrant', 'disability']) AS grp
    FROM newest
    JOIN survey_psus USING (survey_id, township_code)
)
LEFT JOIN summed USING (township_code, psu, grp)
WHERE grp = 'all' OR n > 0
ORDER BY unit_code, grp, psu
