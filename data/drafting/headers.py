"""Which contract column a column of a file is, and in which unit it counts.

A header is taken as certain when it is a contract name, its Chinese or English label or a declared
synonym (`contracts/synonyms.csv`), with or without a unit in brackets that converts exactly
(`contracts/units.csv`). Everything less certain is a suggestion that a person confirms.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from data.contracts import FOLDER, TABLES, Column, Table, table
from data.errors import DataError
from data.formats.headings import is_aside, plain
from data.words import Text, listing

# Below this, two wordings share no more than a common ending such as 代码 or 数.
_LIKELY = 0.4
_IN_BRACKETS = re.compile(r"(.+?)[(\[【〔]([^()\[\]【】〔〕]+)[)\]】〕]")
# Headings over others that say what these are about, and of whom or which they count nothing.
_NEUTRAL = re.compile(
    "(?:(?:人口|户数|人数|面积|金额|经费|资金|支出|编制|人员|位置|坐标|经纬度|时间|日期|数量|基本)"
    "[与和及、]?)+(?:情况|信息|状况|数据|指标)?"
)
_NAMES_BESIDE = {
    "township_code": frozenset({
        "乡镇", "乡镇名称", "乡镇(街道)", "乡镇(街道)名称", "乡镇街道", "乡镇街道名称", "镇街",
        "镇街名称", "街道", "街道名称", "所属乡镇", "所在乡镇", "所属乡镇(街道)", "所在乡镇(街道)",
    }),
    "community_code": frozenset({
        "村", "村名", "村名称", "行政村", "村(社区)", "村(社区)名称", "村社区", "村社区名称",
        "社区名称", "村居", "村居名称", "村(居)名称", "所属村(社区)", "所在村(社区)",
    }),
}  # fmt: skip
_NUMBER = r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?\s*"


@dataclass(frozen=True)
class Said:
    """What a person said of the columns, by header: a contract column or None to leave it out.

    units: header -> unit in which the file counts. given: contract column -> what is said of it
    for the whole file, which need not have that column. dates: header -> 'dmy' or 'mdy'.
    words: header -> word of the file -> code of the contract's list that it means. declared: kind
    of unit -> unit in which the file as a whole says that it counts (`declared_units`).
    """

    columns: Mapping[str, str | None]
    units: Mapping[str, str]
    given: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    declared: Mapping[str, str] = field(default_factory=dict)


class Place(NamedTuple):
    """Where a contract column stands in the file; factor: its unit in the contract's units."""

    position: int
    unit: str = ""
    factor: Fraction = Fraction(1)


class Suggestion(NamedTuple):
    """A contract column that a header may mean; similarity 0 to 1."""

    column: str
    similarity: float


def recognise_table(
    header: Sequence[str],
    name: str | None,
    said: Said,
    likeliest: Callable[[], Table] | None = None,
) -> tuple[Table, dict[str, Place]]:
    """Find the contract table of a header; return it with contract column -> place.

    name: the table, where a person said it. likeliest: tells which table a person is asked to look
    at first where none is certain, else the one with most names in common. Raises DataError
    `table_not_recognised`, `table_ambiguous`, `missing_columns`, `unknown_columns`,
    `doubled_columns`, `unit_unknown`.
    """
    if name:
        chosen = table(name)
        return chosen, _places(chosen, header, said)
    fitting, doubled = _fitting(header, said)
    if len(fitting) == 1:
        return fitting[0], _places(fitting[0], header, said)
    shown = ", ".join(header)[:300]
    if fitting:
        listed = ", ".join(candidate.name for candidate in fitting)
        raise DataError("table_ambiguous", header=shown, tables=listed)
    if doubled:
        raise doubled
    nearest = likeliest() if likeliest else nearest_table(header, said)
    found, unknown = match(nearest, header, said)
    raise DataError(
        "table_not_recognised",
        header=shown,
        table=nearest.label,
        name=nearest.name,
        missing=_labels(nearest, missing(nearest, {**said.given, **found})),
        unknown=listing(unknown or ["—"]),
    )


def _fitting(header: Sequence[str], said: Said) -> tuple[list[Table], DataError | None]:
    """Return the tables that a header fits, and what stands twice in one that it may be."""
    fitting, doubled = [], None
    for candidate in _uploadable():
        try:
            found, unknown = match(candidate, header, said)
        except (
            DataError
        ) as fault:  # 名称 beside 乡镇名称 are two names in the list of townships only
            if fault.code != "doubled_columns":
                raise
            named = {name: None for cell in header if (name := _named(candidate, cell, said)[0])}
            if not missing(candidate, {**said.given, **named}):
                doubled = doubled or fault
            continue
        if not unknown and not missing(candidate, {**said.given, **found}):
            fitting.append(candidate)
    return fitting, doubled


