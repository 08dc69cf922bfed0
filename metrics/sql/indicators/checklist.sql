-- One row per township (county for the county's own list) with items of $checklists checked in the year.
-- Items that do not apply, and items that nobody has checked, are left out.
SELECT unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT coalesce(township_code, unit_code) AS unit_code,
           count(*) FILTER (WHERE passed) AS num,
           count(*) AS den
    FROM checklist_results
    WHERE list_contains($checklists, checklist) AND applicable AND passed IS NOT NULL
      AND year = $year
      AND ($county IS NULL OR starts_with(unit_code, $county))
    GROUP BY ALL
)
ORDER BY unit_code
