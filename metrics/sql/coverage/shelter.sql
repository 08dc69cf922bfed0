-- One row per township of the scope: space of its operating shelters, those without a figure, residents.
WITH space AS (
    SELECT township_code, sum(area_emergency_m2) AS m2,
           count(*) FILTER (area_emergency_m2 IS NULL) AS unknown
    FROM facilities
    WHERE status = 'operating' AND list_contains(string_split(services, ';'), 'emergency')
    GROUP BY township_code
),
people AS (
    SELECT township_code, sum(resident_pop) AS residents
    FROM community_year
    WHERE year = $year
    GROUP BY township_code
)
SELECT t.township_code AS unit_code, coalesce(s.m2, 0) AS num, p.residents AS den,
       coalesce(s.unknown, 0) AS unknown,
       t.county_code IN (
           SELECT k.county_code FROM facilities JOIN townships AS k USING (township_code)
       ) AS facilities_known
FROM townships AS t
LEFT JOIN space AS s USING (township_code)
LEFT JOIN people AS p USING (township_code)
WHERE ($county IS NULL OR t.county_code = $county)
  AND ($township IS NULL OR t.township_code = $township)
  AND ($unit_type IS NULL OR t.unit_type = $unit_type)
ORDER BY t.township_code
