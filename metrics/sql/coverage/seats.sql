-- One row per village or community of the scope: its place, residents of the year, and the seat of its unit.
SELECT c.community_code, c.township_code, c.name_zh, coalesce(c.name_en, c.name_zh) AS name_en,
       t.county_code, c.lon, c.lat, y.resident_pop AS population, t.lon AS seat_lon, t.lat AS seat_lat
FROM communities AS c
JOIN townships AS t USING (township_code)
LEFT JOIN community_year AS y ON y.community_code = c.community_code AND y.year = $year
WHERE ($county IS NULL OR t.county_code = $county)
  AND ($township IS NULL OR t.township_code = $township)
  AND ($unit_type IS NULL OR t.unit_type = $unit_type)
ORDER BY c.community_code
