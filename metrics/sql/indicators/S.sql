-- One row per township and item of its newest survey (residents', cadres' for S8) that started in the year.
-- $item: an index (S1 to S6; S8 is asked of cadres), or 'pair:' for the satisfaction items of all
-- blocks. $way: of scoring, the same for all townships, whatever each county has decided.
SELECT unit_code, item, num / nullif(den, 0) AS value, num, den, n, sw1, sw2, sw3, sw4, sw5
FROM (
    SELECT township_code AS unit_code, item, sum(sw) AS den, sum(n) AS n, sum(sw1) AS sw1,
           sum(sw2) AS sw2, sum(sw3) AS sw3, sum(sw4) AS sw4, sum(sw5) AS sw5,
           answer_points($way) AS points,
           -- Sums that were rolled up without the single answers are of the default way.
           coalesce(points[1] * sum(sw1) + points[2] * sum(sw2) + points[3] * sum(sw3)
                    + points[4] * sum(sw4) + points[5] * sum(sw5), sum(swy)) AS num
    FROM (
        SELECT s.*
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
    GROUP BY township_code, item
)
ORDER BY unit_code, item
