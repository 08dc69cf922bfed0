-- One row per township with community workers whose certificate is known in the year.
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           count(*) FILTER (WHERE social_work_cert) AS num,
           count(social_work_cert) AS den
    FROM staff
    WHERE category = 'community_worker' AND social_work_cert IS NOT NULL AND year = $year
      AND township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
    GROUP BY township_code
)
ORDER BY unit_code
