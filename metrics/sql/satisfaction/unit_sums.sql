-- One row per PSU of one survey and item, whatever the scope: domains are never filters. Which PSU
-- it is does not matter where its township, the stratum, is all that is asked of it.
-- $points: of the answers 1 to 5, whatever each county has adopted.
SELECT township_code, n, sw,
       -- Sums that were rolled up without the single answers are of the default way.
       coalesce(p[1] * sw1 + p[2] * sw2 + p[3] * sw3 + p[4] * sw4 + p[5] * sw5, swy) AS swy,
       coalesce(p[1] ** 2 * sw1 + p[2] ** 2 * sw2 + p[3] ** 2 * sw3 + p[4] ** 2 * sw4
                    + p[5] ** 2 * sw5, swyy) AS swyy
FROM survey_sums, (SELECT $points::DOUBLE[] AS p)
WHERE survey_id = $survey_id AND item = $item
