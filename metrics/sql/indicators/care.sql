-- One row per township with people or households on the registers of $groups in the year.
-- Summed over months: each counts once a month. n: how many are on the registers in a month; whoever
-- is there all year is one, not twelve.
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den,
       ceil(den / months) AS n
FROM (
    SELECT township_code,
           sum(served_n) AS num,
           sum(registered_n) AS den,
           count(DISTINCT month) FILTER (WHERE registered_n > 0) AS months
    FROM care_registers
    WHERE list_contains($groups, grp) AND served_n IS NOT NULL AND year(month) = $year
      AND township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
    GROUP BY township_code
)
WHERE den > 0
ORDER BY unit_code
