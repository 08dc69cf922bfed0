-- One row per survey of the year: residents' surveys first, the newest first.
SELECT m.*,
       coalesce(r.respondents, 0)::BIGINT AS respondents,
       coalesce(r.set_aside, 0)::BIGINT AS set_aside,
       coalesce(r.townships, 0) AS townships,
       -- Kish's design effect of unequal weights; 1 where all weigh alike.
       coalesce(r.counted * r.sww / nullif(r.sw ** 2, 0), 1.0) AS weight_effect,
       m.survey_id IN (SELECT survey_id FROM survey_margins) AS has_margins,
       CASE WHEN m.approval_no IS NULL OR trim(m.approval_no) = '' THEN 'unregistered'
            WHEN m.valid_until < m.end_on THEN 'expired'
            ELSE 'registered' END AS approval
FROM survey_meta AS m
LEFT JOIN (
    SELECT survey_id, sum(n) AS respondents, sum(set_aside) AS set_aside,
           sum(n - set_aside) AS counted, sum(sw) AS sw, sum(sww) AS sww,
           count(DISTINCT township_code) AS townships
    FROM survey_psus
    JOIN townships USING (township_code)
    WHERE $county IS NULL OR county_code = $county
    GROUP BY survey_id
) AS r USING (survey_id)
WHERE $year IS NULL OR year(m.start_on) = $year
ORDER BY m.audience DESC, m.start_on DESC, m.survey_id
