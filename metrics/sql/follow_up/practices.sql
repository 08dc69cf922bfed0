-- One row per practice of the scope, the newest first. year: the last one before it began.
SELECT practice_id, unit_code, indicator_id, year(started_on) - 1 AS year, kind, title, summary,
       evidence, started_on, recognised_by
FROM practices
WHERE ($county IS NULL OR substr(unit_code, 1, 6) = $county)
ORDER BY started_on DESC, practice_id
