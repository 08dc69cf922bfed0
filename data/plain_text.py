"""The fast way to read a delimited text in which nothing is quoted, escaped or uneven.

Where no quotation mark stands anywhere, every line is one record and every delimiter ends one
field, so that Arrow's reader and the exact one (`delimited`) cannot differ; it too refuses a line
with another number of fields. Whatever is not that plain is left to the exact reader. A property
test holds both against each other.
"""

import codecs
import io
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

from data.dialects import Dialect
from data.grid import cell_names

_BLOCK = 8 << 20
_PIECE = 4 << 20


def read_plain(
    path: Path, encoding: str, dialect: Dialect, width: int, line: int
) -> pa.Table | None:
    """Return the records from a physical line on as text columns c0, c1, …; None if not plain.

    encoding: as `decode.encoding_of` found it. width: fields of the header, two or more.
    """
    if dialect.blank or len(dialect.delimiter.encode()) != 1 or width < 2:
        return None
    content = _utf8(path, encoding)
    start, end = _body(content, line)
    if start >= end or not _is_plain(content, dialect, start, end):
        return None
    try:
        return csv.read_csv(
            pa.BufferReader(pa.py_buffer(content).slice(start, end - start)),
            read_options=csv.ReadOptions(column_names=cell_names(width), block_size=_BLOCK),
            parse_options=csv.ParseOptions(
                delimiter=dialect.delimiter,
                quote_char=False,
                double_quote=False,
                escape_char=False,
                newlines_in_values=False,
                ignore_empty_lines=False,
            ),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(cell_names(width), pa.string()),
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:  # a line with another number of fields; the exact reader names it
        return None


def _utf8(path: Path, encoding: str) -> bytes:
    """Return a whole text as UTF-8 without its byte order mark."""
    if encoding in ("utf-8", "utf-8-sig"):
        content = path.read_bytes()
        return content.removeprefix(codecs.BOM_UTF8) if encoding == "utf-8-sig" else content
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    told = io.BytesIO()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            told.write(decoder.decode(piece).encode())
    told.write(decoder.decode(b"", final=True).encode())
    return told.getvalue()


def _body(content: bytes, line: int) -> tuple[int, int]:
    """Return where a physical line begins, and where the last line ends that is not blank."""
    start = 0
    for _ in range(line - 1):
        start = content.find(b"\n", start) + 1
        if start == 0:
            return 0, 0
    end = len(content)
    while end > start and content[end - 1] in b"\r\n":
        end -= 1
    return start, end


def _is_plain(content: bytes, dialect: Dialect, start: int, end: int) -> bool:
    special = [dialect.quote.encode()] if dialect.quote else []
    if dialect.backslash:
        special.append(b"\\")
    if any(content.find(mark) >= 0 for mark in special):
        return False
    # Arrow would drop a mark before the first record; to the exact reader it is a character.
    if content.startswith(codecs.BOM_UTF8, start):
        return False
    # A carriage return by itself would be a line end of its own.
    returns = content.count(b"\r", 0, end)
    if returns and returns != content.count(b"\r\n", 0, end):
        return False
    blank = (b"\n\r\n", b"\r\n\r\n") if returns else ()
    return not any(content.find(each, max(start - 1, 0), end) >= 0 for each in (b"\n\n", *blank))
