-- One row per township of the counties that hold any drill of the year; none is then 0.
SELECT u.township_code AS unit_code, coalesce(sum(CASE WHEN f.drill_id IS NOT NULL THEN 1 END), 0)::DOUBLE AS value,
       coalesce(sum(CASE WHEN f.drill_id IS NOT NULL THEN 1 END), 0)::DOUBLE AS num, 1 AS den
FROM townships AS u
LEFT JOIN drills AS f
    ON f.township_code = u.township_code AND year(f.held_on) = $year
   AND f.drill_type = 'comprehensive' AND f.community_code IS NULL
WHERE ($county IS NULL OR u.county_code = $county)
  AND u.county_code IN (
      SELECT t.county_code FROM drills AS f JOIN townships AS t USING (township_code)
      WHERE year(f.held_on) = $year
  )
GROUP BY u.township_code
ORDER BY unit_code
