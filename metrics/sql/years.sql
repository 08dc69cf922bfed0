-- One row per year that any facts or surveys are held for, newest first.
SELECT DISTINCT year FROM (
    SELECT year FROM township_year
    UNION ALL SELECT year FROM community_year
    UNION ALL SELECT year FROM reported_values
    UNION ALL SELECT year(start_on) FROM survey_meta
)
WHERE year IS NOT NULL
ORDER BY year DESC
