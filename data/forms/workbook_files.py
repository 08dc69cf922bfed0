"""Workbooks the program writes: every cell is text as it stands, never a formula or a link."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

LONGEST_CELL = 32_767
_LONGEST_NAME = 31
_NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", "_"))
# XML holds no other control characters; Excel would call the file damaged.
_CONTROLS = dict.fromkeys([n for n in range(32) if n not in (9, 10)])
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
HEADING = {
    "bold": True, "text_wrap": True, "valign": "top", "bg_color": "#F0F0F0", "border": 1,
    "border_color": "#BFBFBF",
}  # fmt: skip


@contextmanager
def workbook(out: io.BytesIO) -> Iterator[Any]:
    """Open a workbook that is written to `out` when it is closed."""
    import xlsxwriter  # only those who ask for a workbook wait for it

    book = xlsxwriter.Workbook(out, _OPTIONS)
    try:
        yield book
    finally:
        book.close()


def sheet_name(title: str, taken: Sequence[str]) -> str:
    """Return a name for a sheet: at most 31 characters, none that Excel refuses, not taken."""
    bare = title.translate(_NOT_IN_NAMES).translate(_CONTROLS).strip() or "1"
    name, number = bare[:_LONGEST_NAME], 1
    while name.lower() in (other.lower() for other in taken):
        number += 1
        ending = f" {number}"
        name = bare[: _LONGEST_NAME - len(ending)] + ending
    return name


def text(sheet: Any, row: int, column: int, value: object, form: Any = None) -> None:
    """Write one cell as text; what begins like a formula stays what it is."""
    written = str(value).translate(_CONTROLS)[:LONGEST_CELL]
    if written:
        sheet.write_string(row, column, written, form)
    elif form is not None:
        sheet.write_blank(row, column, None, form)
