-- One row per checklist item drawn for a second look: $each items that a township and its villages
-- reported as met in the year. Their order is that of a hash, so that nobody chooses them.
WITH drawn AS (
    SELECT township_code, unit_code, item_code, evidence_ref,
           row_number() OVER (
               PARTITION BY township_code
               ORDER BY md5(concat_ws('|', unit_code, item_code, $year)), unit_code, item_code
           ) AS place
    FROM checklist_results
    WHERE year = $year AND applicable AND passed AND township_code IS NOT NULL
      AND ($county IS NULL OR starts_with(township_code, $county))
      AND ($township IS NULL OR township_code = $township)
)
SELECT t.township_code, t.name_zh, coalesce(t.name_en, t.name_zh) AS name_en, d.unit_code,
       c.name_zh AS place_zh, coalesce(c.name_en, c.name_zh) AS place_en, d.item_code,
       d.evidence_ref, r.confirmed, r.checked_on, r.note
FROM drawn AS d
JOIN townships AS t USING (township_code)
LEFT JOIN communities AS c ON c.community_code = d.unit_code
LEFT JOIN rechecks AS r
    ON r.unit_code = d.unit_code AND r.item_code = d.item_code AND r.year = $year
WHERE d.place <= $each AND ($unit_type IS NULL OR t.unit_type = $unit_type)
ORDER BY t.township_code, d.place
