-- One row per service and setting with a radius.
SELECT service, setting, radius_m
FROM radius_params
ORDER BY service, setting
