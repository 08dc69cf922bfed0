-- One row per service that any facility offers.
SELECT service, count(*) AS facilities,
       count(*) FILTER (status = 'operating') AS operating,
       count(*) FILTER (status = 'idle') AS idle
FROM (SELECT unnest(string_split(services, ';')) AS service, status FROM facilities)
GROUP BY service
ORDER BY service
