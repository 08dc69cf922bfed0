-- One row per grouping, group and PSU of one survey and item, whatever the scope.
SELECT item, dimension, level, township_code, psu, n, sw, swy, swyy
FROM survey_group_sums
WHERE survey_id = $survey_id AND item = $item
