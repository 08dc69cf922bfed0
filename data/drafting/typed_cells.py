"""Text of cells read as the contract's types, in SQL; identifiers come from the contract only."""

from collections.abc import Collection

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.contracts import CODES, Column, Table
from data.formats.unseen import BLANKS

_TRUE = ("true", "1", "1.0", "１", "是", "yes", "y", "有", "√", "✓", "✔", "☑", "t")
_FALSE = ("false", "0", "0.0", "０", "否", "no", "n", "无", "×", "✗", "✘", "☒", "☐", "f")
_DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d")
# A month without a day is a day only where the day is that of the month.
_MONTHS = (*_DATES, "%Y-%m")
_CLOCKS = (" %H:%M:%S", " %H:%M", "T%H:%M:%S", "T%H:%M", "")
_TIMES = tuple(f"{day}{clock}" for day in ("%Y-%m-%d", "%Y/%m/%d") for clock in _CLOCKS)
# The engine takes 25-03-31 for a day of the year 25. 9999-12-31 is for ever.
_DAY = "(1[89]|2[01]|99)[0-9]{2}.*"
_WHOLE = {"INTEGER": pa.int32(), "BIGINT": pa.int64()}
_FITTING = 9  # digits, whatever they are
_INTEGER = "[+-]?[0-9]{1,18}"
_NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?"
_WKB = "([0-9A-Fa-f]{2})+"


def quoted(value: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"


def quoted_all(values: tuple[str, ...]) -> str:
    """Return texts as SQL lists them."""
    return "(" + ", ".join(quoted(value) for value in values) + ")"


def untouched_columns(staged: pa.Table) -> frozenset[str]:
    """Return the columns that need no look at their blanks: every cell is visible ASCII."""
    return frozenset(
        name
        for name in staged.column_names
        if pa.types.is_string(staged.schema.field(name).type)
        and all(map(_all_visible, staged[name].chunks))
    )


def whole_numbers(
    table: Table, staged: pa.Table, visible: Collection[str]
) -> dict[str, pa.ChunkedArray]:
    """Return the columns whose cells are all whole numbers of up to nine digits, as numbers.

    visible: the columns of visible signs, as `untouched_columns` says.
    """
    found = {}
    for column in table.columns:
        if column.name not in visible or column.type not in _WHOLE:
            continue
        cells = staged[column.name]
        longest = pc.max(pc.binary_length(cells)).as_py() or 0
        if longest <= _FITTING and pc.all(pc.ascii_is_decimal(cells)).as_py():
            found[column.name] = pc.cast(cells, _WHOLE[column.type])
    return found


def _all_visible(cells: pa.Array) -> bool:
    if cells.null_count or not len(cells):
        return not len(cells)
    _, ends, content = cells.buffers()
    places = np.frombuffer(ends, np.int32)[cells.offset : cells.offset + len(cells) + 1]
    signs = np.frombuffer(content, np.uint8)[places[0] : places[-1]]
    return bool((np.diff(places) > 0).all() and signs.min() > ord(" ") and signs.max() < 127)


def _raw(column: Column, untouched: Collection[str]) -> str:
    name, blanks = f'"{column.name}"', BLANKS
    if column.name in untouched:
        return name
    trimmed = f"NULLIF(trim({name}, '{blanks}'), '')"
    # Nearly no cell has blanks around it, and looking for them is much faster than trimming.
    # The empty text and the blanks of ASCII sort before '!'.
    ends = " OR ".join(f"ends_with({name}, {quoted(sign)})" for sign in blanks if sign.isascii())
    padded = f"regexp_matches({name}, '^[{blanks}]|[{blanks}]$')"
    return (
        f"CASE WHEN {name} < '!' OR {ends} THEN {trimmed} WHEN strlen({name}) <> length({name}) "
        f"THEN CASE WHEN {padded} THEN {trimmed} ELSE {name} END ELSE {name} END"
    )


def _value(column: Column, text: str) -> str:
    """Return the SQL that reads the text of a cell as the contract's type, NULL where it cannot."""
    match column.type:
        case "INTEGER" | "BIGINT" | "DOUBLE":
            form = _NUMBER if column.type == "DOUBLE" else _INTEGER
            read = f"TRY_CAST({text} AS {column.type})"
            # 1e400 is taken for infinity, which no sum survives.
            within = f" AND isfinite({read})" if column.type == "DOUBLE" else ""
            return f"CASE WHEN regexp_full_match({text}, '{form}'){within} THEN {read} END"
        case "BOOLEAN":
            yes, no = quoted_all(_TRUE), quoted_all(_FALSE)
            word = f"lower({text})"
            return f"CASE WHEN {word} IN {yes} THEN true WHEN {word} IN {no} THEN false END"
        case "DATE":
            midnight = f"regexp_replace({text}, '[ T]00:00(:00)?$', '')"
            forms = list(_MONTHS if column.name == "month" else _DATES)
            read = f"TRY_CAST(try_strptime({midnight}, {forms!r}) AS DATE)"
            return f"CASE WHEN regexp_full_match({text}, '{_DAY}') THEN {read} END"
        case "TIMESTAMP":
            read = f"try_strptime({text}, {list(_TIMES)!r})"
            return f"CASE WHEN regexp_full_match({text}, '{_DAY}') THEN {read} END"
        case "GEOMETRY":
            return f"CASE WHEN regexp_full_match({text}, '{_WKB}') THEN unhex({text}) END"
    return _coded(column, text)


def _coded(column: Column, text: str) -> str:
    """Read labels of a code list (街道) as their codes (subdistrict); leave the rest as text."""
    if not column.codes or column.separator:
        return text
    known = [
        (name, code.value)
        for code in CODES[column.codes]
        for name in dict.fromkeys((code.label.zh, code.label.en))
        if name != code.value
    ]
    cases = " ".join(f"WHEN {quoted(name)} THEN {quoted(value)}" for name, value in known)
    return f"CASE {text} {cases} ELSE {text} END"


def typed_rows(table: Table, untouched: Collection[str], read: Collection[str] = ()) -> str:
    """Return the SQL that reads `given`: every column as the contract's type, its text beside.

    untouched: columns without blanks. read: those that `given` holds in their type already.
    """
    parts = ["record", "line"]
    for column in table.columns:
        if column.name in read:
            parts.append(f'CAST("{column.name}" AS VARCHAR) AS "text:{column.name}"')
            parts.append(f'"{column.name}"')
            continue
        text = _raw(column, untouched)
        parts.append(f'{text} AS "text:{column.name}"')
        parts.append(f'{_value(column, text)} AS "{column.name}"')
    return f"(SELECT {', '.join(parts)} FROM given)"  # noqa: S608 - contract names only
