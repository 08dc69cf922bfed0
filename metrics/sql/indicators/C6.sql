-- One row per township with grids whose staffing is known in the year.
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           sum(grids_staffed_n) AS num,
           sum(grids_n) AS den
    FROM community_year
    WHERE year = $year AND grids_n IS NOT NULL AND grids_staffed_n IS NOT NULL
      AND township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
    GROUP BY township_code
)
ORDER BY unit_code
