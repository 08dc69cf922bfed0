"""Small tables that were downloaded and come back edited, as office programs save a CSV."""

import csv
import io

import pandas as pd

from data.errors import DataError
from data.words import both

MOST_BYTES = 1 << 20
ENCODINGS = ("utf-8-sig", "gb18030")


def cells_of(content: bytes, name: str, refusal: str) -> pd.DataFrame:
    """Return the cells of a CSV as text, '' where nothing stands: in UTF-8, else in GB18030.

    Blank rows are left out.

    refusal: code of the DataError (with file and reason) for what is no such table, rows of other
    lengths included. Raises that and `file_too_large`.
    """
    if len(content) > MOST_BYTES:
        raise DataError("file_too_large", file=name, limit=f"{MOST_BYTES >> 20} MB")
    text = _text(content)
    if text is None:
        raise DataError(refusal, file=name, reason=both("shell.no_text_file"))
    try:
        records = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise DataError(refusal, file=name, reason=both("shell.no_table")) from error
    records = [
        [cell.strip() for cell in record] for record in records if any(map(str.strip, record))
    ]
    # A comma too many would move all that follows it by a column.
    if not records or {len(record) for record in records} != {len(records[0])}:
        raise DataError(refusal, file=name, reason=both("shell.no_table"))
    return pd.DataFrame(records[1:], columns=records[0], dtype=str)


def _text(content: bytes) -> str | None:
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None
