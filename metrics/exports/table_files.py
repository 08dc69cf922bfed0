"""Tables as files that still say what they are, and that no spreadsheet runs as a formula."""

import csv
import html
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from data.errors import DataError

# A spreadsheet runs cells that begin like this; a quote in front makes them text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
MOST_SHEET_ROWS = 1_048_576
SHEET_NAME = "data"
WIDEST = 60
# More of a number is rounding of the machine: 0.9999999999999999 was a one.
_CSV_DIGITS = 12
_STYLE = (
    "body{font:16px/1.5 system-ui,'Microsoft YaHei','PingFang SC','Noto Sans CJK SC',sans-serif;"
    "margin:2rem;color:#1f1e1c}table{border-collapse:collapse;margin-top:1rem}"
    "th,td{border:1px solid #bbb;padding:.25rem .6rem;text-align:left}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}th{background:#f2f0ec}"
)


def safe(cell: Any) -> Any:
    """Return a cell as it may stand in a file: blank where missing, never a formula."""
    if isinstance(cell, str):
        return "'" + cell if cell.lstrip(" ").startswith(_FORMULA) else cell
    return "" if pd.isna(cell) else cell


def to_csv(heading: Sequence[str], columns: Mapping[str, str], table: pd.DataFrame) -> bytes:
    """Return a table as CSV in UTF-8 with its mark, so that Excel reads Chinese as it is.

    heading: lines above the table (scope, version, whether fictional), each marked with #.
    columns: column of the table -> its heading, in order. Numbers have twelve digits at most.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([[f"# {line}"] for line in heading])
    writer.writerow([safe(word) for word in columns.values()])
    for row in _rows(table, columns):
        writer.writerow([_csv_number(cell) or safe(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def _csv_number(cell: Any) -> str:
    """Return a number with a fraction as text, blank for anything else."""
    return f"{cell:.{_CSV_DIGITS}g}" if isinstance(cell, float) and np.isfinite(cell) else ""


def to_xlsx(
    heading: Sequence[str],
    columns: Mapping[str, str],
    table: pd.DataFrame,
    parts: Mapping[str, tuple[Mapping[str, str], pd.DataFrame]] = MappingProxyType({}),
) -> bytes:
    """Return a table as a workbook; text is never taken for a formula or a link.

    heading and columns: as for `to_csv`. parts: further tables, each a sheet under its title, with
    columns of its own. Raises DataError `too_long_for_sheet`.
    """
    import xlsxwriter

    sheets = {SHEET_NAME: (columns, table), **parts}
    longest = max(len(rows) for _, rows in sheets.values())
    if len(heading) + 2 + longest > MOST_SHEET_ROWS:
        raise DataError("too_long_for_sheet", rows=longest, most=MOST_SHEET_ROWS)
    out = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(out, options) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        for name, (words, rows) in sheets.items():
            _fill(book.add_worksheet(name), heading, words, rows, bold)
    return out.getvalue()


def _fill(
    sheet: Any, heading: Sequence[str], columns: Mapping[str, str], table: pd.DataFrame, bold: Any
) -> None:
    for line, text in enumerate(heading):
        sheet.write_string(line, 0, text)
    top = len(heading) + 1
    for place, word in enumerate(columns.values()):
        sheet.write_string(top, place, word, bold)
        sheet.set_column(place, place, min(max(10, 2 * len(word)), WIDEST))
    sheet.freeze_panes(top + 1, 0)
    for line, row in enumerate(_rows(table, columns), top + 1):
        for place, cell in enumerate(row):
            write_cell(sheet, line, place, cell)


def write_cell(sheet: Any, line: int, place: int, cell: Any) -> None:
    """Write one cell of a workbook: numbers as numbers, text as text, nothing where missing."""
    if isinstance(cell, str):
        sheet.write_string(line, place, cell)
    elif isinstance(cell, bool | np.bool_):
        sheet.write_boolean(line, place, bool(cell))
    elif isinstance(cell, int | float | np.number) and np.isfinite(cell):
        sheet.write_number(line, place, float(cell))
    elif not pd.isna(cell):
        sheet.write_string(line, place, str(cell))


def to_html(
    title: str,
    heading: Sequence[str],
    columns: Mapping[str, str],
    table: pd.DataFrame,
    language: str,
    parts: Iterable[tuple[str, Mapping[str, str], pd.DataFrame]] = (),
) -> bytes:
    """Return a table as one page that asks for nothing; every name is escaped.

    parts: title, columns and rows of the tables below it.
    """
    more = "".join(
        f"<h2>{html.escape(name)}</h2>{html_table(words, rows)}" for name, words, rows in parts
    )
    said = "".join(f"<p>{html.escape(line)}</p>" for line in heading)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{html.escape(title)}</h1>{said}"
        f"{html_table(columns, table)}{more}</body></html>"
    ).encode()


def html_table(columns: Mapping[str, str], table: pd.DataFrame) -> str:
    """Return a table as HTML; every name is escaped."""

    def cells(row: Iterable[Any]) -> str:
        return "".join(_html_cell(cell) for cell in row)

    names = "".join(f'<th scope="col">{html.escape(word)}</th>' for word in columns.values())
    rows = "".join(f"<tr>{cells(row)}</tr>" for row in _rows(table, columns))
    return f"<table><thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table>"


def _html_cell(cell: Any) -> str:
    number = isinstance(cell, int | float | np.number) and not isinstance(cell, bool | np.bool_)
    if number and not pd.isna(cell):
        shown = f"{cell:,.0f}" if float(cell).is_integer() else f"{cell:,.2f}"
        return f'<td class="n">{shown}</td>'
    return f"<td>{html.escape('' if pd.isna(cell) else str(cell))}</td>"


def to_parquet(about: Mapping[str, Any], table: pd.DataFrame) -> bytes:
    """Return a table as Parquet; what it is stands in the file's metadata under `zhixiao`."""
    import pyarrow as pa
    from pyarrow import parquet

    content = pa.Table.from_pandas(table, preserve_index=False)
    told = {**(content.schema.metadata or {}), b"zhixiao": json.dumps(about, default=str).encode()}
    out = io.BytesIO()
    parquet.write_table(content.replace_schema_metadata(told), out)
    return out.getvalue()


