-- One row per township boundary of the county, or of all counties, in the order of boundaries.sql.
SELECT b.unit_code
FROM boundaries AS b
LEFT JOIN townships AS t ON t.township_code = b.unit_code
WHERE b.level = 'township'
  AND ($county IS NULL OR coalesce(t.county_code, left(b.unit_code, 6)) = $county)
ORDER BY b.unit_code
