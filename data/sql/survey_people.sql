-- One row per class of people of one survey who count: they share PSU, weight and groups, so that
-- their answers may be counted together; members: who they are.
-- A respondent without a village is a PSU of their own.
SELECT row_number() OVER ()::INTEGER AS class, *
FROM (
    SELECT r.township_code, coalesce(r.community_code, 'respondent:' || r.respondent_id) AS psu,
           coalesce(r.weight, 1.0) AS w, r.age_band, r.sex, r.residence_type, r.has_disability,
           list(r.respondent_id) AS members
    FROM survey_respondents AS r
    ANTI JOIN (SELECT * FROM survey_set_aside WHERE set_aside) USING (survey_id, respondent_id)
    WHERE r.survey_id = $survey_id
    GROUP BY ALL
)
