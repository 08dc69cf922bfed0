-- One row per township with consultations in the year.
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           sum(outcomes_done_n) AS num,
           sum(outcomes_due_n) AS den
    FROM consultations
    WHERE year(held_on) = $year
      AND outcomes_due_n IS NOT NULL AND outcomes_done_n IS NOT NULL
      AND township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
    GROUP BY township_code
)
ORDER BY unit_code
