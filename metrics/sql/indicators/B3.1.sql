-- One row per township of the counties that hold any session of townships in the year; none is 0.
-- Topics beyond the number the county set are not counted.
SELECT unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT y.township_code AS unit_code,
           least(count(DISTINCT c.county_topic_code), any_value(y.county_topics_n)) AS num,
           any_value(y.county_topics_n) AS den
    FROM township_year AS y
    JOIN townships AS t USING (township_code)
    LEFT JOIN consultations AS c
        ON c.township_code = y.township_code AND c.level = 'township'
       AND year(c.held_on) = $year
    WHERE y.year = $year AND y.county_topics_n > 0
      AND ($county IS NULL OR t.county_code = $county)
      AND t.county_code IN (
          SELECT k.county_code FROM consultations AS f JOIN townships AS k USING (township_code)
          WHERE f.level = 'township' AND year(f.held_on) = $year
      )
    GROUP BY y.township_code
)
ORDER BY unit_code
