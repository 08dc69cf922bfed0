-- One row per township with uploads of its own (all that is logged: the log holds no year).
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           sum(cells_valid_n) AS num,
           sum(cells_expected_n) AS den
    FROM load_log
    WHERE township_code IN (
        SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
    )
    GROUP BY township_code
)
ORDER BY unit_code
