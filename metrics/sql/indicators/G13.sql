-- One row per township with staff whose rules are known in the year.
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           sum(rules_met_n) AS num,
           sum(rules_due_n) AS den
    FROM staff
    WHERE rules_due_n IS NOT NULL AND rules_met_n IS NOT NULL AND year = $year
      AND township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
    GROUP BY township_code
)
ORDER BY unit_code
