"""How people write numbers, dates and codes, brought to the one way that the checks read.

Only what can mean one thing: full-width digits, thousands in groups of three, a unit behind the
number, 120°12′30″E, 2025年1月2日, `="0012"` and `'0012` with which Excel is kept from changing a
code, signs for 'no data'. Of 3/4/2025 nobody knows which is the month: where no cell of the column
shows it, a person says it (`Options.dates`). What changes more than the looks of a cell is told.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import partial
from typing import Literal, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from data.contracts import CODES, Column
from data.drafting.clocks import in_one_clock
from data.drafting.headers import Place, unit_factor, written
from data.formats.unseen import BLANKS, has
from data.words import Text, both

Order = Literal["dmy", "mdy"]
ORDERS: tuple[Order, ...] = ("dmy", "mdy")
# A day and month in front of the year, in RE2 and Python alike.
DAY_OR_MONTH = r"[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{4}([ T].*)?"

_WHOLE, _NUMBERS, _TIMES = ("INTEGER", "BIGINT"), ("INTEGER", "BIGINT", "DOUBLE"), (
    "DATE", "TIMESTAMP",
)  # fmt: skip
# What the checks read as it stands; nearly every cell.
_PLAIN = {
    "INTEGER": r"^$|^[+-]?[0-9]+$",
    "BIGINT": r"^$|^[+-]?[0-9]+$",
    "DOUBLE": r"^$|^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$",
    "DATE": r"^$|^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$",
    "TIMESTAMP": r"^$|^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2})?$",
}
_NO_DATA = (
    "-", "--", "—", "——", "/", "null", "n/a", "#n/a", "na", "nan", "none", "(空)", "不详", ".",
    "<na>", "\\n", "(null)", "[null]", "nat",
)  # fmt: skip
# Of words also: there is none. Among numbers they may be a nought.
_NONE = ("无", "暂无")
_SAYS_NOTHING = pa.array(
    sorted({form(word) for word in (*_NO_DATA, *_NONE) for form in (str, str.upper, str.title)})
)
_KEPT_FROM_EXCEL = re.compile(r'="([^"]*)"')
_AMOUNT = re.compile(r"([+-]?)([0-9]*|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(\.[0-9]*)? *([^ 0-9.,+-].*)?")
# Thousands set apart by the narrow blanks of printed tables.
_SPACED = re.compile(r"[+-]?[1-9][0-9]{0,2}([\u00a0\u2009\u202f][0-9]{3})+(\.[0-9]*)?")
_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]*)?")
# 东经120°12′30″, 30.5°N: degrees, or degrees with minutes and seconds; the sides by column.
_SIDES = {
    "lon": {"东经": 1, "E": 1, "西经": -1, "W": -1},
    "lat": {"北纬": 1, "N": 1, "南纬": -1, "S": -1},
}
_PART = r"([0-9]{1,3}(?:\.[0-9]*)?)"
_ANGLE = re.compile(
    rf"(东经|西经|北纬|南纬|[EWNS])? *{_PART} *(?:([°º˚度]) *"
    rf"(?:{_PART} *['′’´分] *(?:{_PART} *(?:[\"″”秒]|''|′′|’’)?)?)?)? *([EWNS])?",
    re.IGNORECASE,
)
_DAY = re.compile(
    r"([0-9]{4})([年/.-])([0-9]{1,2})(?:(?<=[0-9])[月/.-])([0-9]{1,2})[日号]?"
    r"(?:[\sT]*([0-9]{1,2})[:时点]([0-9]{2})(?:[:分](?:([0-9]{2})秒?)?)?(?:\.0+)?)?"
)
_MONTH = re.compile(r"((?:19|20)[0-9]{2})(?:年|[-/]|(?=[0-9]{2}$))([0-9]{1,2})月?")
# 01-Mar-2025, 1 March 2025, Mar 1, 2025: a month by its English name is no day.
_NAMED = re.compile(
    r"(?:([0-9]{1,2})[- /])?([A-Za-z]{3})([a-z]*)\.?[- /,]*"
    r"(?:([0-9]{1,2}),?[- /])?([0-9]{4})([ T].*)?"
)
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_DAY_FIRST = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})([ T].*)?")
_WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0x2212: "-"}


class _Read(NamedTuple):
    """What a cell is read as; told: it is more than another look of the same."""

    text: str
    told: bool = False


def in_contract_notation(
    cells: pa.ChunkedArray,
    column: Column,
    place: Place,
    *,
    order: str | None = None,
    commas: bool = True,
) -> tuple[pa.ChunkedArray, tuple[Text, ...]]:
    """Return a column of text with what has one meaning written as the checks read it.

    place: where the column stands, in which unit it counts. order: of day and month, as a person
    said it. commas: they may stand between thousands (where a semicolon separates the fields a
    comma may be a decimal one). Also returns what a person is told.
    """
    odd = pc.fill_null(_odd(cells, column), False)
    if not pc.any(odd).as_py():
        return cells, ()
    words = pc.value_counts(pc.filter(cells, odd))
    counts = {word["values"].as_py(): word["counts"].as_py() for word in words}
    read = _reader(column, place, order, commas, counts)
    found = {word: told for word in counts if (told := read(word)) and told.text != word}
    if not found:
        return cells, ()
    whole, mask = cells.combine_chunks(), odd.combine_chunks()
    changed = [
        found[word].text if word in found else word for word in pc.filter(whole, mask).to_pylist()
    ]
    rewritten = pc.replace_with_mask(whole, mask, pa.array(changed, pa.string()))
    return pa.chunked_array([rewritten]), _said(column, counts, found)


def _odd(cells: pa.ChunkedArray, column: Column) -> pa.ChunkedArray:
    plain = _PLAIN.get(column.type)
    if column.type in _WHOLE:
        # Nearly every column is of digits alone, which is seen ten times as soon.
        digits = pc.ascii_is_decimal(cells)
        if pc.all(digits).as_py():
            return pc.invert(digits)
    if plain is None and column.pattern:
        plain = column.pattern
    if plain:
        return pc.invert(pc.match_substring_regex(cells, plain))
    if column.type == "BOOLEAN" or (column.codes and not column.separator):
        tokens = "|".join(map(re.escape, _NO_DATA))
        return pc.match_substring_regex(cells, f'^\\s*(=".*"|{tokens})\\s*$', ignore_case=True)
    if column.codes:
        code = "|".join(re.escape(each.value) for each in CODES[column.codes])
        return pc.invert(pc.match_substring_regex(cells, f"^({code})(;({code}))*$"))
    kept = pc.starts_with(cells, '="')
    return pc.or_kleene(kept, pc.is_in(cells, _SAYS_NOTHING)) if column.nullable else kept


def _said(
    column: Column, counts: Mapping[str, int], found: Mapping[str, _Read]
) -> tuple[Text, ...]:
    """Tell how many cells were read as something else, with the first as an example."""
    told = {word: read.text for word, read in found.items() if read.told}
    said = []
    for key, chosen in (
        ("import.no_data", [word for word, text in told.items() if not text]),
        ("import.notation", [word for word, text in told.items() if text]),
    ):
        if chosen:
            n, example = sum(counts[word] for word in chosen), chosen[0].strip(BLANKS)
            read = told[chosen[0]]
            said.append(both(key, column=column.label, n=n, example=example, read=read))
    return tuple(said)


def _reader(
    column: Column, place: Place, order: str | None, commas: bool, words: Iterable[str]
) -> Callable[[str], _Read | None]:
    told = [_bare(word) for word in words]
    read: Callable[[str], _Read | None] = partial(_code, pattern=column.pattern)
    if column.codes and column.separator:
        read = partial(_several, column=column)
    if column.type in _TIMES:
        read = partial(_time, column=column, order=order or _order_of(told))
    elif column.type in _NUMBERS:
        grouped = commas and all(_GROUPED.match(word) for word in told if "," in word)
        read = partial(_number, column=column, place=place, grouped=grouped)
        if column.name in _SIDES:
            number = read
            read = lambda bare: _angle(bare, _SIDES[column.name]) or number(bare)  # noqa: E731

    def one(word: str) -> _Read | None:
        bare = _bare(word)
        if has(bare):  # is named by the checks
            return None
        if _no_data(bare, column):
            return _Read("", told=True)
        kept = _KEPT_FROM_EXCEL.fullmatch(word.strip(BLANKS))
        return read(bare) or (_Read(kept[1]) if kept else None)

    return one


def _bare(word: str) -> str:
    """Return a cell without blanks around it, in usual width, out of its guard from Excel."""
    bare = word.translate(_WIDE).strip(BLANKS)
    kept = _KEPT_FROM_EXCEL.fullmatch(bare)
    return kept[1] if kept else re.sub(r"^['‘’](?=[0-9])", "", bare)


def _no_data(bare: str, column: Column) -> bool:
    """Say whether a cell says that nothing is known: never where something must be given."""
    nothing = (*_NO_DATA, *_NONE) if column.type == "VARCHAR" else _NO_DATA
    if not column.nullable or bare.lower() not in nothing:
        return False
    known = CODES[column.codes] if column.codes else ()
    return not any(bare in (code.value, code.label.zh, code.label.en) for code in known)


def _code(bare: str, pattern: str | None) -> _Read | None:
    """Read a code of digits that a program wrote as a number: 990101100.0."""
    if pattern is None:
        return None
    bare = re.sub(r"(?<=[0-9])\.0+$", "", bare)
    if re.fullmatch(pattern, bare):
        return _Read(bare)
    # Codes of the statistics bureau have twelve digits at every level.
    for level in (6, 9):
        if re.fullmatch(pattern, bare[:level]) and bare[level:] == "0" * (12 - level):
            return _Read(bare[:level], told=True)
    return None


def _several(bare: str, column: Column) -> _Read | None:
    """Read several labels or codes of one list, whatever mark is put between them: 养老、医疗."""
    known = {
        word.lower(): code.value
        for code in CODES[column.codes or ""]
        for word in (code.value, code.label.zh, code.label.en)
    }
    for marks in (";", "[、,/|\n]"):
        parts = [part.strip(BLANKS).lower() for part in re.split(marks, bare)]
        codes = [known[part] for part in parts if part in known]
        if len(codes) == len(parts):
            # A label of our own list has one meaning: as with a single one nobody is told.
            return _Read((column.separator or "").join(codes))
    return None


def _number(bare: str, column: Column, place: Place, grouped: bool) -> _Read | None:
    spaced = bool(_SPACED.fullmatch(bare))
    found = _AMOUNT.fullmatch(re.sub(r"\s", "", bare) if spaced else bare)
    if found is None or not (found[2] or (found[3] or "").strip(".")):
        return None
    sign, digits, decimals, unit = (part or "" for part in found.groups())
    commas = "," in digits
    if commas and not grouped:
        return None
    number = sign + digits.replace(",", "") + decimals
    if column.type in _WHOLE:
        number = re.sub(r"\.0*$", "", number)
    if unit and not (column.name == "year" and unit in ("年", "年度")):
        factor = Fraction(1) if _in_percent(column, unit) else unit_factor(column, unit)
        if factor is None:
            return None
        return _Read(written(number, factor / place.factor), told=True)
    return _Read(number, told=commas or spaced)


def _angle(bare: str, sides: Mapping[str, int]) -> _Read | None:
    """Read a longitude or latitude in degrees, minutes and seconds; exact to 1e-10 degrees."""
    found = _ANGLE.fullmatch(bare)
    if found is None:
        return None
    before, degrees, mark, minutes, seconds, behind = found.groups()
    side = (before or behind or "").upper()
    if (before and behind) or (side and side not in sides) or not (side or mark):
        return None
    parts = [part for part in (degrees, minutes, seconds) if part is not None]
    # Only the last part may be broken, and sixty minutes are a degree.
    if any("." in part for part in parts[:-1]) or any(float(part) >= 60 for part in parts[1:]):
        return None
    value = sum(Fraction(part) / 60**n for n, part in enumerate(parts)) * sides.get(side, 1)
    return _Read(f"{float(value):.10f}".rstrip("0").rstrip("."), told=True)


def _in_percent(column: Column, unit: str) -> bool:
    """Say whether a percent sign says the unit: reported rates are percentages."""
    return unit == "%" and (column.table, column.name) == ("reported_values", "value")


def _time(bare: str, column: Column, order: str | None) -> _Read | None:
    if column.name == "month" and (of_month := _MONTH.fullmatch(bare)):
        return _Read(f"{of_month[1]}-{int(of_month[2]):02}-01")
    if (plain := in_one_clock(bare)) != bare:
        read = _time(plain, column, order)
        return read and _Read(read.text, told=True)
    if (plain := _by_number(bare)) != bare:
        return _time(plain, column, order)
    found = _DAY_FIRST.fullmatch(bare)
    if found:
        first, second, year, clock = found.groups()
        if not order and int(first) != int(second):
            return None
        day, month = (first, second) if order != "mdy" else (second, first)
        read = _time(f"{year}-{month}-{day}{clock or ''}", column, order)
        return read and _Read(read.text, told=True)
    found = _DAY.fullmatch(bare)
    if found is None or (found[2] == "年") != ("月" in bare):
        return None
    year, _, month, day, hour, minute, second = found.groups()
    read_day = f"{year}-{int(month):02}-{int(day):02}"
    if hour is None:
        return _Read(read_day)
    clock = f"{int(hour):02}:{minute}:{second or '00'}"
    midnight = column.type == "DATE" and clock == "00:00:00"
    return _Read(read_day if midnight else f"{read_day} {clock}")


def _by_number(bare: str) -> str:
    """Write a day whose month has its English name with the number of the month, year first."""
    found = _NAMED.fullmatch(bare)
    if found is None or (found[1] is None) == (found[4] is None):
        return bare
    name = (found[2] + found[3]).title()
    months = [n for n, month in enumerate(_MONTHS, 1) if name in (month, month[:3])]
    day, clock = found[1] or found[4], found[6] or ""
    return f"{found[5]}-{months[0]}-{day}{clock}" if months else bare


def _order_of(words: Iterable[str]) -> str | None:
    """Return the order of day and month that the cells of a column show, if they show one."""
    found = [each for each in map(_DAY_FIRST.fullmatch, words) if each]
    days = {order: any(int(each[place]) > 12 for each in found)
            for order, place in (("dmy", 1), ("mdy", 2))}  # fmt: skip
    shown = [order for order, beyond in days.items() if beyond]
    return shown[0] if len(shown) == 1 else None
