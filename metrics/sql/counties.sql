-- One row per county that has townships, named where its boundary is held.
SELECT t.county_code AS unit_code, coalesce(any_value(b.name_zh), t.county_code) AS name_zh,
       coalesce(any_value(b.name_en), any_value(b.name_zh), t.county_code) AS name_en
FROM townships AS t
LEFT JOIN boundaries AS b ON b.unit_code = t.county_code AND b.level = 'county'
GROUP BY t.county_code
ORDER BY t.county_code
