-- One row per survey of the year: residents' surveys first, the newest first.
SELECT m.*,
       coalesce(r.respondents, 0) AS respondents,
       coalesce(r.townships, 0) AS townships,
       CASE WHEN m.approval_no IS NULL OR trim(m.approval_no) = '' THEN 'unregistered'
            WHEN m.valid_until < m.end_on THEN 'expired'
            ELSE 'registered' END AS approval
FROM survey_meta AS m
LEFT JOIN (
    SELECT survey_id, count(*) AS respondents, count(DISTINCT township_code) AS townships
    FROM survey_respondents
    JOIN townships USING (township_code)
    WHERE $county IS NULL OR county_code = $county
    GROUP BY survey_id
) AS r USING (survey_id)
WHERE $year IS NULL OR year(m.start_on) = $year
ORDER BY m.audience DESC, m.start_on DESC, m.survey_id
