-- One row per township with staff whose training hours are known in the year.
WITH required AS (
    -- The newest value of the nearest place that sets one, else the default.
    SELECT k.county_code,
           coalesce(arg_max(p.value, (length(p.place_code), p.from_year)), $hours) AS hours
    FROM (
        SELECT DISTINCT county_code FROM townships WHERE $county IS NULL OR county_code = $county
    ) AS k
    LEFT JOIN indicator_params AS p
        ON p.parameter = 'G14.hours' AND p.from_year <= $year
       AND starts_with(k.county_code, p.place_code)
    GROUP BY k.county_code
)
SELECT unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT s.township_code AS unit_code,
           count(*) FILTER (WHERE s.training_hours >= r.hours) AS num,
           count(*) AS den
    FROM staff AS s
    JOIN townships AS t USING (township_code)
    JOIN required AS r USING (county_code)
    WHERE s.year = $year AND s.training_hours IS NOT NULL
    GROUP BY s.township_code
)
ORDER BY unit_code
