-- One row per column that a table of the newest version has.
SELECT held.table_name, own.column_name
FROM ducklake_table AS held
JOIN ducklake_column AS own USING (table_id)
WHERE held.end_snapshot IS NULL AND own.end_snapshot IS NULL AND own.parent_column IS NULL
