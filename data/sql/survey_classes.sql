-- One row per class of people of one survey, who share PSU, weight and groups, so that their
-- answers may be counted together; members: who they are.
SELECT row_number() OVER ()::INTEGER AS class, *
FROM (
    SELECT place, w, age_band, sex, residence_type, has_disability, list(person) AS members
    FROM temp.survey_people
    JOIN temp.survey_places USING (township_code, psu)
    GROUP BY ALL
)
