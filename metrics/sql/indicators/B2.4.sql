-- One row per township with hotline appeals of the year that had a due time.
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           count(*) FILTER (WHERE first_response_at <= due_at) AS num,
           count(*) AS den
    FROM service_cases
    WHERE source = 'hotline' AND NOT excluded AND due_at IS NOT NULL AND year(created_at) = $year
      AND township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
    GROUP BY township_code
)
ORDER BY unit_code
