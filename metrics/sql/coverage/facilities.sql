-- One row per facility that offers the service, wherever it stands.
SELECT facility_id AS id, name_zh, township_code, status, lon, lat
FROM facilities
WHERE list_contains(string_split(services, ';'), $service)
ORDER BY facility_id
