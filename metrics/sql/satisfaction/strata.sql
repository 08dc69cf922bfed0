-- One row per stratum of one survey: its PSUs, those without a scored answer included.
SELECT township_code AS stratum, count(*) AS psus
FROM survey_psus
WHERE survey_id = $survey_id
GROUP BY township_code
