-- One row per township with households whose visits are known in the year.
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           sum(least(hh_visited_n, households)) AS num,
           sum(households) AS den
    FROM community_year
    WHERE year = $year AND hh_visited_n IS NOT NULL
      AND township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
    GROUP BY township_code
)
ORDER BY unit_code
