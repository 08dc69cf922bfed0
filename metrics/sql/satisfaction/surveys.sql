-- One row per survey of the year: residents' surveys first, the newest first.
SELECT m.*,
       coalesce(r.respondents, 0)::BIGINT AS respondents,
       coalesce(r.set_aside, 0)::BIGINT AS set_aside,
       coalesce(r.townships, 0) AS townships,
       CASE WHEN m.approval_no IS NULL OR trim(m.approval_no) = '' THEN 'unregistered'
            WHEN m.valid_until < m.end_on THEN 'expired'
            ELSE 'registered' END AS approval
FROM survey_meta AS m
LEFT JOIN (
    SELECT survey_id, sum(n) AS respondents, sum(set_aside) AS set_aside,
           count(DISTINCT township_code) AS townships
    FROM survey_psus
    JOIN townships USING (township_code)
    WHERE $county IS NULL OR county_code = $county
    GROUP BY survey_id
) AS r USING (survey_id)
WHERE $year IS NULL OR year(m.start_on) = $year
ORDER BY m.audience DESC, m.start_on DESC, m.survey_id
