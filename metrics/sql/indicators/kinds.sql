-- One row per township with villages or communities, counted by kind.
SELECT township_code AS unit_code, count(*) FILTER (WHERE kind = 'village') AS villages,
       count(*) FILTER (WHERE kind = 'community') AS communities
FROM communities
GROUP BY township_code
ORDER BY unit_code
