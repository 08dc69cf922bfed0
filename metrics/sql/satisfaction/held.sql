-- One row per survey that has questionnaires.
SELECT DISTINCT survey_id FROM survey_psus
