-- One row per table that a version has: its name, the last version up to it that wrote to the
-- table, how many rows its files hold at most (a handful may lie in the catalog instead), and
-- whether anything was ever written to it.
WITH changes AS (
    SELECT unnest(regexp_extract_all(changes_made, ':([0-9]+)', 1))::BIGINT AS table_id,
           snapshot_id
    FROM ducklake_snapshot_changes
    WHERE snapshot_id <= $version
), files AS (
    SELECT table_id, sum(record_count) AS rows
    FROM ducklake_data_file
    WHERE begin_snapshot <= $version AND coalesce(end_snapshot > $version, true)
    GROUP BY table_id
)
SELECT held.table_name AS name,
       greatest(max(held.begin_snapshot), coalesce(max(changes.snapshot_id), 0)) AS written,
       coalesce(max(files.rows), 0)::BIGINT AS rows,
       count(changes.snapshot_id) > 0 AS used
FROM ducklake_table AS held
LEFT JOIN changes USING (table_id)
LEFT JOIN files USING (table_id)
WHERE held.begin_snapshot <= $version AND coalesce(held.end_snapshot > $version, true)
GROUP BY held.table_name
ORDER BY held.table_name
