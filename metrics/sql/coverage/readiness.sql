-- One row per township of the scope: shelters, team and supplies, people who need help first, calls for support.
WITH shelter AS (
    SELECT township_code, count(*) AS shelters, sum(area_emergency_m2) AS shelter_m2
    FROM facilities
    WHERE status = 'operating' AND list_contains(string_split(services, ';'), 'emergency')
    GROUP BY township_code
),
checked AS (
    SELECT coalesce(township_code, left(unit_code, 9)) AS township_code,
           bool_and(passed) FILTER (item_code = 'EMERG6-4') AS team,
           bool_and(passed) FILTER (item_code = 'EMERG6-5') AS supplies
    FROM checklist_results
    WHERE checklist = 'EMERG6' AND applicable AND year = $year
    GROUP BY ALL
),
registered AS (
    SELECT township_code,
           sum(registered_n) FILTER (grp = 'special_elder') AS special_elder,
           sum(registered_n) FILTER (grp = 'disabled') AS disabled,
           sum(registered_n) FILTER (grp = 'hardship') AS hardship,
           sum(registered_n) FILTER (grp = 'left_child') AS left_child
    FROM care_registers
    WHERE month = (
        SELECT max(latest.month) FROM care_registers AS latest
        WHERE latest.community_code = care_registers.community_code
          AND latest.grp = care_registers.grp AND year(latest.month) = $year
    )
    GROUP BY township_code
),
calls AS (
    SELECT township_code, count(*) AS requests, count(*) FILTER (answered_at IS NULL) AS waiting
    FROM upward_requests
    WHERE kind = 'emergency_support' AND year(raised_at) = $year
    GROUP BY township_code
)
SELECT t.township_code AS unit_code, t.name_zh, coalesce(t.name_en, t.name_zh) AS name_en,
       coalesce(s.shelters, 0) AS shelters, s.shelter_m2, c.team, c.supplies,
       r.special_elder, r.disabled, r.hardship, r.left_child,
       coalesce(q.requests, 0) AS requests, coalesce(q.waiting, 0) AS waiting,
       EXISTS (SELECT 1 FROM facilities) AS facilities_known
FROM townships AS t
LEFT JOIN shelter AS s USING (township_code)
LEFT JOIN checked AS c USING (township_code)
LEFT JOIN registered AS r USING (township_code)
LEFT JOIN calls AS q USING (township_code)
WHERE ($county IS NULL OR t.county_code = $county)
  AND ($township IS NULL OR t.township_code = $township)
  AND ($unit_type IS NULL OR t.unit_type = $unit_type)
ORDER BY t.township_code
