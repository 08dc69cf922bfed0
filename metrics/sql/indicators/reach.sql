-- One row per township of the counties whose facilities are known; num, den and unknown residents.
-- A village counts where the way to an operating $service is within the radius: minutes by road where
-- the pair has them (on foot before by car), else the straight line times the detour factor. Radius,
-- detour factor and the minutes for 1 km are those in force in its county: the nearest place, then the
-- newest year.
WITH counties AS (
    SELECT DISTINCT county_code FROM townships WHERE $county IS NULL OR county_code = $county
),
radii AS (
    SELECT k.county_code, p.setting,
           arg_max(p.radius_m, nearness(p.place_code, p.from_year)) AS radius_m
    FROM counties AS k
    JOIN radius_params AS p
        ON p.service = $service AND holds(p.place_code, p.from_year, k.county_code, $year)
    GROUP BY k.county_code, p.setting
),
ways AS (
    SELECT k.county_code,
           coalesce(
               arg_max(p.value, nearness(p.place_code, p.from_year))
                   FILTER (p.parameter = 'reach.detour'),
               $detour
           ) AS detour,
           coalesce(
               arg_max(p.value, nearness(p.place_code, p.from_year))
                   FILTER (p.parameter = 'reach.minutes_per_km'),
               $walk_pace
           ) AS walk_pace,
           coalesce(
               arg_max(p.value, nearness(p.place_code, p.from_year))
                   FILTER (p.parameter = 'reach.minutes_per_km_drive'),
               $drive_pace
           ) AS drive_pace
    FROM counties AS k
    LEFT JOIN indicator_params AS p
        ON p.parameter IN ('reach.detour', 'reach.minutes_per_km', 'reach.minutes_per_km_drive')
       AND holds(p.place_code, p.from_year, k.county_code, $year)
    GROUP BY k.county_code
),
points AS (
    SELECT facility_id, lat, lon FROM facilities
    WHERE status = 'operating' AND list_contains(string_split(services, ';'), $service)
),
roads AS (
    SELECT m.community_code, m.facility_id, m.minutes, coalesce(m.mode, 'walk') AS mode
    FROM travel_times AS m
    JOIN points AS f USING (facility_id)
    QUALIFY row_number() OVER (
        PARTITION BY m.community_code, m.facility_id ORDER BY coalesce(m.mode, 'walk') = 'walk' DESC
    ) = 1
),
villages AS (
    SELECT c.community_code, c.township_code, c.lat, c.lon, y.resident_pop, p.radius_m, d.detour,
           d.walk_pace, d.drive_pace,
           p.radius_m IS NOT NULL AND (
               c.lat IS NOT NULL AND c.lon IS NOT NULL
               OR c.community_code IN (SELECT r.community_code FROM roads AS r)
           ) AS known
    FROM communities AS c
    JOIN townships AS t USING (township_code)
    JOIN community_year AS y ON y.community_code = c.community_code AND y.year = $year
    JOIN ways AS d USING (county_code)
    LEFT JOIN radii AS p
        ON p.county_code = t.county_code
       AND p.setting = CASE WHEN c.urban_rural_code LIKE '1%' THEN 'urban'
                            WHEN c.urban_rural_code IS NOT NULL THEN 'rural' END
    WHERE ($county IS NULL OR t.county_code = $county)
      AND t.county_code IN (
          SELECT k.county_code FROM facilities JOIN townships AS k USING (township_code)
      )
),
-- The squares only save distances: whatever is within a radius stands in the same one or beside it.
-- A degree of latitude is 111,195 m on the sphere of hav_m; one of longitude is shortest furthest
-- from the equator.
squares AS (
    SELECT high, high / cos(radians(least(north + high, 89.0))) AS wide
    FROM (
        SELECT greatest(max(radius_m / detour), 1.0) / 111195.0 AS high, max(abs(lat)) AS north
        FROM villages
    )
),
around AS (
    SELECT w.*, floor(w.lat / q.high) AS up, floor(w.lon / q.wide) AS along
    FROM villages AS w, squares AS q
    WHERE w.known
),
beside AS (
    SELECT p.*, floor(p.lat / q.high) + u.up AS up, floor(p.lon / q.wide) + a.along AS along
    FROM points AS p, squares AS q, unnest([-1, 0, 1]) AS u(up), unnest([-1, 0, 1]) AS a(along)
),
reached AS (
    SELECT DISTINCT v.community_code
    FROM around AS v
    JOIN beside AS f USING (up, along)
    ANTI JOIN roads AS r ON r.community_code = v.community_code AND r.facility_id = f.facility_id
    WHERE hav_m(v.lat, v.lon, f.lat, f.lon) * v.detour <= v.radius_m
    UNION
    SELECT v.community_code
    FROM villages AS v
    JOIN roads AS r USING (community_code)
    -- A micrometre, as for distances: minutes that are exactly the radius are within it.
    WHERE 1000 * r.minutes / if(r.mode = 'drive', v.drive_pace, v.walk_pace) <= v.radius_m + 1e-6
)
SELECT unit_code, 100.0 * num / nullif(den, 0) AS value, num, den, unknown
FROM (
    SELECT v.township_code AS unit_code,
           coalesce(sum(v.resident_pop) FILTER (WHERE r.community_code IS NOT NULL), 0) AS num,
           coalesce(sum(v.resident_pop) FILTER (WHERE v.known), 0) AS den,
           coalesce(sum(v.resident_pop) FILTER (WHERE NOT v.known), 0) AS unknown
    FROM villages AS v
    LEFT JOIN reached AS r USING (community_code)
    GROUP BY v.township_code
)
ORDER BY unit_code
