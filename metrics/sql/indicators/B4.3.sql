-- One row per township with issues found in drills of the year and their closing known.
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           sum(issues_closed_n) AS num,
           sum(issues_n) AS den
    FROM drills
    WHERE issues_n IS NOT NULL AND issues_closed_n IS NOT NULL AND year(held_on) = $year
      AND township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
    GROUP BY township_code
)
WHERE den > 0
ORDER BY unit_code
