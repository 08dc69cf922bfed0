-- One row per class of temp.survey_members.
SELECT DISTINCT class, township_code, psu, w, age_band, sex, residence_type, has_disability
FROM temp.survey_members
