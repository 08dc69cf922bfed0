-- One row per township with operating comprehensive facilities of known areas (a state, not a year).
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           sum(area_activity_m2) AS num,
           sum(area_total_m2) AS den
    FROM facilities
    WHERE is_comprehensive AND status = 'operating'
      AND area_activity_m2 IS NOT NULL AND area_total_m2 IS NOT NULL
      AND township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
    GROUP BY township_code
)
ORDER BY unit_code
