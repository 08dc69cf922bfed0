"""SPSS files (.sav, .zsav) as text: labels in place of values, missing values kept apart.

The file is read by `data.surveys.spss_child` in a process of its own, with limits on memory
and time.
"""

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from data.contracts import TABLES
from data.errors import DataError
from data.formats.grid import Fault, Grid, GridBuilder, Limits
from data.surveys.answer_labels import NOT_SCORED
from data.surveys.question_bank import QUESTIONS as ALL_QUESTIONS

# What a person may say a file is in that does not say it itself.
ENCODINGS = ("gb18030", "utf-8", "big5", "windows-1252")
# How tools name what was not ticked and what was.
_TICKS = frozenset({
    ("未选中", "选中"), ("未选", "选中"), ("未选", "已选"), ("未选择", "选择"),
    ("未选择", "已选择"), ("没选", "选了"), ("不选", "选"),
    ("Not Selected", "Selected"), ("Not selected", "Selected"), ("Unchecked", "Checked"),
})  # fmt: skip
MISSING = r"^\(missing: (?s:.*)\)$"
_CHILD = Path(__file__).with_name("spss_child.py")
_SECONDS = 360
_EPOCH = datetime(1582, 10, 14)
_DATES = ("DATE", "ADATE", "EDATE", "SDATE", "JDATE", "MOYR", "QYR", "WKYR")
_TIMES = ("DATETIME", "YMDHMS")
_CLOCKS = ("TIME", "DTIME", "MTIME")


@dataclass(frozen=True)
class Dictionary:
    """What an SPSS file says about its variables, in their order.

    labels: one per variable, '' where it has none. codes: variable -> {value: label}, both as
    they stand in cells. encoding: in which the texts were read.
    """

    labels: tuple[str, ...]
    codes: Mapping[str, Mapping[str, str]]
    encoding: str


def read_spss(
    path: Path, name: str, limits: Limits, encoding: str | None = None
) -> tuple[GridBuilder, Dictionary]:
    """Read .sav or .zsav as text; the header is the variables' names, or their labels (`_header`).

    A cell is its value's label where it has one ('满意 (2)' where two values share it), else the
    value ('(2)' between labelled ones, where a bare 2 may mislead): numbers with the fewest
    digits that read back the same, no '.0'; dates and times ISO ('2025-03-31',
    '2025-03-31 09:30:00', durations '27:30:00'); texts without the blanks they are padded with.
    System-missing is null. A value that the file declares missing is no answer: its label where
    surveys know it as none (不了解), else '(missing: 拒答)', '(missing: 9)'.
    Dates beyond the calendar and numbers that are not finite stand in `faults`.

    encoding: one of ENCODINGS, for files that declare none or a Latin one; what else a file
    declares is believed. Raises DataError `sav_encoding`, `empty_file`, `unreadable`,
    `too_many_columns`, `too_many_cells`, `file_too_large`.
    """
    if encoding is not None and encoding.lower() not in ENCODINGS:
        raise _encoding_refused(name, encoding)
    told, table = _in_child(path, name, limits, (encoding or "").upper())
    variables = [_Variable(each) for each in told["variables"]]
    builder = GridBuilder(_header(variables), name, limits)
    room, columns = limits.workbook_unpacked_bytes, []
    for position, variable in enumerate(variables):
        column, odd = _as_text(table.column(position), variable, room)
        if column is None:
            limit = f"{limits.workbook_unpacked_bytes >> 20} MB"
            raise DataError("file_too_large", file=name, limit=limit)
        room -= column.nbytes
        columns.append(column)
        builder.faults += [Fault(n + 1, n + 1, position, text) for n, text in odd]
    builder.add_batch(columns)
    codes = {variable.name: variable.codes() for variable in variables if variable.labels}
    labels = tuple(variable.label for variable in variables)
    return builder, Dictionary(labels, codes, told["encoding"])


def _header(variables: Sequence["_Variable"]) -> list[str]:
    """Return the names of variables; where these are codes, the labels: they hold what was asked.

    The names count where they say what a column is: a question of the bank, a table of ours.
    """
    names = {variable.name for variable in variables}
    known = any(
        names >= {column.name for column in table.columns if not column.nullable}
        for table in TABLES.values()
    )
    if known or names & {question.question_id for question in ALL_QUESTIONS}:
        return [variable.name for variable in variables]
    return [v.label if v.name.isascii() and v.label else v.name for v in variables]


def without_missing(grid: Grid) -> tuple[Grid, int]:
    """Return the grid with null where a value was declared missing, and the number of these.

    A grid of another kind than 'sav' is returned as it is.
    """
    if grid.kind != "sav":
        return grid, 0
    columns, count = [], 0
    for column in grid.cells.columns:
        hit = pc.match_substring_regex(column, MISSING)
        count += pc.sum(hit).as_py() or 0
        columns.append(pc.if_else(pc.fill_null(hit, False), pa.scalar(None, pa.string()), column))
    cells = pa.Table.from_arrays(columns, schema=grid.cells.schema)
    return Grid(**{**vars(grid), "cells": cells}), count


def _in_child(
    path: Path, name: str, limits: Limits, encoding: str
) -> tuple[dict[str, Any], pa.Table]:
    most = {
        "columns": limits.columns,
        "cells": min(limits.cells, limits.workbook_cells),
        "bytes": limits.workbook_unpacked_bytes,
    }
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "columns.arrow")
        command = [sys.executable, "-I", _CHILD, path.absolute(), out, encoding, json.dumps(most)]
        told = _run(command, name)
        if told.get("refused") == "sav_encoding":
            raise _encoding_refused(name, told["values"]["declared"])
        if "refused" in told:
            raise DataError(told["refused"], file=name, **told["values"])
        with pa.OSFile(str(out)) as file:
            return told, pa.ipc.open_file(file).read_all().combine_chunks()


