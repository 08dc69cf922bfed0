-- One row per issuer and kind of burden in the year: how often it reaches how many townships.
-- planned: NULL where nobody said whether it stands in the annual plan.
SELECT issuer, kind, count(DISTINCT township_code) AS units, sum(times_per_year) AS times,
       sum(times_per_year * hours_each) AS hours,
       sum(times_per_year) FILTER (WHERE in_annual_plan) AS times_planned,
       sum(times_per_year) FILTER (WHERE NOT in_annual_plan) AS times_unplanned,
       count(*) FILTER (WHERE legal_basis IS NULL) AS without_basis,
       count(*) FILTER (WHERE on_negative_list) AS negative
FROM burden_register
WHERE year = $year AND status = 'active'
  AND ($township IS NULL OR township_code = $township)
  AND township_code IN (
      SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
  )
GROUP BY issuer, kind
ORDER BY times DESC NULLS LAST, issuer, kind
