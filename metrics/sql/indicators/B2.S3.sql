-- One row per township with community social organisations counted in the year.
-- A village that gives no count is no part of it.
SELECT township_code AS unit_code, 1.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           sum(social_orgs_n) AS num,
           count(*) AS den
    FROM community_year
    WHERE social_orgs_n IS NOT NULL AND year = $year
      AND township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
    GROUP BY township_code
)
ORDER BY unit_code
