-- One row per township of the counties whose facilities are known (a state, not a year).
-- A village without an operating comprehensive facility has 0 m2; one whose area is not known is
-- left out with its households.
WITH areas AS (
    SELECT community_code, sum(area_total_m2) AS area,
           count(*) = count(area_total_m2) AS known
    FROM facilities
    WHERE is_comprehensive AND status = 'operating' AND community_code IS NOT NULL
    GROUP BY community_code
)
SELECT unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT y.township_code AS unit_code,
           sum(coalesce(a.area, 0)) AS num,
           sum(y.households) AS den
    FROM community_year AS y
    JOIN townships AS t USING (township_code)
    LEFT JOIN areas AS a USING (community_code)
    WHERE y.year = $year AND coalesce(a.known, true)
      AND ($county IS NULL OR t.county_code = $county)
      AND t.county_code IN (
          SELECT k.county_code FROM facilities JOIN townships AS k USING (township_code)
      )
    GROUP BY y.township_code
)
ORDER BY unit_code
