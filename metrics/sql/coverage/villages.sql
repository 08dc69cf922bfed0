-- One row per village or community of the scope with residents in the year, and its radius.
SELECT c.community_code, c.township_code, c.name_zh, coalesce(c.name_en, c.name_zh) AS name_en,
       c.lon, c.lat, y.resident_pop AS population,
       CASE WHEN c.urban_rural_code LIKE '1%' THEN 'urban'
            WHEN c.urban_rural_code IS NOT NULL THEN 'rural' END AS setting,
       p.radius_m
FROM communities AS c
JOIN townships AS t USING (township_code)
JOIN community_year AS y USING (community_code)
LEFT JOIN radius_params AS p ON p.service = $service
    AND p.setting = CASE WHEN c.urban_rural_code LIKE '1%' THEN 'urban'
                         WHEN c.urban_rural_code IS NOT NULL THEN 'rural' END
WHERE y.year = $year
  AND ($county IS NULL OR t.county_code = $county)
  AND ($township IS NULL OR t.township_code = $township)
  AND ($unit_type IS NULL OR t.unit_type = $unit_type)
ORDER BY c.community_code
