-- One row per township and indicator whose value of the year is out of the score.
-- An open appeal contests it until it is decided; an upheld exemption takes it out for good.
SELECT township_code AS unit_code, indicator_id,
       CASE WHEN bool_or(decided_on IS NULL) THEN 'contested' ELSE 'exempt' END AS note
FROM appeals
WHERE indicator_id IS NOT NULL AND coalesce(year, year(filed_on)) = $year
  AND (decided_on IS NULL
       OR (outcome IN ('upheld', 'partly') AND starts_with(kind, 'exemption')))
GROUP BY township_code, indicator_id
ORDER BY unit_code, indicator_id