def to_json(
    about: Mapping[str, Any], table: pd.DataFrame, parts: Mapping[str, Any] = MappingProxyType({})
) -> bytes:
    """Return what a table is and its rows, then its parts by name; what is missing is null."""
    rows = {"about": about, "columns": list(table.columns), "rows": records(table)}
    return _json({**rows, **({"parts": parts} if parts else {})})


def to_geojson(
    about: Mapping[str, Any], features: Iterable[tuple[str | None, Mapping[str, Any]]]
) -> bytes:
    """Return features (geometry as GeoJSON or None, properties); `about` is a member beside them.

    Longitude and latitude are WGS-84 (RFC 7946).
    """
    written = [
        {
            "type": "Feature",
            "geometry": json.loads(geometry) if geometry else None,
            "properties": {name: _bare(cell) for name, cell in properties.items()},
        }
        for geometry, properties in features
    ]
    return _json({"type": "FeatureCollection", "about": about, "features": written})


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as dictionaries of plain Python values, None where nothing is known."""
    names = [str(name) for name in table.columns]
    rows = table.itertuples(index=False, name=None)
    return [{n: _bare(cell) for n, cell in zip(names, row, strict=True)} for row in rows]


def _bare(cell: Any) -> Any:
    if isinstance(cell, list | tuple | dict):
        return cell
    if pd.isna(cell) or (isinstance(cell, float) and not np.isfinite(cell)):
        return None
    if isinstance(cell, np.generic):
        return cell.item()
    return cell.isoformat() if isinstance(cell, pd.Timestamp) else cell


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, allow_nan=False, default=str).encode()


def _rows(table: pd.DataFrame, columns: Mapping[str, str]) -> Iterable[tuple[Any, ...]]:
    return table[list(columns)].itertuples(index=False, name=None)
