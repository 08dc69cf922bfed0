-- One row per township of the scope: its residents, newest year up to the one asked.
SELECT t.township_code AS unit_code, t.name_zh, coalesce(t.name_en, t.name_zh) AS name_en,
       t.unit_type, arg_max(y.resident_pop, y.year) AS population, max(y.year) AS year
FROM townships AS t
LEFT JOIN township_year AS y
    ON y.township_code = t.township_code AND ($year IS NULL OR y.year <= $year)
WHERE ($county IS NULL OR t.county_code = $county)
  AND ($township IS NULL OR t.township_code = $township)
  AND ($unit_type IS NULL OR t.unit_type = $unit_type)
GROUP BY ALL
ORDER BY t.township_code
