-- One row per township: where most of its villages lie, and its third by residents in the year.
SELECT t.township_code AS unit_code,
       CASE WHEN p.urban > p.rural THEN 'urban' WHEN p.rural > 0 THEN 'rural' END AS setting,
       ntile(3) OVER (PARTITION BY y.resident_pop IS NULL ORDER BY y.resident_pop, t.township_code)
           + CASE WHEN y.resident_pop IS NULL THEN NULL ELSE 0 END AS size_third
FROM townships AS t
LEFT JOIN township_year AS y ON y.township_code = t.township_code AND y.year = $year
LEFT JOIN (
    SELECT township_code,
           count(*) FILTER (WHERE urban_rural_code LIKE '1%') AS urban,
           count(*) FILTER (WHERE urban_rural_code LIKE '2%') AS rural
    FROM communities
    GROUP BY township_code
) AS p ON p.township_code = t.township_code
ORDER BY unit_code
