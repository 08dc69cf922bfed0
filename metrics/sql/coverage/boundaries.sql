-- One row per township boundary of the county, or of all counties.
SELECT b.unit_code, b.level, coalesce(b.name_zh, t.name_zh) AS name_zh,
       coalesce(b.name_en, t.name_en) AS name_en, b.geometry, b.source, b.map_approval_no
FROM boundaries AS b
LEFT JOIN townships AS t ON t.township_code = b.unit_code
WHERE b.level = 'township'
  AND ($county IS NULL OR coalesce(t.county_code, left(b.unit_code, 6)) = $county)
ORDER BY b.unit_code
