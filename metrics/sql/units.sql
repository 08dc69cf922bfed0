-- One row per township or sub-district of the scope.
SELECT township_code AS unit_code, name_zh, coalesce(name_en, name_zh) AS name_en, unit_type,
       county_code, peer_group
FROM townships
WHERE ($county IS NULL OR county_code = $county)
  AND ($township IS NULL OR township_code = $township)
  AND ($unit_type IS NULL OR unit_type = $unit_type)
ORDER BY township_code
