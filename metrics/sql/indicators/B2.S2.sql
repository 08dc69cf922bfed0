-- One row per township whose mobile residents, served and all, are known in the year.
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           sum(migrants_served_n) AS num,
           sum(migrants_n) AS den
    FROM township_year
    WHERE migrants_n IS NOT NULL AND migrants_served_n IS NOT NULL AND year = $year
      AND township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
    GROUP BY township_code
)
WHERE den > 0
ORDER BY unit_code
