-- One row per PSU of one survey, those without a scored answer included.
-- A respondent without a village is a PSU of their own; strata are townships.
-- sw, sww: sums of weights and of their squares over those who count.
SELECT $survey_id AS survey_id, r.township_code,
       coalesce(r.community_code, 'respondent:' || r.respondent_id) AS psu,
       count(*) AS n, count(*) FILTER (coalesce(a.set_aside, false)) AS set_aside,
       coalesce(sum(coalesce(r.weight, 1.0)) FILTER (NOT coalesce(a.set_aside, false)), 0) AS sw,
       coalesce(sum(coalesce(r.weight, 1.0) ** 2) FILTER (NOT coalesce(a.set_aside, false)), 0) AS sww
FROM survey_respondents AS r
LEFT JOIN survey_set_aside AS a USING (survey_id, respondent_id)
WHERE r.survey_id = $survey_id
GROUP BY ALL
ORDER BY r.township_code, psu
