"""Parquet as text: the schema and the footer are judged before a single value is read."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data.errors import DataError
from data.formats.grid import GridBuilder, Limits

_BATCH = 65_536
# Below this every whole number is exact in a double.
_WHOLE = 2.0**53
# Arrow's reader refuses a footer whose parts claim to be larger than this.
_FOOTER_BYTES = 16 << 20
_CLOCK = "Asia/Shanghai"


def read_parquet(path: Path, name: str, limits: Limits) -> GridBuilder:
    """Read a Parquet file as canonical text, nulls kept.

    Integers plain; numbers with the fewest digits that read back the same, no '.0'; dates and
    times ISO ('2025-03-31', '2025-03-31 09:30:00'; China's where a zone is given); true and
    false. Raises DataError `empty_file` (no column), `unreadable`, `nested_columns`,
    `column_type`, `file_too_large`, `too_many_columns`, `too_many_cells`.
    """
    try:
        return _read(path, name, limits)
    except (pa.ArrowException, OSError, UnicodeError) as error:
        raise DataError("unreadable", file=name, reason=str(error)[:200]) from error


def _read(path: Path, name: str, limits: Limits) -> GridBuilder:
    with _open(path) as file:
        footer = file.metadata
    _judge_footer(footer, name, limits)
    # Repeated long texts stay a dictionary until their full length is known.
    texts = [
        column.path
        for column in (footer.schema.column(n) for n in range(footer.num_columns))
        if column.physical_type == "BYTE_ARRAY"
    ]
    _refuse_repeated(path, name, footer, texts, limits)
    with _open(path, texts) as file:
        schema = file.schema_arrow
        _judge_types(schema, name)
        builder = GridBuilder(schema.names, name, limits)
        room = limits.parquet_unpacked_bytes
        for batch in file.iter_batches(_BATCH):
            # Bytes that claim to be text and are none are found here, not by whoever reads them.
            batch.validate(full=True)
            room -= sum(map(_text_bytes, batch.columns))
            if room < 0:
                raise _too_large(name, limits)
            builder.add_batch([_as_text(column) for column in batch.columns])
    return builder


def _refuse_repeated(
    path: Path, name: str, footer: pq.FileMetaData, texts: list[str], limits: Limits
) -> None:
    """Refuse few texts said very often, whose full length no footer tells, before any is written.

    They take less than two bytes a row; to add their lengths up is sooner done than to write them.
    """
    packed = sum(footer.row_group(n).total_byte_size for n in range(footer.num_row_groups))
    if not texts or packed > 2 * footer.num_rows * len(texts):
        return
    room = limits.parquet_unpacked_bytes
    with _open(path, texts) as file:
        for batch in file.iter_batches(_BATCH, columns=texts):
            room -= sum(map(_text_bytes, batch.columns))
            if room < 0:
                raise _too_large(name, limits)


def _open(path: Path, read_dictionary: list[str] | None = None) -> pq.ParquetFile:
    return pq.ParquetFile(
        path,
        read_dictionary=read_dictionary,
        thrift_string_size_limit=_FOOTER_BYTES,
        thrift_container_size_limit=_FOOTER_BYTES,
    )


def _judge_footer(footer: pq.FileMetaData, name: str, limits: Limits) -> None:
    nested = [
        footer.schema.column(n).path[:100]
        for n in range(min(footer.num_columns, limits.columns))
        # A column inside another one has a path beyond its own name.
        if footer.schema.column(n).path != footer.schema.column(n).name
        or footer.schema.column(n).max_repetition_level > 0
    ]
    if nested:
        raise DataError("nested_columns", file=name, columns=", ".join(nested[:5]))
    if footer.num_columns > limits.columns:
        raise DataError(
            "too_many_columns", file=name, columns=footer.num_columns, limit=limits.columns
        )
    if footer.num_columns == 0:
        raise DataError("empty_file", file=name)
    if footer.num_rows * footer.num_columns > limits.cells:
        raise DataError("too_many_cells", file=name, limit=limits.cells)
    unpacked = sum(footer.row_group(n).total_byte_size for n in range(footer.num_row_groups))
    if unpacked > limits.parquet_unpacked_bytes:
        raise _too_large(name, limits)


def _too_large(name: str, limits: Limits) -> DataError:
    return DataError("file_too_large", file=name, limit=f"{limits.parquet_unpacked_bytes >> 20} MB")


def _judge_types(schema: pa.Schema, name: str) -> None:
    for field in schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if pa.types.is_nested(kind):
            raise DataError("nested_columns", file=name, columns=field.name)
        if not _is_plain(kind):
            raise DataError("column_type", file=name, column=field.name, type=str(kind))


def _is_plain(kind: pa.DataType) -> bool:
    of = pa.types
    return bool(
        of.is_integer(kind)
        or of.is_floating(kind)
        or of.is_boolean(kind)
        or of.is_null(kind)
        or of.is_string(kind)
        or of.is_large_string(kind)
        or of.is_string_view(kind)
        or of.is_decimal128(kind)
        or of.is_date(kind)
        or of.is_time(kind)
        or of.is_timestamp(kind)
    )


def _text_bytes(column: pa.Array) -> int:
    """Return the bytes of a column's values written out in full."""
    if not pa.types.is_dictionary(column.type):
        return int(column.nbytes)
    lengths = pc.binary_length(column.dictionary.cast(pa.large_string()))
    return pc.sum(lengths.take(column.indices)).as_py() or 0


def _as_text(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _as_text(column.cast(kind.value_type))
    if pa.types.is_timestamp(kind):
        return _timestamps(column)
    if pa.types.is_date64(kind):
        column = column.cast(pa.date32())
    if pa.types.is_floating(kind):
        return _numbers(column)
    text = column.cast(pa.string())
    if pa.types.is_decimal(kind) and pc.any(pc.match_substring(text, "E")).as_py():
        return pa.array([None if v is None else f"{v:f}" for v in column.to_pylist()], pa.string())
    return _without_idle_zeros(text) if pa.types.is_time(kind) else text


def _numbers(column: pa.Array) -> pa.Array:
    """Write numbers shortest; whole ones as whole (990101001001, not 9.90101001001e+11)."""
    if pa.types.is_float16(column.type):
        column = column.cast(pa.float32())
    whole = pc.and_(pc.equal(column, pc.floor(column)), pc.less(pc.abs(column), _WHOLE))
    integers = pc.if_else(whole, column, 0.0).cast(pa.int64())
    return pc.if_else(whole, integers.cast(pa.string()), column.cast(pa.string()))


def _timestamps(column: pa.Array) -> pa.Array:
    if column.type.tz is not None:  # a moment, wherever it was written
        column = pc.local_timestamp(column.cast(pa.timestamp(column.type.unit, _CLOCK)))
    # Arrow prints '2025-03-31 09:30:00.000000': as many digits as the unit has.
    return _without_idle_zeros(column.cast(pa.string()))


def _without_idle_zeros(text: pa.Array) -> pa.Array:
    short = pc.replace_substring_regex(text, r"\.0+$", "")
    return pc.replace_substring_regex(short, r"(\.[0-9]*[1-9])0+$", r"\1")
