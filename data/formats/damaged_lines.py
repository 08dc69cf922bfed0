"""Reads a text line by line where its quotation marks break somewhere: a few lines are set aside.

After a mark too many or too few nobody knows where the next record begins, unless the file itself
shows it: every other line is by itself a whole record of as many fields as the header, its marks
as RFC 4180 wants them, and the few that are not are one slip of the pen away from that. Then no
record has a line break within, and each of those lines is a damaged record by itself: that a text
goes on in a next line would need as many commas there as the table has columns. In any doubt
nothing is read this way, and the file is refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, combinations, islice
from pathlib import Path

from data.errors import DataError
from data.formats.decode import open_text
from data.formats.dialects import Dialect, separator_line
from data.formats.framing import HEAD, closing_kind, frame_of
from data.formats.grid import Limits

_CODES = ("quote_error", "quote_unclosed")
# A text of one comma a line might go on in a next line that has one as well.
_LEAST_FIELDS = 3
_MOST_DAMAGED, _SHARE = 20, 10
_MOST_MARKS, _LONGEST = 100, 20_000
_OTHERS = ",\t;|"


class Broken(list[str]):
    """A line whose quotation marks are damaged; it has no fields that are certain."""

    def __init__(self, text: str) -> None:
        super().__init__([text])
        self.text = text


@dataclass(frozen=True)
class _Forms:
    """What a line must look like: whole fields only; as many of them as the header has."""

    whole: re.Pattern[str]
    fitting: re.Pattern[str]
    width: int


def records(
    path: Path, encoding: str, dialect: Dialect, name: str, limits: Limits, fault: DataError
) -> tuple[Iterator[tuple[int, list[str]]], str] | None:
    """Return the records as `Dialect.records` does, damaged ones as Broken; None in any doubt.

    Beside them stands the line that names the delimiter, '' where there is none.

    fault: what reading them as they should be has met.
    """
    plain = dialect == Dialect(dialect.delimiter)
    if fault.code not in _CODES or not plain:
        return None
    forms = _forms(path, encoding, dialect, name, limits)
    if forms is None or not _bounded(path, encoding, dialect, forms, name, limits):
        return None
    with open_text(path, encoding) as lines:
        first = next(lines, "")
    told = first if separator_line(first) else ""
    return _read(path, encoding, dialect, forms, name, limits), told


def _field(dialect: Dialect) -> str:
    mark = re.escape(dialect.delimiter)
    return f'(?:"(?:[^"]++|"")*+"|[^"{mark}\r\n]*+)'


def _forms(path: Path, encoding: str, dialect: Dialect, name: str, limits: Limits) -> _Forms | None:
    """Return the forms of a file's lines; None where its header is not certain."""
    field, mark = _field(dialect), re.escape(dialect.delimiter)
    whole = re.compile(f"{field}(?:{mark}{field})*+[\r\n]*+")
    with open_text(path, encoding) as lines:
        head = [line for line in islice(_body(lines), HEAD) if line.strip("\r\n")]
    split = [
        _fields(line, dialect, name, limits) if whole.fullmatch(line) else [line] for line in head
    ]
    frame = frame_of(split)
    above = len(frame.above)
    if above >= len(head) or not all(map(whole.fullmatch, head[: above + 1])):
        return None
    width = len(split[above])
    # Another mark in the header may be what separates the fields.
    if width < _LEAST_FIELDS or (set(_OTHERS) - {dialect.delimiter}) & set(head[above]):
        return None
    fitting = re.compile(f"{field}(?:{mark}{field}){{{width - 1}}}[\r\n]*+")
    return _Forms(whole, fitting, width)


def _body(lines: Iterator[str]) -> Iterator[str]:
    first = next(lines, "")
    if not separator_line(first):
        yield first
    yield from lines


def _fields(line: str, dialect: Dialect, name: str, limits: Limits) -> list[str]:
    return next((fields for _, fields in dialect.records([line], name, limits)), [])


def _bounded(
    path: Path, encoding: str, dialect: Dialect, forms: _Forms, name: str, limits: Limits
) -> bool:
    """Say whether all lines are records of the header's width but a few, whose marks are broken."""
    fitting = damaged = 0
    above = True
    with open_text(path, encoding) as lines:
        for line in _body(lines):
            if len(line) > limits.record_bytes:
                return False
            if forms.fitting.fullmatch(line):
                fitting += 1
                above = False
            elif not line.strip("\r\n"):
                continue
            elif not forms.whole.fullmatch(line):
                damaged += 1
                if damaged > _MOST_DAMAGED or not _nearly(line, dialect, forms):
                    return False
            elif not above and not closing_kind(_fields(line, dialect, name, limits), forms.width):
                return False
    # The header is one of those that fit.
    return fitting > 2 and damaged <= max(1, fitting // _SHARE)


def _nearly(line: str, dialect: Dialect, forms: _Forms) -> bool:
    """Say whether a line is a whole record but for a mark typed in or lost, or two around a word.

    A mark is one of quotation, or a delimiter lost beside one.
    """
    quotes = [at for at, sign in enumerate(line) if sign == '"']
    ends = [at for at, sign in enumerate(line) if sign == dialect.delimiter]
    if len(quotes) > _MOST_MARKS or len(line) > _LONGEST:
        return False
    beside = {at + step for at in quotes for step in (0, 1)}
    places = {0, len(line.rstrip("\r\n")), *beside, *(at + step for at in ends for step in (0, 1))}
    tries = chain(
        (line[:at] + line[at + 1 :] for at in quotes),
        (line[:at] + '"' + line[at:] for at in places),
        (line[:at] + dialect.delimiter + line[at:] for at in beside),
        (
            line[:one] + line[one + 1 : two] + line[two + 1 :]
            for one, two in combinations(quotes, 2)
        ),
    )
    return any(map(forms.fitting.fullmatch, tries))


def _read(
    path: Path, encoding: str, dialect: Dialect, forms: _Forms, name: str, limits: Limits
) -> Iterator[tuple[int, list[str]]]:
    with open_text(path, encoding) as lines:
        first = 1
        for number, line in enumerate(lines, 1):
            if number == first and separator_line(line):
                continue
            if not line.strip("\r\n"):
                yield number, []
            elif forms.whole.fullmatch(line):
                yield number, _fields(line, dialect, name, limits)
            else:
                yield number, Broken(line.rstrip("\r\n"))
