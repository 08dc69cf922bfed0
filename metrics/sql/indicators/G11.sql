-- One row per township whose approved, filled and seconded posts are known in the year.
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code, posts_filled_n - seconded_out_n AS num, posts_quota_n AS den
    FROM township_year
    WHERE year = $year
      AND township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
)
WHERE num IS NOT NULL AND den IS NOT NULL
ORDER BY unit_code
