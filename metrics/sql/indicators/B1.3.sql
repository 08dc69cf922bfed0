-- One row per township with enforcement records whose publication was due in the year.
-- A record without a due date has the limit that its place has set, if it has set one. One whose day
-- had not passed when the data were published counts once it is out.
WITH limits AS (
    -- The newest value of the nearest place that sets one, else the default.
    SELECT k.county_code,
           coalesce(arg_max(p.value, (length(p.place_code), p.from_year))
                        FILTER (WHERE p.parameter = 'B1.3.decision_days'),
                    $decision_days)::INTEGER AS decision_days,
           coalesce(arg_max(p.value, (length(p.place_code), p.from_year))
                        FILTER (WHERE p.parameter = 'B1.3.other_days'),
                    $other_days)::INTEGER AS other_days
    FROM (
        SELECT DISTINCT county_code FROM townships WHERE $county IS NULL OR county_code = $county
    ) AS k
    LEFT JOIN indicator_params AS p
        ON p.from_year <= $year AND starts_with(k.county_code, p.place_code)
    GROUP BY k.county_code
),
records AS (
    SELECT e.township_code, e.published_on,
           coalesce(e.publish_due,
                    e.done_on + CASE WHEN e.kind IN ('penalty', 'licence') THEN l.decision_days
                                     ELSE l.other_days END) AS due_on
    FROM enforcement AS e
    JOIN townships AS t USING (township_code)
    JOIN limits AS l USING (county_code)
)
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           count(*) FILTER (WHERE published_on <= due_on) AS num,
           count(*) AS den
    FROM records
    WHERE year(due_on) = $year AND (published_on IS NOT NULL OR due_on < $known_on::DATE)
    GROUP BY township_code
)
ORDER BY unit_code
