-- One row: what is known of the township boundaries of the county, or of all counties.
SELECT count(*) AS units,
       string_agg(DISTINCT b.source, '; ' ORDER BY b.source) AS source,
       string_agg(DISTINCT b.map_approval_no, '; ' ORDER BY b.map_approval_no) AS map_approval_no
FROM boundaries AS b
LEFT JOIN townships AS t ON t.township_code = b.unit_code
WHERE b.level = 'township'
  AND ($county IS NULL OR coalesce(t.county_code, left(b.unit_code, 6)) = $county)
