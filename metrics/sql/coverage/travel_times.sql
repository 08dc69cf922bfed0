-- One row per village of the scope and facility with a time by road: on foot, else by car.
SELECT v.community_code, v.facility_id, coalesce(v.mode, 'walk') AS mode, v.minutes, v.source,
       t.county_code
FROM travel_times AS v
JOIN communities AS c USING (community_code)
JOIN townships AS t USING (township_code)
WHERE ($county IS NULL OR t.county_code = $county)
  AND ($township IS NULL OR t.township_code = $township)
  AND ($unit_type IS NULL OR t.unit_type = $unit_type)
QUALIFY row_number() OVER (
    PARTITION BY v.community_code, v.facility_id ORDER BY coalesce(v.mode, 'walk') = 'walk' DESC
) = 1
ORDER BY v.community_code, v.facility_id
