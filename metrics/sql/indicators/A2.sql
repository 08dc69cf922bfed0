-- One row per township with Party organisations of villages listed as weak in the year.
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           count(*) FILTER (WHERE weak_org_status = 'rectified') AS num,
           count(*) AS den
    FROM community_year
    WHERE weak_org_status IN ('listed', 'rectified') AND year = $year
      AND township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
    GROUP BY township_code
)
ORDER BY unit_code
