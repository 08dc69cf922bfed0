-- One row per quarter and pair of departments whose inspections or assessments of the year reach
-- the same townships in it: how many townships.
WITH visits AS (
    SELECT DISTINCT township_code, quarter, issuer
    FROM burden_register
    WHERE year = $year AND status = 'active' AND kind IN ('inspection', 'assessment')
      AND quarter IS NOT NULL
      AND ($township IS NULL OR township_code = $township)
      AND township_code IN (
          SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
      )
)
SELECT a.quarter, a.issuer AS first_issuer, b.issuer AS second_issuer, count(*) AS units
FROM visits AS a
JOIN visits AS b
    ON b.township_code = a.township_code AND b.quarter = a.quarter AND b.issuer > a.issuer
GROUP BY ALL
ORDER BY units DESC, a.quarter, first_issuer, second_issuer
