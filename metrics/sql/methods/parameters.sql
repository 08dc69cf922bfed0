-- One row per parameter the store holds: a limit of an indicator, a radius, an area standard,
-- or the way a county scores satisfaction, which has no value.
SELECT 'indicator' AS kind, parameter AS name, NULL AS held_for, value, place_code, from_year, source
FROM indicator_params
UNION ALL
SELECT 'radius', service, setting, radius_m, place_code, from_year, source
FROM radius_params
UNION ALL
SELECT 'area', function, scope, min_m2, place_code, from_year, source
FROM area_standards
UNION ALL
SELECT 'scoring', points, NULL, NULL, county_code, from_year, reason || ' (' || decided_by || ')'
FROM survey_scoring
ORDER BY kind, name, held_for, place_code, from_year
