-- One row per township of the counties that hold any village session of the year; none is then 0.
WITH required AS (
    -- The newest value of the nearest place that sets one, else the default.
    SELECT k.county_code,
           coalesce(arg_max(p.value, (length(p.place_code), p.from_year)), $sessions) AS sessions
    FROM (
        SELECT DISTINCT county_code FROM townships WHERE $county IS NULL OR county_code = $county
    ) AS k
    LEFT JOIN indicator_params AS p
        ON p.parameter = 'C3.sessions' AND p.from_year <= $year
       AND starts_with(k.county_code, p.place_code)
    GROUP BY k.county_code
),
sessions AS (
    SELECT community_code, any_value(township_code) AS township_code, count(*) AS held
    FROM consultations
    WHERE level = 'community' AND community_code IS NOT NULL AND year(held_on) = $year
    GROUP BY community_code
)
SELECT unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT c.township_code AS unit_code,
           count(*) FILTER (WHERE coalesce(s.held, 0) >= r.sessions) AS num,
           count(*) AS den
    FROM communities AS c
    JOIN townships AS t USING (township_code)
    JOIN required AS r USING (county_code)
    LEFT JOIN sessions AS s USING (community_code)
    WHERE t.county_code IN (
        SELECT k.county_code FROM sessions JOIN townships AS k USING (township_code)
    )
    GROUP BY c.township_code
)
ORDER BY unit_code
