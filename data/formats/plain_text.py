"""The fast way to read a delimited text in which nothing is quoted, escaped or uneven.

Where no quotation mark stands anywhere, every line is one record and every delimiter ends one
field, so that Arrow's reader and the exact one (`delimited`) cannot differ; it too refuses a line
with another number of fields. Whatever is not that plain is left to the exact reader. A property
test holds both against each other.
"""

import codecs
import mmap
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

from data.formats.decode import as_utf8
from data.formats.dialects import Dialect
from data.formats.grid import cell_names
from data.watch import TELLER

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
    body = _Body(content, start, end)
    told = _parsed(body, dialect, width)
    # Arrow leaves blank lines out, which to the exact reader are records.
    return told if told is not None and told.num_rows == body.lines else None


class _Body:
    """The part of a text that holds its records, as Arrow reads it: block by block.

    lines: how many it has read. It tells them, with how many there may be if all are as long.
    """

    closed = False

    def __init__(self, content: bytes | mmap.mmap, start: int, end: int) -> None:
        self._content, self._start, self._end = content, start, end
        self._at, self.lines = start, 1

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, none at the end."""
        last = self._end if size < 0 else min(self._at + size, self._end)
        piece = self._content[self._at : last]
        self.lines += piece.count(b"\n")
        self._at = last
        read, whole = last - self._start, self._end - self._start
        TELLER.tell(self.lines, self.lines * whole // read)
        return piece


def _parsed(body: _Body, dialect: Dialect, width: int) -> pa.Table | None:
    try:
        return csv.read_csv(
            pa.PythonFile(body, mode="r"),
            read_options=csv.ReadOptions(column_names=cell_names(width), block_size=_BLOCK),
            parse_options=csv.ParseOptions(
                delimiter=dialect.delimiter,
                quote_char=False,
                double_quote=False,
                escape_char=False,
                newlines_in_values=False,
                ignore_empty_lines=True,
            ),
            convert_options=csv.ConvertOptions(
                check_utf8=False,  # it was decoded strictly
                column_types=dict.fromkeys(cell_names(width), pa.string()),
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:  # a line with another number of fields; the exact reader names it
        return None


def _utf8(path: Path, encoding: str) -> bytes | mmap.mmap:
    """Return a whole text as UTF-8: where it is that, the file itself and no copy of it."""
    if encoding in ("utf-8", "utf-8-sig"):
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return as_utf8(path, encoding)


def _body(content: bytes | mmap.mmap, line: int) -> tuple[int, int]:
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


def _is_plain(content: bytes | mmap.mmap, dialect: Dialect, start: int, end: int) -> bool:
    special = [dialect.quote.encode()] if dialect.quote else []
    if dialect.backslash:
        special.append(b"\\")
    if any(content.find(mark) >= 0 for mark in special):
        return False
    # Arrow would drop a mark before the first record; to the exact reader it is a character.
    if content[start : start + 3] == codecs.BOM_UTF8:
        return False
    # A carriage return by itself would be a line end of its own.
    return content.find(b"\r", 0, end) < 0 or not _has_lone_return(content, end)


def _has_lone_return(content: bytes | mmap.mmap, end: int) -> bool:
    for start in range(0, end, _PIECE):
        # One byte more, so that a pair cut in two is one.
        piece = content[start : min(start + _PIECE + 1, end)]
        if piece.count(b"\r", 0, _PIECE) != piece.count(b"\r\n"):
            return True
    return False
