-- One row per township with residential compounds whose property service is known in the year.
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           sum(compounds_managed_n) AS num,
           sum(compounds_n) AS den
    FROM community_year
    WHERE compounds_n IS NOT NULL AND compounds_managed_n IS NOT NULL AND year = $year
      AND township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
    GROUP BY township_code
)
WHERE den > 0
ORDER BY unit_code
