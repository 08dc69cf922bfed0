-- One row per appeal of the scope, open ones first, then the newest.
-- late: past its day without a decision on $today, or decided after it.
SELECT a.appeal_id, a.township_code AS unit_code, t.name_zh, coalesce(t.name_en, t.name_zh) AS name_en,
       a.kind, a.indicator_id, coalesce(a.year, year(a.filed_on)) AS year, a.filed_on, a.due_on,
       a.decided_on, a.outcome, a.reason, a.note,
       coalesce(a.decided_on, $today::DATE) > a.due_on AS late
FROM appeals AS a
JOIN townships AS t USING (township_code)
WHERE ($county IS NULL OR t.county_code = $county)
  AND ($township IS NULL OR a.township_code = $township)
  AND ($year IS NULL OR coalesce(a.year, year(a.filed_on)) = $year)
ORDER BY a.decided_on IS NOT NULL, a.filed_on DESC, a.appeal_id
