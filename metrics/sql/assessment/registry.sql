-- One row per township and sort of burden: times asked in the year and the year before, the cap.
-- about: 'G2' (inspections, assessments) or 'G4' (forms, ledgers). unplanned, unknown: times not in
-- the annual plan, and times of which nobody said. Counties that registered nothing are left out.
WITH sorts AS (
    SELECT township_code, f.year, times_per_year AS times, in_annual_plan AS planned,
           CASE WHEN kind IN ('inspection', 'assessment') THEN 'G2' ELSE 'G4' END AS about
    FROM burden_register AS f
    WHERE status = 'active' AND kind IN ('inspection', 'assessment', 'form', 'ledger')
      AND f.year IN ($year, $year - 1)
),
held AS (
    SELECT DISTINCT t.county_code, s.year
    FROM sorts AS s JOIN townships AS t USING (township_code)
),
caps AS (
    SELECT k.county_code, p.parameter[:2] AS about,
           arg_max(p.value, (length(p.place_code), p.from_year)) AS cap
    FROM (SELECT DISTINCT county_code FROM townships) AS k
    JOIN indicator_params AS p
        ON p.parameter IN ('G2.cap', 'G4.cap') AND p.from_year <= $year
       AND starts_with(k.county_code, p.place_code)
    GROUP BY ALL
)
SELECT t.township_code AS unit_code, t.name_zh, coalesce(t.name_en, t.name_zh) AS name_en, a.about,
       CASE WHEN before.year IS NOT NULL
            THEN coalesce(sum(s.times) FILTER (WHERE s.year = $year - 1), 0) END AS before,
       coalesce(sum(s.times) FILTER (WHERE s.year = $year), 0) AS after,
       coalesce(sum(s.times) FILTER (WHERE s.year = $year AND NOT s.planned), 0) AS unplanned,
       coalesce(sum(s.times) FILTER (WHERE s.year = $year AND s.planned IS NULL), 0) AS unknown,
       any_value(c.cap) AS cap
FROM townships AS t
CROSS JOIN (VALUES ('G2'), ('G4')) AS a(about)
JOIN held ON held.county_code = t.county_code AND held.year = $year
LEFT JOIN held AS before ON before.county_code = t.county_code AND before.year = $year - 1
LEFT JOIN sorts AS s ON s.township_code = t.township_code AND s.about = a.about
LEFT JOIN caps AS c ON c.county_code = t.county_code AND c.about = a.about
WHERE ($county IS NULL OR t.county_code = $county)
  AND ($township IS NULL OR t.township_code = $township)
  AND ($unit_type IS NULL OR t.unit_type = $unit_type)
GROUP BY t.township_code, t.name_zh, t.name_en, a.about, before.year
ORDER BY a.about, after DESC, unit_code
