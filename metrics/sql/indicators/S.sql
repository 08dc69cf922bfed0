-- One row per township and item of its newest survey (residents', cadres' for S8) that started in the year.
-- $item: an index (S1 to S6; S8 is asked of cadres), or 'pair:' for the satisfaction items of all
-- blocks.
SELECT township_code AS unit_code, item, sum(swy) / nullif(sum(sw), 0) AS value,
       sum(swy) AS num, sum(sw) AS den, sum(n) AS n,
       sum(sw1) AS sw1, sum(sw2) AS sw2, sum(sw3) AS sw3, sum(sw4) AS sw4, sum(sw5) AS sw5
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
ORDER BY unit_code, item
