-- One row per township with county stations whose command is known (a state, not a year).
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           count(*) FILTER (WHERE mgmt = 'territorial' OR unified_command) AS num,
           count(*) AS den
    FROM county_stations
    WHERE (mgmt = 'territorial' OR mgmt = 'dispatched' AND unified_command IS NOT NULL)
      AND township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
    GROUP BY township_code
)
ORDER BY unit_code
