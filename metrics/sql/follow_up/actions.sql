-- One row per action of the scope, what is not done first, by its day.
SELECT action_id, unit_code, indicator_id, year, finding, owner, measure, found_on, due_on, done_on
FROM actions
WHERE ($county IS NULL OR substr(unit_code, 1, 6) = $county)
  AND ($township IS NULL OR unit_code = $township)
ORDER BY done_on IS NOT NULL, due_on, action_id
