-- One row per township with service items of which the $fact is known in the year.
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           count(*) FILTER (WHERE held) AS num,
           count(*) AS den
    FROM (
        SELECT township_code,
               CASE $fact WHEN 'one_window' THEN one_window
                          WHEN 'citywide' THEN citywide
                          WHEN 'offline_kept' THEN offline_kept END AS held
        FROM service_items
        WHERE year = $year
          AND township_code IN (
              SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
          )
    )
    WHERE held IS NOT NULL
    GROUP BY township_code
)
ORDER BY unit_code
