-- One row per township with inspections or assessments in force whose planning is known in the year.
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           coalesce(sum(times_per_year) FILTER (WHERE NOT in_annual_plan), 0) AS num,
           sum(times_per_year) AS den
    FROM burden_register
    WHERE kind IN ('inspection', 'assessment') AND status = 'active'
      AND in_annual_plan IS NOT NULL AND year = $year
      AND township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
    GROUP BY township_code
)
ORDER BY unit_code
