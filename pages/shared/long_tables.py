"""Tables too long to be read in one piece: found in by words, and turned over page by page.

Streamlit's sortable tables cut what does not stand in one line; a table whose words need more is
written out, and of a long one a page at a time. What is looked for and the page stand in the link.
"""

from math import ceil

import pandas as pd
import streamlit as st

from pages.shared import address
from pages.shared.words import t

ROWS_A_PAGE = 25


def turned(key: str, table: pd.DataFrame, *, find: bool) -> pd.DataFrame:
    """Draw the page chooser of a long table and return the rows of the page that is open.

    key: of the table, once on a page. find: draw a field for words to look for as well; where the
    page has choices of its own that narrow the table, it needs none.
    """
    found, pages = table, st.container(horizontal=True, vertical_alignment="bottom")
    with pages:
        if find:
            wanted = address.typed(f"find-{key}", t("shell.find"), t("shell.find_hint"))
            found = holding(table, wanted)
        options = [str(n + 1) for n in range(ceil(len(found) / ROWS_A_PAGE))] or ["1"]
        if len(options) > 1:
            page = address.select(
                f"rows-{key}", t("shell.rows"), options, lambda n: _rows_word(int(n), len(found))
            )
        else:
            page = address.settle(f"rows-{key}", options, options[0])
    begin = (int(page) - 1) * ROWS_A_PAGE
    return found.iloc[begin : begin + ROWS_A_PAGE]


def holding(table: pd.DataFrame, wanted: str) -> pd.DataFrame:
    """Return the rows some cell of which holds what is looked for, upper and lower case alike."""
    words = wanted.strip().lower()
    if not words:
        return table
    cells = [table[name].map(lambda cell: words in str(cell).lower()) for name in table]
    return table[pd.concat(cells, axis=1).any(axis=1)]


def _rows_word(page: int, rows: int) -> str:
    first = (page - 1) * ROWS_A_PAGE + 1
    return t("shell.rows_of", first=first, last=min(first + ROWS_A_PAGE - 1, rows), n=rows)
