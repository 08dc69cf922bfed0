-- One row per township: devolved powers it holds and never used in the year, tasks handed to it
-- outside its list, and those of them without support. Units without either are left out.
WITH places AS (
    SELECT township_code, name_zh, coalesce(name_en, name_zh) AS name_en
    FROM townships
    WHERE ($county IS NULL OR county_code = $county)
      AND ($township IS NULL OR township_code = $township)
      AND ($unit_type IS NULL OR unit_type = $unit_type)
),
powers AS (
    SELECT township_code, count(*) AS powers, count(*) FILTER (WHERE times_used_n = 0) AS unused
    FROM power_items
    WHERE year = $year AND list = 'devolved'
    GROUP BY township_code
),
tasks AS (
    SELECT township_code, count(*) AS tasks,
           count(*) FILTER (WHERE list_status IN ('outside', 'recalled')
                   AND NOT coalesce(unified_deployment, false)) AS outside,
           count(*) FILTER (WHERE list_status IN ('outside', 'recalled')
                   AND NOT coalesce(unified_deployment, false) AND NOT support_given)
               AS unsupported
    FROM delegated_tasks
    WHERE year(received_on) = $year
    GROUP BY township_code
)
SELECT p.township_code AS unit_code, p.name_zh, p.name_en, w.powers, w.unused, k.tasks, k.outside,
       k.unsupported
FROM places AS p
LEFT JOIN powers AS w USING (township_code)
LEFT JOIN tasks AS k USING (township_code)
WHERE w.powers IS NOT NULL OR k.tasks IS NOT NULL
ORDER BY k.outside DESC NULLS LAST, w.unused DESC NULLS LAST, unit_code
