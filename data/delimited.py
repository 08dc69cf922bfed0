"""Delimited text (RFC 4180) read strictly: a record has as many fields as the header, or is named.

Other readers pad, cut or shift such records; here every field is counted. The parser is Python's
own in strict mode, fed physical lines, so that every record knows the line where it starts.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from data.decode import open_text
from data.errors import DataError
from data.grid import GridBuilder, Limits

DELIMITERS = (",", "\t", ";", "|")
_SAMPLE_LINES = 2_000
_SAMPLE_CHARACTERS = 4 << 20
# A delimiter that does not fit every sampled record is taken only when it fits most of them.
_MOST = 0.5


@dataclass(frozen=True)
class _Trial:
    """How well a delimiter explains a sample.

    width: fields of the header. fitting: share of the records with as many; -1 where quotes break
    in the header itself. whole: no quote breaks anywhere.
    """

    width: int
    fitting: float
    whole: bool

    @property
    def perfect(self) -> bool:
        return self.width > 1 and self.fitting == 1.0 and self.whole


def read_delimited(
    path: Path, encoding: str, name: str, limits: Limits, delimiter: str | None = None
) -> tuple[GridBuilder, str]:
    """Read a whole file; return its records and the delimiter.

    delimiter: None to find the one that explains the file. Raises DataError `empty_file`,
    `one_column`, `delimiter_ambiguous`, `quote_error`, `quote_unclosed`, `record_too_long`, and
    those of GridBuilder.
    """
    delimiter = delimiter or _delimiter(path, encoding, name, limits)
    with open_text(path, encoding) as lines:
        records = _records(lines, delimiter, name, limits)
        header = next((fields for _, fields in records if fields), None)
        if header is None:
            raise DataError("empty_file", file=name)
        builder = GridBuilder(header, name, limits, joint=delimiter)
        first_blank: int | None = None
        for line, fields in records:
            if not fields:
                first_blank = first_blank or line
                continue
            # Blank lines count only when records follow them.
            for skipped in range(first_blank or line, line):
                builder.add(skipped, ())
            first_blank = None
            builder.add(line, fields)
    return builder, delimiter


def _records(
    lines: Iterator[str], delimiter: str, name: str, limits: Limits
) -> Iterator[tuple[int, list[str]]]:
    """Yield (line where the record starts, fields); a blank line is an empty list."""
    # The limit is the whole process's; it is always this one.
    csv.field_size_limit(limits.record_bytes)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    start = 1
    try:
        for fields in reader:
            yield start, fields
            start = reader.line_num + 1
    except csv.Error as error:
        raise _quote_problem(str(error), name, start, reader.line_num, limits) from error


def _quote_problem(reason: str, name: str, start: int, line: int, limits: Limits) -> DataError:
    if "field larger" in reason:
        limit = f"{limits.record_bytes >> 20} MB"
        return DataError("record_too_long", file=name, line=start, limit=limit)
    if "unexpected end" in reason:
        return DataError("quote_unclosed", file=name, line=start)
    return DataError("quote_error", file=name, line=line)


def _delimiter(path: Path, encoding: str, name: str, limits: Limits) -> str:
    """Choose the one delimiter under which header and records have one field count above one."""
    sample, cut = _sample(path, encoding)
    trials = {mark: _try(sample, cut, mark, name, limits) for mark in DELIMITERS}
    candidates = [mark for mark, trial in trials.items() if trial.perfect]
    if not candidates:
        fitting = {mark: trial.fitting for mark, trial in trials.items() if trial.width > 1}
        best = max(fitting.values(), default=0.0)
        candidates = [m for m, share in fitting.items() if share == best and share >= _MOST]
        candidates = candidates or list(fitting)
    if len(candidates) > 1:
        marks = " ".join("Tab" if mark == "\t" else mark for mark in candidates)
        raise DataError("delimiter_ambiguous", file=name, delimiters=marks)
    if candidates:
        return candidates[0]
    if all(trial.whole for trial in trials.values()):
        raise DataError("one_column" if any(map(str.strip, sample)) else "empty_file", file=name)
    # The quotes of the header break under every delimiter: reading it says where.
    return DELIMITERS[0]


def _sample(path: Path, encoding: str) -> tuple[list[str], bool]:
    """Return the first lines, and whether the file goes on after them."""
    sample: list[str] = []
    characters = 0
    with open_text(path, encoding) as lines:
        for line in islice(lines, _SAMPLE_LINES):
            sample.append(line)
            characters += len(line)
            if characters > _SAMPLE_CHARACTERS:
                break
        return sample, next(lines, None) is not None


def _try(sample: list[str], cut: bool, delimiter: str, name: str, limits: Limits) -> _Trial:
    counts: list[int] = []
    whole = True
    try:
        for _, fields in _records(iter(sample), delimiter, name, limits):
            if fields:
                counts.append(len(fields))
    except DataError as error:
        # A quoted field may be open where the sample was cut.
        whole = cut and error.code == "quote_unclosed"
    if not counts:
        return _Trial(0, -1.0, whole)
    width, records = counts[0], counts[1:]
    fitting = records.count(width) / len(records) if records else 1.0
    return _Trial(width, fitting, whole)
