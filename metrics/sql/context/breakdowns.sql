-- One row per breakdown and category of the scope: n of them, and num of these (resolved, people).
-- What nobody classified is the category ''.
WITH places AS (
    SELECT township_code FROM townships
    WHERE ($county IS NULL OR county_code = $county)
      AND ($township IS NULL OR township_code = $township)
      AND ($unit_type IS NULL OR unit_type = $unit_type)
),
parts AS (
    SELECT 'households' AS breakdown, township_code,
           CASE WHEN households < 500 THEN '1' WHEN households < 1000 THEN '2'
                WHEN households < 2000 THEN '3' WHEN households < 3000 THEN '4'
                WHEN households IS NOT NULL THEN '5' END AS category,
           NULL::DOUBLE AS num
    FROM community_year WHERE year = $year
    UNION ALL
    SELECT 'operator', township_code, operator, NULL FROM facilities WHERE status = 'operating'
    UNION ALL
    SELECT 'acquired_by', township_code, acquired_by, NULL
    FROM facilities WHERE status = 'operating'
    UNION ALL
    SELECT 'case_domain', township_code, domain, resolved::INTEGER
    FROM service_cases
    WHERE source = 'hotline' AND NOT excluded AND resolved IS NOT NULL AND year(created_at) = $year
    UNION ALL
    SELECT 'activity_kind', township_code, kind, people_n FROM activities
    WHERE year(held_on) = $year
)
SELECT breakdown, category, count(*) AS n, sum(num) AS num
FROM (SELECT breakdown, township_code, coalesce(category, '') AS category, num FROM parts)
JOIN places USING (township_code)
GROUP BY breakdown, category
ORDER BY breakdown, category = '', category
