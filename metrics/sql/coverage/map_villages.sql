-- One row per village or community of the county whose place is known, with its residents and township.
SELECT c.community_code, c.name_zh, coalesce(c.name_en, c.name_zh) AS name_en, c.lon, c.lat,
       y.resident_pop AS population,
       t.name_zh AS town_zh, coalesce(t.name_en, t.name_zh) AS town_en
FROM communities AS c
JOIN townships AS t USING (township_code)
LEFT JOIN community_year AS y ON y.community_code = c.community_code AND y.year = $year
WHERE ($county IS NULL OR t.county_code = $county)
  AND c.lon IS NOT NULL AND c.lat IS NOT NULL
ORDER BY c.community_code
