-- One row per township with county decisions that touch it in the year.
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           count(*) FILTER (WHERE opinion_sought) AS num,
           count(*) AS den
    FROM major_decisions
    WHERE opinion_sought IS NOT NULL AND year(decided_on) = $year
      AND township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
    GROUP BY township_code
)
ORDER BY unit_code
