-- One row per township with requests to the county in the year.
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           count(*) FILTER (WHERE answered_at <= due_at) AS num,
           count(*) AS den
    FROM upward_requests
    WHERE year(raised_at) = $year
      AND township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
    GROUP BY township_code
)
ORDER BY unit_code
