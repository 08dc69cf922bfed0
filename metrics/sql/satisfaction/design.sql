-- One row per PSU of one survey, those without a scored answer included.
SELECT township_code AS stratum, psu
FROM survey_psus
WHERE survey_id = $survey_id
