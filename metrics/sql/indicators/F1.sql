-- One row per county with forms in force (a state, not a year).
SELECT county_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT county_code,
           count(*) - count(DISTINCT field_std_code) AS num,
           count(*) AS den
    FROM form_fields
    WHERE $county IS NULL OR county_code = $county
    GROUP BY county_code
)
ORDER BY unit_code
