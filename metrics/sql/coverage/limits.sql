-- One row per county of the scope: the value of a parameter that is in force there; blank where none is.
SELECT k.county_code, p.value, p.place_code, p.from_year, p.source
FROM (
    SELECT DISTINCT county_code FROM townships
    WHERE ($county IS NULL OR county_code = $county)
      AND ($township IS NULL OR township_code = $township)
) AS k
LEFT JOIN indicator_params AS p
    ON p.parameter = $parameter AND holds(p.place_code, p.from_year, k.county_code, $year)
QUALIFY row_number() OVER (
    PARTITION BY k.county_code ORDER BY nearness(p.place_code, p.from_year) DESC
) = 1
ORDER BY k.county_code
