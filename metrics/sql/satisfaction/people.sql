-- One row per township of one survey: respondents, and of these set aside.
SELECT township_code, sum(n)::BIGINT AS n, sum(set_aside)::BIGINT AS set_aside
FROM survey_psus
WHERE survey_id = $survey_id
GROUP BY township_code
ORDER BY township_code
