-- One row per county of the scope, service and setting with a radius: the one in force there that year.
SELECT k.county_code, p.service, p.setting, p.radius_m, p.place_code, p.from_year, p.source
FROM (
    SELECT DISTINCT county_code FROM townships
    WHERE ($county IS NULL OR county_code = $county)
      AND ($township IS NULL OR township_code = $township)
) AS k
JOIN radius_params AS p ON holds(p.place_code, p.from_year, k.county_code, $year)
QUALIFY row_number() OVER (
    PARTITION BY k.county_code, p.service, p.setting
    ORDER BY nearness(p.place_code, p.from_year) DESC
) = 1
ORDER BY k.county_code, p.service, p.setting
