-- One row per township with disputes settled by agreement in the year.
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           count(*) FILTER (WHERE resolved_level IN ('community', 'township')) AS num,
           count(resolved_level) AS den
    FROM disputes
    WHERE outcome = 'agreement' AND year(concluded_on) = $year
      AND township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
    GROUP BY township_code
)
ORDER BY unit_code
