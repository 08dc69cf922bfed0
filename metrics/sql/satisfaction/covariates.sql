-- One row per township of the scope: what is known of it in the newest year up to the survey's.
-- A township without facts has blank columns.
SELECT t.township_code AS unit_code,
       CASE t.unit_type WHEN 'subdistrict' THEN 1.0 WHEN 'township' THEN 0.0 END AS subdistrict,
       ln(nullif(y.resident_pop, 0)) AS population,
       y.migrants_n / nullif(y.resident_pop, 0) AS migrants,
       y.urban_resident_pop / nullif(y.resident_pop, 0) AS urban
FROM townships AS t
LEFT JOIN (
    SELECT * FROM township_year
    WHERE year <= (SELECT year(start_on) FROM survey_meta WHERE survey_id = $survey_id)
    QUALIFY row_number() OVER (PARTITION BY township_code ORDER BY year DESC) = 1
) AS y USING (township_code)
WHERE ($county IS NULL OR t.county_code = $county)
  AND ($township IS NULL OR t.township_code = $township)
  AND ($unit_type IS NULL OR t.unit_type = $unit_type)
ORDER BY t.township_code
