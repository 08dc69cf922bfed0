-- One row per facility that offers the service, wherever it stands.
SELECT f.facility_id AS id, f.name_zh, f.township_code, f.status, f.lon, f.lat,
       t.township_code IS NOT NULL AS in_scope,
       f.facility_id IN (SELECT v.facility_id FROM travel_times AS v) AS has_road
FROM facilities AS f
LEFT JOIN townships AS t ON t.township_code = f.township_code
    AND ($county IS NULL OR t.county_code = $county)
    AND ($township IS NULL OR t.township_code = $township)
    AND ($unit_type IS NULL OR t.unit_type = $unit_type)
WHERE list_contains(string_split(f.services, ';'), $service)
ORDER BY f.facility_id
