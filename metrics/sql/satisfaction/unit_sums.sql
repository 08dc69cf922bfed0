-- One row per PSU of one survey and item, whatever the scope: domains are never filters. Which PSU
-- it is does not matter where its township, the stratum, is all that is asked of it.
SELECT item, township_code, n, sw, swy, swyy, sw1, sw2, sw3, sw4, sw5
FROM survey_sums
WHERE survey_id = $survey_id AND item = $item
