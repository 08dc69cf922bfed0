-- One row per figure of the scope: numerator, denominator, and how many townships have them.
-- A row counts where both of its parts are known; a state (facilities, organisations) has no year.
WITH places AS (
    SELECT township_code FROM townships
    WHERE ($county IS NULL OR county_code = $county)
      AND ($township IS NULL OR township_code = $township)
      AND ($unit_type IS NULL OR unit_type = $unit_type)
),
parts AS (
    SELECT 'cross_posted' AS figure, township_code, cross_posted_n::DOUBLE AS num,
           committee_members_n::DOUBLE AS den
    FROM community_year WHERE year = $year
    UNION ALL
    SELECT 'charter_clause', township_code, charter_clause::INTEGER, 1
    FROM social_orgs WHERE charter_clause IS NOT NULL
    UNION ALL
    SELECT 'covered_money', township_code, CASE WHEN party_coverage THEN govt_project_yuan ELSE 0 END,
           govt_project_yuan
    FROM social_orgs WHERE party_coverage IS NOT NULL
    UNION ALL
    SELECT 'project_money', o.township_code, o.yuan, y.resident_pop
    FROM (SELECT township_code, sum(govt_project_yuan) AS yuan FROM social_orgs GROUP BY 1) AS o
    JOIN township_year AS y ON y.township_code = o.township_code AND y.year = $year
    UNION ALL
    SELECT 'cross_region', township_code, cross_region::INTEGER, 1
    FROM service_items WHERE year = $year AND cross_region IS NOT NULL
    UNION ALL
    SELECT 'treasury', township_code, treasury_central_paid_yuan, treasury_total_paid_yuan
    FROM township_year WHERE year = $year
    UNION ALL
    SELECT 'graduates', township_code, college_degree::INTEGER, 1
    FROM staff WHERE year = $year AND category = 'community_worker' AND college_degree IS NOT NULL
    UNION ALL
    SELECT 'health_workers', township_code, health_workers_n, resident_pop
    FROM township_year WHERE year = $year
    UNION ALL
    SELECT 'households_per_grid', township_code, households, grids_n
    FROM community_year WHERE year = $year
    UNION ALL
    SELECT 'residents_per_post', township_code, resident_pop, posts_filled_n
    FROM township_year WHERE year = $year
    UNION ALL
    SELECT 'spatial_plan', township_code, in_spatial_plan::INTEGER, 1
    FROM facilities WHERE in_spatial_plan IS NOT NULL
)
SELECT figure, sum(num) AS num, sum(den) AS den, count(DISTINCT township_code) AS units
FROM parts JOIN places USING (township_code)
WHERE num IS NOT NULL AND den IS NOT NULL
GROUP BY figure
ORDER BY figure
