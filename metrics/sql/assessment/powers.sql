-- One row per devolved power of the year: townships that hold it, and those that never used it.
SELECT item_code, max(item_name) AS name, count(*) AS units,
       count(*) FILTER (WHERE times_used_n = 0) AS unused,
       count(*) FILTER (WHERE times_used_n IS NULL) AS unknown,
       sum(times_used_n) AS times
FROM power_items
WHERE year = $year AND list = 'devolved'
  AND ($township IS NULL OR township_code = $township)
  AND township_code IN (
      SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
  )
GROUP BY item_code
ORDER BY unused DESC, item_code
