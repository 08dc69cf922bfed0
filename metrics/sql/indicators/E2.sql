-- One row per township with villages or communities whose filing is known in the year.
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           count(*) FILTER (WHERE convention_filed) AS num,
           count(convention_filed) AS den
    FROM community_year
    WHERE year = $year
      AND township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
    GROUP BY township_code
)
ORDER BY unit_code
