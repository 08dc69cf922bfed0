"""A file as what it says, before any meaning: a header and cells of text, by position.

The kind is found from the content, not from the name. Nothing is padded, cut or guessed.
"""

import datetime as dt
import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook

from data.decode import encoding_of, refuse_other_kinds
from data.delimited import Ragged, read_delimited
from data.errors import DataError

LARGEST_TEXT = 512 << 20
LARGEST_WORKBOOK = 50 << 20
LARGEST_UNPACKED = 512 << 20
MOST_CELLS = 200_000_000
MOST_WORKBOOK_CELLS = 20_000_000

__all__ = ["Grid", "Ragged", "read_grid"]


@dataclass(frozen=True)
class Grid:
    """Header and cells of a file.

    cells: string columns c0, c1, … by position. records: 1-based number of each row; lines: the
    line or sheet row where it starts. ragged: records with another number of fields than the
    header; they are not in cells. encoding: of text files, else the kind.
    """

    header: tuple[str, ...]
    cells: pa.Table
    records: pa.Array
    lines: pa.Array
    ragged: tuple[Ragged, ...]
    sha256: str
    encoding: str
    kind: str
    delimiter: str | None
    size: int


def read_grid(path: Path, name: str, *, sheet: str | None = None) -> Grid:
    """Read CSV, TSV, Parquet, XLSX, XLS or ODS.

    Raises DataError `empty_file`, `file_too_large`, `not_a_table`, and those of the readers.
    """
    size = path.stat().st_size
    if size == 0:
        raise DataError("empty_file", file=name)
    with path.open("rb") as file:
        head = file.read(4096)
        file.seek(0)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    refuse_other_kinds(head, name)
    if head.startswith(b"PAR1"):
        cells, header = _parquet(path, name)
        kind, delimiter, encoding = "parquet", None, "parquet"
    elif head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _workbook(path, name, sheet, sha256, size)
    else:
        return _text(path, name, sha256, size)
    rows = pa.array(range(1, cells.num_rows + 1), pa.int64())
    return Grid(header, cells, rows, rows, (), sha256, encoding, kind, delimiter, size)


def _text(path: Path, name: str, sha256: str, size: int) -> Grid:
    if size > LARGEST_TEXT:
        raise DataError("file_too_large", file=name, limit=f"{LARGEST_TEXT >> 20} MB")
    encoding = encoding_of(path, name)
    read = read_delimited(path, encoding, name)
    kind = "tsv" if read.delimiter == "\t" else "csv"
    return Grid(
        read.header, read.cells, read.records, read.lines, read.ragged,
        sha256, encoding, kind, read.delimiter, size,
    )  # fmt: skip


def _parquet(path: Path, name: str) -> tuple[pa.Table, tuple[str, ...]]:
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise DataError("unreadable", file=name, reason=error) from error
    schema = file.schema_arrow
    nested = [field.name for field in schema if pa.types.is_nested(field.type)]
    if nested:
        raise DataError("nested_columns", file=name, columns=", ".join(nested))
    unpacked = sum(
        file.metadata.row_group(n).total_byte_size for n in range(file.metadata.num_row_groups)
    )
    if unpacked > LARGEST_UNPACKED or file.metadata.num_rows * len(schema) > MOST_CELLS:
        raise DataError("file_too_large", file=name, limit=f"{LARGEST_UNPACKED >> 20} MB")
    try:
        table = file.read()
    except (pa.ArrowException, OSError) as error:
        raise DataError("unreadable", file=name, reason=error) from error
    columns = {f"c{n}": _canonical(column) for n, column in enumerate(table.columns)}
    return pa.table(columns), tuple(schema.names)


def _canonical(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write typed values as the text a person would have typed."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _canonical(column.cast(kind.value_type))
    if pa.types.is_timestamp(kind):
        return pc.strftime(column.cast(pa.timestamp("s"), safe=False), "%Y-%m-%d %H:%M:%S")
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pa.chunked_array([[v.hex() if v is not None else None for v in column.to_pylist()]])
    if pa.types.is_floating(kind):
        texts = [None if v is None else _number(v) for v in column.to_pylist()]
        return pa.chunked_array([pa.array(texts, pa.string())])
    return column.cast(pa.string())


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _workbook(path: Path, name: str, sheet: str | None, sha256: str, size: int) -> Grid:
    if size > LARGEST_WORKBOOK:
        raise DataError("file_too_large", file=name, limit=f"{LARGEST_WORKBOOK >> 20} MB")
    kind = _workbook_kind(path, name)
    try:
        book = CalamineWorkbook.from_path(str(path))
        names = [sheet] if sheet else book.sheet_names
        sheets = (book.get_sheet_by_name(n) for n in names)
        chosen = next((s for s in sheets if s.total_height and s.total_width), None)
        if chosen is None:
            raise DataError("empty_file", file=name)
        if chosen.total_height * chosen.total_width > MOST_WORKBOOK_CELLS:
            raise DataError("file_too_large", file=name, limit=f"{MOST_WORKBOOK_CELLS:,} cells")
        rows = chosen.to_python(skip_empty_area=False)
    except (CalamineError, KeyError, ValueError) as error:
        raise DataError("unreadable", file=name, reason=error) from error
    filled = [(n, row) for n, row in enumerate(rows, start=1) if any(cell != "" for cell in row)]
    header = tuple(_cell(cell) for cell in filled[0][1])
    body = filled[1:]
    columns = {
        f"c{n}": pa.array([_cell(row[n]) for _, row in body], pa.string())
        for n in range(len(header))
    }
    numbers = pa.array(range(1, len(body) + 1), pa.int64())
    lines = pa.array([n for n, _ in body], pa.int64())
    return Grid(header, pa.table(columns), numbers, lines, (), sha256, kind, kind, None, size)


def _workbook_kind(path: Path, name: str) -> str:
    """Tell xlsx, ods and xls apart; refuse archives that are no workbook or unpack too large."""
    if not zipfile.is_zipfile(path):
        return "xls"
    with zipfile.ZipFile(path) as archive:
        members = {member.filename: member.file_size for member in archive.infolist()}
    if sum(members.values()) > LARGEST_UNPACKED:
        raise DataError("file_too_large", file=name, limit=f"{LARGEST_UNPACKED >> 20} MB")
    if "xl/workbook.xml" in members or "xl/workbook.bin" in members:
        return "xlsx"
    if "content.xml" in members:
        return "ods"
    raise DataError("not_a_table", file=name, kind="ZIP")


def _cell(value: object) -> str:
    """Write one workbook cell as text, without float noise."""
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            return _number(value)
        case dt.datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S")
        case _:
            return str(value)
