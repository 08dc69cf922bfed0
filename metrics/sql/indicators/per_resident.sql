-- One row per township whose $fact is known in the year.
SELECT township_code AS unit_code, 1.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           CASE $fact WHEN 'volunteer_hours' THEN volunteer_hours
                      WHEN 'governance_spend_yuan' THEN governance_spend_yuan END AS num,
           resident_pop AS den
    FROM township_year
    WHERE year = $year
      AND township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
)
WHERE num IS NOT NULL
ORDER BY unit_code
