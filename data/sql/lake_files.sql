-- One row per Parquet file that any version refers to: the version that brought it, its path
-- inside the folder of facts, its size in bytes.
WITH kept AS (
    SELECT table_id, begin_snapshot, path, path_is_relative, file_size_bytes
    FROM ducklake_data_file
    UNION ALL
    SELECT table_id, begin_snapshot, path, path_is_relative, file_size_bytes
    FROM ducklake_delete_file
)
SELECT DISTINCT kept.begin_snapshot AS version,
       CASE WHEN kept.path_is_relative
            THEN ducklake_schema.path || ducklake_table.path || kept.path
            ELSE kept.path END AS file,
       kept.file_size_bytes AS size
FROM kept
JOIN ducklake_table USING (table_id)
JOIN ducklake_schema USING (schema_id)
ORDER BY version, file
