"""Tables as files that still say what they are, and that no spreadsheet runs as a formula."""

import csv
import io
from collections.abc import Mapping, Sequence

import pandas as pd

# A spreadsheet runs cells that begin like this; a quote in front makes them text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe(cell: object) -> object:
    """Return a cell as it may stand in a file: blank where missing, never a formula."""
    if isinstance(cell, str):
        return "'" + cell if cell.lstrip(" ").startswith(_FORMULA) else cell
    return "" if pd.isna(cell) else cell


def to_csv(heading: Sequence[str], columns: Mapping[str, str], table: pd.DataFrame) -> bytes:
    """Return a table as CSV in UTF-8 with its mark, so that Excel reads Chinese as it is.

    heading: lines above the table (scope, version, whether fictional), each marked with #.
    columns: column of the table -> its heading, in order.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([[f"# {line}"] for line in heading])
    writer.writerow([safe(word) for word in columns.values()])
    for row in table[list(columns)].itertuples(index=False, name=None):
        writer.writerow([safe(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig")
