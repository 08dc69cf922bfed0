-- One row per idle facility of the county whose place is known, whatever it was built for.
SELECT f.facility_id AS id, f.name_zh, f.name_zh AS name_en, f.township_code, f.lon, f.lat, f.services
FROM facilities AS f
JOIN townships AS t USING (township_code)
WHERE f.status = 'idle' AND f.lon IS NOT NULL AND f.lat IS NOT NULL
  AND ($county IS NULL OR t.county_code = $county)
  AND ($township IS NULL OR t.township_code = $township)
  AND ($unit_type IS NULL OR t.unit_type = $unit_type)
ORDER BY f.facility_id
