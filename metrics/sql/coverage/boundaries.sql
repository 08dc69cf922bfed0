-- One row per township boundary that is held.
SELECT unit_code, level, name_zh, name_en, geometry, source, map_approval_no
FROM boundaries
WHERE level = 'township'
ORDER BY unit_code
