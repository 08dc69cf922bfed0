-- One row per township with township-level consultations of the year whose guests are known.
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           count(*) FILTER (WHERE coalesce(deputies_n, 0) + coalesce(observers_n, 0) > 0) AS num,
           count(*) AS den
    FROM consultations
    WHERE level = 'township' AND coalesce(deputies_n, observers_n) IS NOT NULL
      AND year(held_on) = $year
      AND township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
    GROUP BY township_code
)
ORDER BY unit_code
