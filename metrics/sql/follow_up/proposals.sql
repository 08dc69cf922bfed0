-- One row per proposal of the scope, what is not answered first, by its day.
SELECT proposal_id, unit_code, indicator_id, year, finding, raised_by, proposal, department,
       raised_on, answered_on, outcome, answer
FROM proposals
WHERE ($county IS NULL OR substr(unit_code, 1, 6) = $county)
  AND ($township IS NULL OR unit_code = $township)
ORDER BY answered_on IS NOT NULL, raised_on, proposal_id
