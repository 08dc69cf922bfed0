-- One row per township of the county whose seat has a known place.
SELECT name_zh, lon, lat
FROM townships
WHERE lon IS NOT NULL AND lat IS NOT NULL AND ($county IS NULL OR county_code = $county)
ORDER BY township_code
