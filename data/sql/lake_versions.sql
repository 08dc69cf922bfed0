-- One row per state of the store, in order: its number and when it came about (UTC).
SELECT snapshot_id AS version,
       strftime(make_timestamp(epoch_us(snapshot_time)), '%Y-%m-%d %H:%M:%S.%f') AS time
FROM ducklake_snapshot
ORDER BY version
