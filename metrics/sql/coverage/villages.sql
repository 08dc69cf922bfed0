-- One row per village or community of the scope: its place, residents of the year, setting, and the
-- seat of its unit.
SELECT c.community_code, c.township_code, c.name_zh, coalesce(c.name_en, c.name_zh) AS name_en,
       c.lon, c.lat, y.resident_pop AS population,
       CASE WHEN c.urban_rural_code LIKE '1%' THEN 'urban'
            WHEN c.urban_rural_code IS NOT NULL THEN 'rural' END AS setting,
       t.county_code, t.lon AS seat_lon, t.lat AS seat_lat,
       t.county_code IN (
           SELECT k.county_code FROM facilities JOIN townships AS k USING (township_code)
       ) AS facilities_known
FROM communities AS c
JOIN townships AS t USING (township_code)
LEFT JOIN community_year AS y ON y.community_code = c.community_code AND y.year = $year
WHERE ($county IS NULL OR t.county_code = $county)
  AND ($township IS NULL OR t.township_code = $township)
  AND ($unit_type IS NULL OR t.unit_type = $unit_type)
ORDER BY c.community_code
