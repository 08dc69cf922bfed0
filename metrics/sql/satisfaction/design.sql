-- One row per PSU of one survey, those without a scored answer included.
SELECT DISTINCT township_code AS stratum,
       coalesce(community_code, 'respondent:' || respondent_id) AS psu
FROM survey_respondents
WHERE survey_id = $survey_id
