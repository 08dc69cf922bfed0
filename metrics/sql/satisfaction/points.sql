-- One row per scored answer of one survey in the scope; questionnaires set aside are left out.
WITH decided AS (
    SELECT county_code, max_by(points, from_year) AS way
    FROM survey_scoring
    WHERE from_year <= (SELECT year(start_on) FROM survey_meta WHERE survey_id = $survey_id)
    GROUP BY county_code
),
places AS (
    SELECT t.*, answer_points(d.way) AS points
    FROM townships AS t
    LEFT JOIN decided AS d USING (county_code)
)
SELECT r.respondent_id, coalesce(r.weight, 1.0) AS weight, q.question_id, q.index_code,
       t.points[a.value] AS y
FROM survey_answers AS a
JOIN survey_questions AS q USING (survey_id, question_id)
JOIN survey_respondents AS r USING (survey_id, respondent_id)
ANTI JOIN (SELECT * FROM survey_set_aside WHERE set_aside) USING (survey_id, respondent_id)
JOIN places AS t USING (township_code)
WHERE a.survey_id = $survey_id AND q.answer_type = 'sat5' AND a.value IS NOT NULL
  AND ($county IS NULL OR t.county_code = $county)
  AND ($township IS NULL OR t.township_code = $township)
  AND ($unit_type IS NULL OR t.unit_type = $unit_type)
