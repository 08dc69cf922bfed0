-- One row per county boundary that is held.
SELECT unit_code, geometry
FROM boundaries
WHERE level = 'county'
ORDER BY unit_code
