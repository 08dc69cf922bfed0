-- One row per survey of the year, newest first.
SELECT m.*,
       (SELECT count(*) FROM survey_respondents AS r WHERE r.survey_id = m.survey_id)
           AS respondents,
       (SELECT count(DISTINCT township_code) FROM survey_respondents AS r
        WHERE r.survey_id = m.survey_id) AS townships,
       CASE WHEN m.approval_no IS NULL THEN 'unregistered'
            WHEN m.valid_until < m.end_on THEN 'expired'
            ELSE 'registered' END AS approval
FROM survey_meta AS m
WHERE $year IS NULL OR year(m.start_on) = $year
ORDER BY m.audience DESC, m.start_on DESC, m.survey_id
