-- One row per township with closed window or online cases in the year.
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           count(*) FILTER (WHERE visits_n <= 1) AS num,
           count(visits_n) AS den
    FROM service_cases
    WHERE source IN ('window', 'online') AND closed_at IS NOT NULL AND year(closed_at) = $year
      AND township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
    GROUP BY township_code
)
ORDER BY unit_code
