-- One row per township with villages or communities of which the $fact is known in the year.
SELECT township_code AS unit_code, 100.0 * num / nullif(den, 0) AS value, num, den
FROM (
    SELECT township_code,
           count(*) FILTER (WHERE held) AS num,
           count(held) AS den
    FROM (
        SELECT township_code,
               CASE $fact WHEN 'secretary_is_chair' THEN secretary_is_chair
                          WHEN 'waste_sewage_ok' THEN waste_sewage_ok
                          WHEN 'psych_service' THEN psych_service
                          WHEN 'legal_adviser_active' THEN legal_adviser_active
                          WHEN 'convention_filed' THEN convention_filed
                          WHEN 'platform_access' THEN platform_access END AS held
        FROM community_year
        WHERE year = $year
          AND township_code IN (
              SELECT township_code FROM townships WHERE $county IS NULL OR county_code = $county
          )
    )
    WHERE held IS NOT NULL
    GROUP BY township_code
)
ORDER BY unit_code