def nearest_table(header: Sequence[str], said: Said) -> Table:
    """Return the table that most columns of a header belong to."""

    def fit(candidate: Table) -> int:
        found, _ = match(candidate, header, said)
        return len(found) - len(missing(candidate, found))

    return max(_uploadable(), key=fit)


def match(
    candidate: Table, header: Sequence[str], said: Said
) -> tuple[dict[str, Place], list[str]]:
    """Return the columns that are certain (contract column -> place), and the other headers.

    Remarks and who filled the form in are neither, where the table has no such column.
    """
    found: dict[str, Place] = {}
    unknown: list[str] = []
    for position, cell in enumerate(header):
        if cell in said.columns and said.columns[cell] is None:
            continue
        name, unit = _named(candidate, cell, said)
        if name is None:
            unknown += [] if is_aside(cell) else [cell]
        elif name in found:
            first = found[name].position + 1
            raise DataError("doubled_columns", column=cell, first=first, second=position + 1)
        else:
            column = candidate.column(name)
            unit = said.units.get(cell) or unit or said.declared.get(kind_of(column), "")
            factor = unit_factor(column, unit)
            if factor is None:
                raise DataError("unit_unknown", column=cell, unit=unit)
            found[name] = Place(position, unit, factor)
    return found, [cell for cell in unknown if code_beside(candidate, cell) not in found]


def code_beside(candidate: Table, heading: str) -> str | None:
    """Return the column of codes that a column of names goes with: 乡镇名称 beside 乡镇代码.

    It is no column of the table and taken for none; its names are only compared with the codes.
    """
    word = plain(heading)
    codes = (code for code, words in _NAMES_BESIDE.items() if word in words)
    own = {candidate.key[0]} if len(candidate.key) == 1 else set()  # there they are the names
    return next((code for code in codes if code in {*candidate.column_names} - own), None)


def kind_of(column: Column) -> str:
    """Return the kind of unit a column counts in (`units.csv`), '' where it has none."""
    return unit_kind(column.unit.zh) if column.unit else ""


def unit_kind(unit: str) -> str:
    """Return the kind of a unit, '' of one that is not known."""
    return _units().get(plain(unit), ("",))[0]


def missing(candidate: Table, found: Mapping[str, object]) -> list[str]:
    """Return the required columns that were not found."""
    return [c.name for c in candidate.columns if not c.nullable and c.name not in found]


def unit_factor(column: Column, unit: str) -> Fraction | None:
    """Return what one `unit` is in the column's own unit; None where they do not convert."""
    if not unit:
        return Fraction(1)
    if column.unit is None:
        return None
    units = _units()
    own, other = (units.get(plain(word)) for word in (column.unit.zh, unit))
    if plain(unit) in (plain(column.unit.zh), plain(column.unit.en)):
        return Fraction(1)
    if own is None or other is None or own[0] != other[0]:
        return None
    return other[1] / own[1]


def units_of(column: Column) -> tuple[str, ...]:
    """Return the units a file may count a column in, the contract's own first."""
    if column.unit is None:
        return ()
    own = _units().get(plain(column.unit.zh))
    chinese = [row["unit"] for row in _records("units.csv") if own and row["kind"] == own[0]]
    usual = [unit for unit in chinese if not unit.isascii() and unit_factor(column, unit) != 1]
    return (column.unit.zh, *usual)


def suggest(candidate: Table, header: str) -> list[Suggestion]:
    """Return the columns a header may mean, the likeliest first: never applied unconfirmed.

    Similarity is Dice's coefficient of the character pairs (Dice 1945, Ecology 26) of the wording,
    the pinyin or its initials, the greatest of them.
    """
    told = _forms(_bare(header))
    found = [
        Suggestion(column.name, max(_dice(one, other) for one in told for other in forms))
        for column in candidate.columns
        for forms in [_column_forms(candidate.name, column.name)]
    ]
    likely = [each for each in found if each.similarity >= _LIKELY]
    return sorted(likely, key=lambda each: -each.similarity)


def in_unit_of_contract(cells: pa.ChunkedArray, place: Place) -> pa.ChunkedArray:
    """Return the numbers among text cells in the contract's unit; the rest stays as it is."""
    if place.factor == 1:
        return cells
    encoded = cells.combine_chunks().dictionary_encode()
    words = [
        written(word, place.factor) if word and re.fullmatch(_NUMBER, word) else word
        for word in encoded.dictionary.to_pylist()
    ]
    return pa.chunked_array([pc.take(pa.array(words, pa.string()), encoded.indices)])


def written(number: str, factor: Fraction) -> str:
    """Return a number in another unit: exact where it is whole, else the nearest double.

    One beyond all doubles is `inf`, which no check takes for a number.
    """
    try:
        value = Fraction(number.strip()) * factor
        return str(value.numerator) if value.denominator == 1 else repr(float(value))
    except (OverflowError, ValueError):  # 1e400, or more digits than anybody reads
        return "inf"


