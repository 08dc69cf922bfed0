"""Workbooks as the door reads them, and their values as text: no float noise, dates ISO."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, Protocol, TypeAlias

# What a number format shows: date, time, datetime, elapsed, percent; `0000`, a number of so many
# digits (a code that begins with noughts); `…万元`, a number with a unit behind it.
Shown: TypeAlias = str
MOMENTS = frozenset({"date", "time", "datetime", "elapsed"})

# Whole numbers that a program wrote digit by digit (identity numbers) are kept to the last one.
_WHOLE = re.compile(r"-?[0-9]{1,40}")
_DIGITS = 15
_MILLISECONDS = 86_400_000
# 9999-12-31; Excel knows no later day.
_LAST_DAY = 2_958_465
_DAYS_1904 = 1_462
# Formats that have a number but no text of their own in the file (ECMA-376, 18.8.30; the second
# group as Chinese Excel shows them).
_DATE_FORMATS = (*range(14, 18), *range(27, 32), 36, *range(50, 55), 57, 58)
_TIME_FORMATS = (*range(18, 22), *range(32, 36), 45, 47, 55, 56)
_BUILT_IN: dict[int, Shown] = {9: "percent", 10: "percent", 22: "datetime", 46: "elapsed"}
_BUILT_IN.update(dict.fromkeys(_DATE_FORMATS, "date"))
_BUILT_IN.update(dict.fromkeys(_TIME_FORMATS, "time"))
# What of a number format is not a placeholder: quoted, escaped, padding, colours and locales.
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]')
# Only the units that change what the number says; `0!.0,"万"` shows a number that is whole.
_UNIT = r"((?:十|百|千|万|亿)+(?:元|人|户|次)?|亩|公顷|平方公里|平方千米|公里|千米|km2?)"
_WITH_UNIT = re.compile(rf'(?:[#0,.?]*[#0?]|general|g/通用格式)(?:_.|\\ )*"? *{_UNIT}"?(?:_.)*')
# What a cell shows of its number: noughts before it, or a unit behind it.
_PADDED = re.compile("0[0-9]{1,19}")
_MEASURED = re.compile(rf"(-?[0-9,]+(?:\.([0-9]+))?) *{_UNIT}")
_AM_PM = re.compile(r"am/pm|a/p|上午/下午")


@dataclass(frozen=True)
class SheetRow:
    """One row of a sheet: 1-based number, cells from column A, positions of faulty cells.

    A cell is None when it is empty, faulty when it holds an error or no readable value. hidden:
    nobody sees the row, for it is hidden, filtered out or folded away.
    """

    number: int
    cells: list[str | None]
    faults: tuple[int, ...] = ()
    hidden: bool = False


class Merged(NamedTuple):
    """A merged cell: the rows (1-based) and columns (0-based) over which it reaches.

    Only its upper left cell holds anything.
    """

    rows: range
    columns: range


class Book(Protocol):
    """A workbook as the door reads it: sheets in order, then the rows of one of them.

    merged, hidden_columns (ranges, 0-based): of the sheet that was read to its end last.
    """

    sheets: tuple[str, ...]
    merged: tuple[Merged, ...]
    hidden_columns: tuple[range, ...]

    def rows(self, sheet: str) -> Iterator[SheetRow]:
        """Yield the filled rows of a sheet from the top."""


def number_text(value: float | str) -> str | None:
    """Write a number as a person reads it in the cell: 12, 0.1, 110101001; None if it is none.

    A workbook shows at most 15 digits; what stands beyond them (3.3000000000000003) is noise of
    binary fractions. Whole numbers of more have lost their last ones and are no codes any more:
    1.23456789012346E+17.
    """
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return str(int(value))
    try:
        number = float(value)
    except ValueError:
        return None
    if number != number or number in (float("inf"), float("-inf")):
        return None
    short = Decimal(f"{number:.15g}")
    if number and not -15 <= short.adjusted() < _DIGITS:
        return f"{number:.15g}".upper()
    plain = format(short, "f")
    return "0" if short == 0 else plain


def shown_as(format_id: int, code: str | None) -> Shown | None:
    """Say what a number format shows, where that is more than the number."""
    if code is None:
        return _BUILT_IN.get(format_id)
    first = code.lower().split(";")[0]
    if unit := _WITH_UNIT.fullmatch(first):
        return f"…{unit[1]}"
    if re.fullmatch("0{2,20}", first):
        return first
    shown = _LITERAL.sub("", code.lower()).split(";")[0]
    if "general" in shown or "通用格式" in shown:
        return None
    if "%" in shown:
        return "percent"
    if re.search(r"\[[hms]+\]", shown):
        return "elapsed"
    clock = bool(_AM_PM.search(shown)) or any(sign in shown for sign in "hs")
    day = any(sign in shown for sign in "yd") or ("m" in shown and not clock)
    if day:
        return "datetime" if clock else "date"
    return "time" if clock else None


def serial_text(serial: float, kind: Shown, *, from_1904: bool = False) -> str | None:
    """Write a day number as '2025-03-31', '2025-03-31 09:30:00' or '09:30:00'; 0.85 as '85%'.

    None where there is no such day: below zero, after 9999, and 29 February 1900, which Excel has
    and the calendar has not.
    """
    if kind == "percent":
        # What a person sees in the cell: a bare 0.85 would be taken for less than one percent.
        return f"{number_text(float(Decimal(f'{serial:.15g}') * 100))}%"
    if kind.startswith("…"):
        return f"{number_text(serial)}{kind[1:]}"
    if kind.startswith("0"):
        whole = serial >= 0 and serial == int(serial)
        return f"{int(serial):0{len(kind)}}" if whole else number_text(serial)
    if not 0 <= serial <= _LAST_DAY + 1:
        return None
    days, milliseconds = divmod(round(serial * _MILLISECONDS), _MILLISECONDS)
    if kind == "elapsed":
        return _clock(days * _MILLISECONDS + milliseconds)
    if kind == "time" and days == 0:
        return _clock(milliseconds)
    day = _day(days, from_1904)
    if day is None or (kind == "date" and milliseconds == 0):
        return day
    return f"{day} {_clock(milliseconds)}"


def displayed(number: str, shown: str) -> str:
    """Return a number as the text of its cell shows it: `0007`, `0.12公顷`; as it is otherwise.

    A cell may show fewer decimals; one that shows another number (1.2万 for 12345) is not believed.
    """
    shown = shown.strip()
    if _PADDED.fullmatch(shown) and Decimal(shown) == Decimal(number):
        return shown
    told = _MEASURED.fullmatch(shown)
    if told is None:
        return number
    apart = abs(Decimal(told[1].replace(",", "")) - Decimal(number))
    return f"{number}{told[3]}" if 2 * apart <= Decimal(10) ** -len(told[2] or "") else number


def _day(days: int, from_1904: bool) -> str | None:
    if from_1904:
        days += _DAYS_1904
    if days in (0, 60) or days > _LAST_DAY:
        return None
    start = dt.date(1899, 12, 31) if days < 60 else dt.date(1899, 12, 30)
    return (start + dt.timedelta(days=days)).isoformat()


def _clock(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{text}.{rest:03}".rstrip("0") if rest else text
