-- One row per unit and indicator reported for the year by hand.
SELECT unit_code, indicator_id, value, num, den FROM reported_values
WHERE year = $year
ORDER BY unit_code, indicator_id
