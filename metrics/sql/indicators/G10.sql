-- One row per township with staff in the year, of the counties that list community workers; none is then 0.
-- Grid workers count only where they are managed as community workers.
WITH people AS (
    SELECT s.township_code, t.county_code,
           count(*) FILTER (
               WHERE category = 'community_worker'
                  OR (category = 'grid_worker' AND managed_as_community_worker)
           ) AS workers
    FROM staff AS s
    JOIN townships AS t USING (township_code)
    WHERE s.year = $year AND ($county IS NULL OR t.county_code = $county)
    GROUP BY s.township_code, t.county_code
)
SELECT p.township_code AS unit_code,
       10000.0 * p.workers / nullif(y.urban_resident_pop, 0) AS value,
       p.workers AS num, y.urban_resident_pop AS den
FROM people AS p
JOIN township_year AS y ON y.township_code = p.township_code AND y.year = $year
WHERE y.urban_resident_pop IS NOT NULL
  AND p.county_code IN (
      SELECT county_code FROM people GROUP BY county_code HAVING sum(workers) > 0
  )
ORDER BY unit_code
