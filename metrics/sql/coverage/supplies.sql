-- One row per township of the scope: checks of 'supplies kept to list' passed, and checks that apply.
SELECT t.township_code AS unit_code, count(*) FILTER (r.passed) AS num, count(*) AS den
FROM checklist_results AS r
JOIN townships AS t ON t.township_code = coalesce(r.township_code, left(r.unit_code, 9))
WHERE r.item_code IN ('EMERG6-5', 'EMERG3-3') AND r.applicable AND r.passed IS NOT NULL
  AND r.year = $year
  AND ($county IS NULL OR t.county_code = $county)
  AND ($township IS NULL OR t.township_code = $township)
  AND ($unit_type IS NULL OR t.unit_type = $unit_type)
GROUP BY t.township_code
ORDER BY t.township_code
