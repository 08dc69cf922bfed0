-- One row per service that any facility offers.
SELECT service, count(*) AS facilities,
       count(*) FILTER (status = 'operating') AS operating,
       count(*) FILTER (status = 'idle') AS idle,
       count(*) FILTER (status = 'operating' AND (lon IS NULL OR lat IS NULL)) AS unplaced
FROM (SELECT unnest(string_split(services, ';')) AS service, status, lon, lat FROM facilities)
GROUP BY service
ORDER BY service
