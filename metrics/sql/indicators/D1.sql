-- One row per township of the counties whose facilities are known (a state, not a year).
SELECT unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT c.township_code AS unit_code,
           count(*) FILTER (WHERE c.community_code IN (
               SELECT community_code FROM facilities
               WHERE is_comprehensive AND status = 'operating' AND community_code IS NOT NULL
           )) AS num,
           count(*) AS den
    FROM communities AS c
    JOIN townships AS t USING (township_code)
    WHERE ($county IS NULL OR t.county_code = $county)
      AND t.county_code IN (
          SELECT k.county_code FROM facilities JOIN townships AS k USING (township_code)
      )
    GROUP BY c.township_code
)
ORDER BY unit_code