def _places(chosen: Table, header: Sequence[str], said: Said) -> dict[str, Place]:
    found, unknown = match(chosen, header, said)
    lacking = missing(chosen, {**said.given, **found})
    if lacking:
        raise DataError(
            "missing_columns",
            table=chosen.label,
            columns=_labels(chosen, lacking),
            header=", ".join(header)[:300],
        )
    if unknown:
        raise DataError("unknown_columns", table=chosen.label, columns=listing(unknown))
    return found


def _labels(chosen: Table, names: Sequence[str]) -> Text:
    """Name columns as people know them: a heading by its label is read as one by its name."""
    return listing([chosen.column(name).label for name in names] or ["—"])


def _named(candidate: Table, cell: str, said: Said) -> tuple[str | None, str]:
    """Return the contract column of a header and the unit it names itself."""
    told = said.columns.get(cell)
    if told in candidate.column_names:
        unit = _parted(cell)[1]
        return told, unit if unit_factor(candidate.column(told), unit) is not None else ""
    if "\ufffd" in cell:  # what was lost may have said which: ��常住人口
        return None, ""
    return _certain(candidate, cell) or _in_group(candidate, cell) or (None, "")


def _certain(candidate: Table, cell: str) -> tuple[str, str] | None:
    known = _known(candidate.name)
    if name := known.get(plain(cell)):
        return name, ""
    word, unit = _parted(cell)
    name = known.get(word)
    fits = name and unit and unit_factor(candidate.column(name), unit) is not None
    return (name, unit) if name and fits else None


def _in_group(candidate: Table, cell: str) -> tuple[str, str] | None:
    """Read 人口（万人）/常住人口, rows of headings of which the upper only say what about."""
    *groups, beneath = cell.split("/")
    parted = [_parted(group) for group in groups]
    if not groups or not all(_NEUTRAL.fullmatch(word) for word, _ in parted):
        return None
    if not (found := _certain(candidate, beneath)):
        return None
    name, own = found
    unit = own or next((unit for _, unit in reversed(parted) if unit), "")
    return (name, unit) if unit_factor(candidate.column(name), unit) is not None else None


def _parted(cell: str) -> tuple[str, str]:
    """Return the wording of a heading and the unit in brackets behind it."""
    bracket = _IN_BRACKETS.fullmatch(plain(cell))
    return (bracket[1], re.sub("^单位:?", "", bracket[2])) if bracket else (plain(cell), "")


def _uploadable() -> Iterator[Table]:
    return (candidate for candidate in TABLES.values() if candidate.uploadable)


def _records(file: str) -> list[dict[str, str]]:
    with (FOLDER / file).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))


@cache
def _units() -> dict[str, tuple[str, Fraction]]:
    return {
        plain(row["unit"]): (
            row["kind"],
            Fraction(int(row["numerator"]), int(row["denominator"])),
        )
        for row in _records("units.csv")
    }


@cache
def _synonyms() -> dict[str, tuple[str, ...]]:
    words: dict[str, tuple[str, ...]] = {}
    for row in _records("synonyms.csv"):
        words[row["column"]] = (*words.get(row["column"], ()), row["word"])
    return words


@cache
def _known(name: str) -> dict[str, str]:
    """Return every wording that is certain within one table; a contract name wins over labels."""
    known: dict[str, str] = {}
    columns = TABLES[name].columns
    for words in (
        lambda c: _synonyms().get(c.name, ()),
        lambda c: _synonyms().get(f"{name}.{c.name}", ()),
        lambda c: (c.label.en, c.label.zh, c.heading),
        lambda c: (c.name,),
    ):
        known.update({plain(word): column.name for column in columns for word in words(column)})
    return known


def _bare(word: str) -> str:
    bracket = _IN_BRACKETS.fullmatch(plain(word))
    return bracket[1] if bracket else plain(word)


def _forms(word: str) -> tuple[str, ...]:
    """Return a wording as it is, as pinyin and as the initials of its pinyin."""
    # Loads a dictionary of some megabytes: only for files that need suggestions.
    from pypinyin import Style, lazy_pinyin

    bare = word.replace("_", "")
    spelled = "".join(lazy_pinyin(bare))
    initials = "".join(lazy_pinyin(bare, style=Style.FIRST_LETTER))
    return tuple(dict.fromkeys((bare, spelled, initials)))


@cache
def _column_forms(name: str, column: str) -> tuple[str, ...]:
    declared = TABLES[name].column(column)
    words = (column, declared.label.zh, declared.label.en, *_synonyms().get(column, ()))
    return tuple(form for word in words for form in _forms(_bare(word)))


def _dice(one: str, other: str) -> float:
    if one == other:
        return 1.0
    first, second = _pairs(one), _pairs(other)
    return 2 * len(first & second) / (len(first) + len(second)) if first and second else 0.0


def _pairs(word: str) -> frozenset[str]:
    return frozenset(word[n : n + 2] for n in range(len(word) - 1))
