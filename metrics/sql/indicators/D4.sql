-- One row per township with operating comprehensive facilities under a standard (a state, not a year).
-- A pair of facility and function counts where its area is known and a standard is set for it in its
-- county: of the nearest place, then of the newest year.
WITH standards AS (
    SELECT k.county_code, p.scope, p.function,
           arg_max(p.min_m2, nearness(p.place_code, p.from_year)) AS min_m2
    FROM (
        SELECT DISTINCT county_code FROM townships WHERE $county IS NULL OR county_code = $county
    ) AS k
    JOIN area_standards AS p ON holds(p.place_code, p.from_year, k.county_code, $year)
    GROUP BY k.county_code, p.scope, p.function
)
SELECT unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT f.township_code AS unit_code,
           count(*) FILTER (WHERE f.area >= s.min_m2) AS num,
           count(*) AS den
    FROM (
        UNPIVOT (
            SELECT facility_id, township_code, community_code, area_office_m2 AS office,
                   area_service_m2 AS service, area_activity_m2 AS activity,
                   area_emergency_m2 AS emergency
            FROM facilities
            WHERE is_comprehensive AND status = 'operating'
        ) ON office, service, activity, emergency INTO NAME function VALUE area
    ) AS f
    LEFT JOIN communities AS c USING (community_code)
    JOIN townships AS t ON t.township_code = f.township_code
    JOIN standards AS s
        ON s.county_code = t.county_code
       AND s.function = f.function
       AND s.scope = CASE WHEN f.community_code IS NULL THEN 'township' ELSE c.kind END
    GROUP BY f.township_code
)
ORDER BY unit_code
