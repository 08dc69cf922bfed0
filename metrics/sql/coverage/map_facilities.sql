-- One row per facility whose place is known, in the county or within a tenth of a degree of it.
WITH edge AS (
    SELECT min(c.lon) - 0.1 AS west, max(c.lon) + 0.1 AS east,
           min(c.lat) - 0.1 AS south, max(c.lat) + 0.1 AS north
    FROM communities AS c
    JOIN townships AS t USING (township_code)
    WHERE $county IS NULL OR t.county_code = $county
)
SELECT f.facility_id, f.name_zh, f.status, f.services, f.lon, f.lat,
       t.name_zh AS town_zh, coalesce(t.name_en, t.name_zh) AS town_en
FROM facilities AS f
JOIN townships AS t USING (township_code)
CROSS JOIN edge
WHERE f.lon IS NOT NULL AND f.lat IS NOT NULL
  AND ($county IS NULL OR t.county_code = $county
       OR (f.lon BETWEEN edge.west AND edge.east AND f.lat BETWEEN edge.south AND edge.north))
ORDER BY f.facility_id
