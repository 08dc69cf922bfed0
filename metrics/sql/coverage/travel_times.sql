-- One row per village of the scope and facility with a time by road.
SELECT v.community_code, v.facility_id, v.minutes, v.source, t.county_code
FROM travel_times AS v
JOIN communities AS c USING (community_code)
JOIN townships AS t USING (township_code)
WHERE ($county IS NULL OR t.county_code = $county)
  AND ($township IS NULL OR t.township_code = $township)
  AND ($unit_type IS NULL OR t.unit_type = $unit_type)
ORDER BY v.community_code, v.facility_id
