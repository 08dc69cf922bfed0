-- One row per township of the counties that hold any entry in the burden register of the year; none is then 0.
SELECT u.township_code AS unit_code, count(f.burden_id)::DOUBLE AS value,
       count(f.burden_id)::DOUBLE AS num, 1 AS den
FROM townships AS u
LEFT JOIN burden_register AS f
    ON f.township_code = u.township_code AND f.year = $year AND f.status = 'active'
   AND (f.kind = 'certificate' AND f.on_negative_list
        OR f.kind IN ('one_vote_veto', 'responsibility_letter', 'demonstration', 'signboard')
           AND trim(coalesce(f.legal_basis, '')) = '')
WHERE ($county IS NULL OR u.county_code = $county)
  AND u.county_code IN (
      SELECT t.county_code FROM burden_register AS f JOIN townships AS t USING (township_code)
      WHERE f.year = $year
  )
GROUP BY u.township_code
ORDER BY unit_code
