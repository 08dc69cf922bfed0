-- One row per facility and service that it offers, wherever it stands.
SELECT facility_id AS id, township_code, status, lon, lat, unnest(string_split(services, ';')) AS service
FROM facilities
ORDER BY facility_id
