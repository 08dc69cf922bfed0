-- One row per PSU of one survey and item, whatever the scope: domains are never filters.
SELECT item, township_code, stratum, psu, n, sw, swy, swyy, sw1, sw2, sw3, sw4, sw5
FROM survey_sums
WHERE survey_id = $survey_id AND item = $item
