-- One row per township with elderly in special difficulty on the register in the year.
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           sum(served_n) AS num,
           sum(registered_n) AS den
    FROM care_registers
    WHERE grp = 'special_elder' AND year(month) = $year AND served_n IS NOT NULL
      AND township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
    GROUP BY township_code
)
ORDER BY unit_code