def _run(command: Sequence[object], name: str) -> dict[str, Any]:
    arguments = [str(part) for part in command]
    try:
        done = subprocess.run(arguments, capture_output=True, timeout=_SECONDS, check=True)
        told: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise DataError("unreadable", file=name, reason=f"> {_SECONDS} s") from error
    except (subprocess.CalledProcessError, ValueError) as error:
        raise DataError("unreadable", file=name, reason="SPSS") from error
    return told


def _encoding_refused(name: str, declared: str) -> DataError:
    choices = ", ".join(ENCODINGS)
    return DataError("sav_encoding", file=name, declared=declared, choices=choices)


class _Variable:
    """How the values of one variable are written."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.name, self.label = told["name"], told["label"].rstrip()
        self.form = told["format"].rstrip("0123456789.").upper()
        self.missing = [(_plain(low), _plain(high)) for low, high in told["missing"]]
        named = {_plain(value): label.strip() for value, label in told["labels"]}
        if set(named) == {0.0, 1.0} and (named[0.0], named[1.0]) in _TICKS:
            named = {}  # an option of several: 1 and 0 are how such are read
        shared = Counter(named.values())
        # Two values under one label are two answers still.
        self.labels = {
            value: label if shared[label] == 1 else f"{label} ({self.text(value)})"
            for value, label in named.items()
            if label
        }
        self._taken = set(self.labels.values())
        numbers = [v for v in self.labels if isinstance(v, float) and not self._is_missing(v)]
        self._scale = (min(numbers), max(numbers)) if numbers else (0.0, 0.0)

    def codes(self) -> dict[str, str]:
        """Return the code list: value as text -> label as in cells."""
        return {self.text(value) or str(value): label for value, label in self.labels.items()}

    def text(self, value: float | str) -> str | None:
        """Return a value as text without regard to labels; None where it has no right one."""
        if isinstance(value, str):
            return value
        if not abs(value) < float("inf"):
            return None
        if self.form in _DATES or self.form in _TIMES:
            return _moment(value, clock=self.form in _TIMES)
        return _duration(value) if self.form in _CLOCKS else _number(value)

    def cell(self, raw: float | str | None) -> tuple[str | None, bool]:
        """Return the cell of a value, and whether it is one that cannot be right."""
        if raw is None:
            return None, False
        value = _plain(raw)
        text, label = self.text(value), self.labels.get(value)
        shown = str(value) if text is None else text
        if self._is_missing(value):
            return label if label in NOT_SCORED else f"(missing: {label or shown})", False
        if label:
            return label, False
        return (f"({shown})" if self._is_misleading(value, shown) else shown), text is None

    def _is_misleading(self, value: Any, shown: str) -> bool:
        """Say whether a bare value would be taken for what it is not.

        One that reads like the label of another value; one between labelled values: 2 on a scale
        whose ends 1 and 5 are 非常满意 and 非常不满意 is not 2 points.
        """
        low, high = self._scale
        return shown in self._taken or (isinstance(value, float) and low < value < high)

    def _is_missing(self, value: Any) -> bool:
        return any(
            isinstance(low, str) == isinstance(value, str) and low <= value <= high
            for low, high in self.missing
        )


def _plain(value: Any) -> Any:
    return value.rstrip(" ") if isinstance(value, str) else float(value)


def _number(value: float) -> str:
    # The sum makes 0 of -0.
    return repr(value + 0.0).removesuffix(".0")


def _moment(seconds: float, *, clock: bool) -> str | None:
    try:
        moment = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None
    day, time = moment.isoformat(" ").split(" ")
    if not clock and time == "00:00:00":
        return day
    return f"{day} {_without_idle_zeros(time)}"


def _duration(seconds: float) -> str:
    """Write seconds as hours, minutes, seconds; SPSS counts hours beyond a day."""
    whole, rest = divmod(round(abs(seconds) * 1_000_000), 1_000_000)
    clock = f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}.{rest:06}"
    return ("-" if seconds < 0 else "") + _without_idle_zeros(clock)


def _without_idle_zeros(time: str) -> str:
    return time.rstrip("0").rstrip(".") if "." in time else time


def _as_text(
    column: pa.ChunkedArray, variable: _Variable, room: int
) -> tuple[pa.Array | None, list[tuple[int, str]]]:
    """Return the column's cells and the faulty ones (row, text); None beyond so many bytes."""
    # Labels may be far longer than the values they stand for: their length is known first.
    encoded = column.combine_chunks().dictionary_encode()
    cells = [variable.cell(value) for value in encoded.dictionary.to_pylist()]
    words = pa.array([text for text, _ in cells], pa.string())
    lengths = pc.binary_length(words).cast(pa.int64()).take(encoded.indices)
    if (pc.sum(lengths).as_py() or 0) > room:
        return None, []
    text = words.take(encoded.indices)
    wrong = [n for n, (_, odd) in enumerate(cells) if odd]
    if not wrong:
        return text, []
    rows = pc.indices_nonzero(pc.is_in(encoded.indices, pa.array(wrong, pa.int32())))
    return text, [(row, text[row].as_py()) for row in rows.to_pylist()]
