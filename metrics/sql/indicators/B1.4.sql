-- One row per township with routine inspections of the year whose drawing is known.
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           count(*) FILTER (WHERE double_random) AS num,
           count(*) AS den
    FROM enforcement
    WHERE kind = 'inspection' AND NOT coalesce(triggered, false) AND double_random IS NOT NULL
      AND year(done_on) = $year
      AND township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
    GROUP BY township_code
)
ORDER BY unit_code
