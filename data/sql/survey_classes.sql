-- One row per class of people of one survey, with its place (township and PSU) as a number.
SELECT class, place, w, age_band, sex, residence_type, has_disability
FROM temp.survey_people
JOIN temp.survey_places USING (township_code, psu)
