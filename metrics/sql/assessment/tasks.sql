-- One row per department: tasks given to townships in the year, outside their list, with support.
SELECT from_dept, count(*) AS tasks,
       count(*) FILTER (WHERE list_status IN ('outside', 'recalled')
               AND NOT coalesce(unified_deployment, false))
           AS outside,
       count(*) FILTER (WHERE support_given) AS supported,
       count(*) FILTER (WHERE support_given IS NULL) AS unknown
FROM delegated_tasks
WHERE year(received_on) = $year
  AND ($township IS NULL OR township_code = $township)
  AND township_code IN (
      SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
  )
GROUP BY from_dept
ORDER BY outside DESC, tasks DESC, from_dept
