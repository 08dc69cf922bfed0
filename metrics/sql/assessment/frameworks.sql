-- One row per scored indicator of a county's own frameworks.
SELECT f.framework, f.name_zh, coalesce(f.name_en, f.name_zh) AS name_en, f.effective_from,
       f.replaces, i.card, i.indicator_id, i.weight, i.target
FROM frameworks AS f
JOIN framework_items AS i USING (framework)
ORDER BY f.framework, i.card, i.indicator_id
