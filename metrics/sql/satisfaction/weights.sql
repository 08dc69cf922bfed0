-- One row per respondent of one survey: weights, what margins may be about, whether they count.
SELECT r.respondent_id, coalesce(r.weight, 1.0) AS weight, r.design_weight, r.sex, r.age_band,
       r.residence_type, r.has_disability, r.township_code,
       NOT coalesce(a.set_aside, false) AS counts
FROM survey_respondents AS r
LEFT JOIN survey_set_aside AS a USING (survey_id, respondent_id)
WHERE r.survey_id = $survey_id
ORDER BY r.respondent_id
