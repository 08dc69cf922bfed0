-- One row per township with disputes whose mediation ended in the year.
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           count(*) FILTER (WHERE outcome = 'agreement') AS num,
           count(*) AS den
    FROM disputes
    WHERE outcome IN ('agreement', 'failed') AND year(concluded_on) = $year
      AND township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
    GROUP BY township_code
)
ORDER BY unit_code
