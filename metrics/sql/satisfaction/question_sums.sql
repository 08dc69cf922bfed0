-- One row per scored question and PSU of one survey in the scope. psus: of the township, those
-- without an answer included. $points: of the answers 1 to 5.
SELECT s.item, s.township_code AS unit_code, d.psus, s.n, s.sw,
       -- Sums that were rolled up without the single answers are of the default way.
       coalesce(p[1] * sw1 + p[2] * sw2 + p[3] * sw3 + p[4] * sw4 + p[5] * sw5, swy) AS swy,
       coalesce(p[1] ** 2 * sw1 + p[2] ** 2 * sw2 + p[3] ** 2 * sw3 + p[4] ** 2 * sw4
                    + p[5] ** 2 * sw5, swyy) AS swyy
FROM (SELECT *, $points::DOUBLE[] AS p FROM survey_sums WHERE survey_id = $survey_id) AS s
JOIN survey_questions AS q ON q.survey_id = $survey_id AND q.question_id = s.item
JOIN townships AS t USING (township_code)
JOIN (
    SELECT township_code, count(*) AS psus
    FROM survey_psus
    WHERE survey_id = $survey_id
    GROUP BY township_code
) AS d USING (township_code)
WHERE q.answer_type = 'sat5'
  AND ($county IS NULL OR t.county_code = $county)
  AND ($township IS NULL OR t.township_code = $township)
  AND ($unit_type IS NULL OR t.unit_type = $unit_type)
ORDER BY s.item, s.township_code, s.psu
