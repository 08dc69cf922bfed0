-- One row per respondent of one survey who counts, with the class they belong to: people of one
-- class share township, PSU, weight and groups, so that their answers may be counted together.
-- A respondent without a village is a PSU of their own.
SELECT r.respondent_id, r.township_code,
       coalesce(r.community_code, 'respondent:' || r.respondent_id) AS psu,
       coalesce(r.weight, 1.0) AS w, r.age_band, r.sex, r.residence_type, r.has_disability,
       dense_rank() OVER (
           ORDER BY r.township_code, coalesce(r.community_code, 'respondent:' || r.respondent_id),
                    coalesce(r.weight, 1.0), r.age_band, r.sex, r.residence_type, r.has_disability
       )::INTEGER AS class
FROM survey_respondents AS r
ANTI JOIN (SELECT * FROM survey_set_aside WHERE set_aside) USING (survey_id, respondent_id)
WHERE r.survey_id = $survey_id
