-- One row per township with operating comprehensive facilities under a standard (a state, not a year).
-- A pair of facility and function counts where its area is known and a standard is set for it.
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
    JOIN area_standards AS s
        ON s.function = f.function
       AND s.scope = CASE WHEN f.community_code IS NULL THEN 'township' ELSE c.kind END
    WHERE f.township_code IN (
        SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
    )
    GROUP BY f.township_code
)
ORDER BY unit_code
