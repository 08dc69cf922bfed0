-- One row per PSU, township and item of its newest survey (residents', cadres' for S8) that started in the year.
-- $item: an index (S1 to S6; S8 is asked of cadres), or 'pair:' for the satisfaction items of all
-- blocks. $way: of scoring, the same for all townships, whatever each county has decided. psus: of
-- the township, those without an answer to the item included.
WITH summed AS (
    SELECT s.*, answer_points($way) AS p
    FROM survey_sums AS s
    JOIN survey_meta AS m USING (survey_id)
    WHERE (m.audience = 'cadre') = ($item = 'S8') AND year(m.start_on) = $year
      AND (s.item = $item OR ($item = 'pair:' AND starts_with(s.item, 'pair:')))
      AND s.township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
    QUALIFY dense_rank() OVER (
        PARTITION BY s.township_code ORDER BY m.start_on DESC, s.survey_id DESC
    ) = 1
)
SELECT s.township_code AS unit_code, s.survey_id, s.item, d.psus, s.n, s.sw,
       -- Sums that were rolled up without the single answers are of the default way.
       coalesce(p[1] * sw1 + p[2] * sw2 + p[3] * sw3 + p[4] * sw4 + p[5] * sw5, swy) AS swy,
       coalesce(p[1] ** 2 * sw1 + p[2] ** 2 * sw2 + p[3] ** 2 * sw3 + p[4] ** 2 * sw4
                    + p[5] ** 2 * sw5, swyy) AS swyy,
       s.sw1, s.sw2, s.sw3, s.sw4, s.sw5
FROM summed AS s
JOIN (
    SELECT survey_id, township_code, count(*) AS psus FROM survey_psus GROUP BY ALL
) AS d USING (survey_id, township_code)
ORDER BY s.item, s.township_code, s.psu
