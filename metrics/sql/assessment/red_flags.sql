-- One row per township and thing that must not be missing: places where it is, of those known.
-- about: an item of $items (checklist items), or 'disclosures' (a village that published none of
-- what was due in the year).
SELECT coalesce(township_code, unit_code) AS unit_code, item_code AS about,
       count(*) FILTER (WHERE NOT passed) AS places, count(*) AS of_places
FROM checklist_results
WHERE year = $year AND list_contains($items, item_code) AND applicable AND passed IS NOT NULL
GROUP BY ALL
UNION ALL
SELECT township_code, 'disclosures', count(*) FILTER (WHERE published = 0), count(*)
FROM (
    SELECT township_code, community_code, count(published_on) AS published
    FROM disclosures
    WHERE year(due_on) = $year
    GROUP BY township_code, community_code
)
GROUP BY township_code
ORDER BY unit_code, about
