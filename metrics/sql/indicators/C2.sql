-- One row per township with disclosures due in the year; one whose day had not passed when the data
-- were published counts once it is out.
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           count(*) FILTER (WHERE published_on <= due_on) AS num,
           count(*) AS den
    FROM disclosures
    WHERE year(due_on) = $year AND (published_on IS NOT NULL OR due_on < $known_on::DATE)
      AND township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
    GROUP BY township_code
)
ORDER BY unit_code
