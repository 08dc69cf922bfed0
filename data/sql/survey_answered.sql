-- One row per respondent of one survey who counts and page of answers; see survey_packed.sql.
SELECT respondent_id, class, page, packed
FROM temp.survey_packed
JOIN (SELECT class, unnest(members) AS respondent_id FROM temp.survey_people) USING (respondent_id)
