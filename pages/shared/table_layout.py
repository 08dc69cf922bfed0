"""How a table is laid out so that its words can be read on a narrow screen.

Streamlit's tables that can be sorted have one line to a cell: what is longer is cut, and the last
columns leave the screen. A table to which that would happen is written out instead, in as many
lines as its words need.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
from pandas.io.formats.style import Styler

from metrics.exports.reports import written
from pages.shared.label_places import width
from pages.shared.words import BLANK, plain, t

# In pixels, of standard and of large type: what a table has of 1366 pixels, a Chinese sign.
ROOM = {False: 900, True: 870}
SIGN = {False: 15.8, True: 20.2}
_MARGIN = {False: 18, True: 23}
_FIGURE = 4.5  # signs that a figure wants at least
_SHORT = 9.0  # signs that stay on one line where there is room: names of places, days, bands
_NARROWEST = 4.0  # signs below which a column of longer words is a column of syllables
_SENTENCE = 6.0  # signs that a column of sentences gets before others are kept on one line
# Signs that it gets on a phone, where a table is moved sideways: there alone is this more than 0.
_ON_A_PHONE = "clamp(0px, (700px - 100vw) * 999, 9em)"
_WORD = 9.5  # signs of the longest word that is kept whole: addresses and the like are broken
REST = "rest"  # the column that tells what had no room of its own
_WIDEST = 26.0  # signs of the widest column of a table that can be moved sideways

# A figure with its sign and per cent sign; six digits and more in one are the code of a place.
_FIGURE_ALONE = re.compile(r"[+−-]?(\d{1,5}|\d{1,3}(,\d{3})+)(\.\d+)?\s?%?")

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

# What a browser keeps on one line: it breaks at blanks, after hyphens and beside Chinese signs.
_UNBREAKABLE = re.compile(r"[^\s\-\u2e80-\uffff]+-?")

# Column of a table -> its heading and number format, None for text.
Columns = Mapping[str, tuple[str, str | None]]


@dataclass(frozen=True)
class Layout:
    """How the columns of a table share a narrow screen.

    widths: column of words -> pixels that show its longest cell. unbroken: columns whose cells
    stay on one line when the table is written out. fits: everything stands in one line each.
    readable: it can be written out, no column being too narrow for it.
    """

    widths: Mapping[str, int]
    unbroken: Sequence[str]
    fits: bool
    readable: bool


def of(table: pd.DataFrame, columns: Columns, *, large: bool) -> Layout:
    """Lay a table out for a screen of 1366 pixels."""
    sign = SIGN[large]
    room = (ROOM[large] - _MARGIN[large] * len(columns)) / sign
    said = {name: _distinct(table[name], form) for name, (_, form) in columns.items()}
    cells = {
        name: max(
            _FIGURE if form or pd.api.types.is_float_dtype(table[name]) else 0.0,
            *(width(cell) for cell in said[name]), 0.0,
        )
        for name, (_, form) in columns.items()
    }  # fmt: skip
    wants = {name: max(width(heading), cells[name]) for name, (heading, _) in columns.items()}
    floors = {
        name: max(min(cells[name], _NARROWEST), min(_WORD, _longest_word([heading, *said[name]])))
        if not _days(said[name])
        else max(cells[name], min(_WORD, _longest_word([heading])))
        for name, (heading, _) in columns.items()
    }
    if REST in floors:
        floors[REST] = _SHORT
    least = sum(floors.values())
    sentences = sum(max(0.0, _SENTENCE - floors[name]) for name in cells if cells[name] > _SHORT)
    unbroken = []
    for name in sorted(cells, key=cells.__getitem__):
        more = max(0.0, cells[name] - floors[name])
        left = room - (sentences if cells[name] > _SENTENCE else 0.0)
        if cells[name] <= _SHORT and least + more <= left:
            unbroken.append(name)
            least += more
    pixels = {
        name: round(min(wants[name], _WIDEST) * sign + _MARGIN[large])
        for name, (_, form) in columns.items()
        if form is None
    }
    # Columns are written out by their headings: two alike would be one.
    apart = len({heading for heading, _ in columns.values()}) == len(columns)
    fits = sum(wants.values()) <= room
    return Layout(pixels, unbroken, fits=fits, readable=apart and least <= room)


def _distinct(column: pd.Series, form: str | None) -> list[str]:
    """Return what the cells of a column say, each once; of figures the least and the most."""
    known = column.dropna()
    if pd.api.types.is_float_dtype(known) and not form:
        return []  # written by who asked for the table
    if form:
        return [written(each, form) for each in (known.min(), known.max()) if len(known)]
    return [str(cell) for cell in known.unique()]


def _days(said: Collection[str]) -> bool:
    """Say whether a column tells days, which nobody wants broken at their hyphens."""
    told = [cell for cell in said if cell != BLANK]
    return bool(told) and all(map(_DAY.fullmatch, told))


def _longest_word(said: Collection[str]) -> float:
    """Return how many signs the longest word of some texts has."""
    words = _UNBREAKABLE.findall("\n".join(said))
    return max(map(width, words), default=0.0)


def folded(
    table: pd.DataFrame, columns: Columns, *, large: bool, heading: str
) -> tuple[pd.DataFrame, Columns]:
    """Return a table that can be written out, the columns without room told in one last column.

    What is asked for first stands first, so the last columns give way: 'heading：cell', a line
    each, in a column of its own under `heading`. A table with room for all, or of columns that
    cannot be told apart, is returned as it is.
    """
    if len({said for said, _ in columns.values()}) < len(columns):
        return table, columns
    names = list(columns)
    for kept in range(len(names), 1, -1):
        told = table if kept == len(names) else _told(table, columns, names[kept:])
        shown = {name: columns[name] for name in names[:kept]}
        if kept < len(names):
            shown[REST] = (heading, None)
        if of(told, shown, large=large).readable:
            return told[list(shown)], shown
    return table, columns


def _told(table: pd.DataFrame, columns: Columns, names: Sequence[str]) -> pd.DataFrame:
    """Return a table with the cells of some columns in one, each under its heading."""
    colon = t("shell.colon")
    rows = table[list(names)].itertuples(index=False, name=None)
    said = [
        "\n".join(
            f"{columns[name][0]}{colon}{_cell(cell, columns[name][1], '')}"
            for name, cell in zip(names, row, strict=True)
            if not (pd.isna(cell) or cell == "")
        )
        for row in rows
    ]
    return table.assign(**{REST: said})


def written_out(
    table: pd.DataFrame, columns: Columns, blank: str, unbroken: Collection[str]
) -> Styler:
    """Return a table as it is read: figures with their digits, words without any Markdown.

    blank: what stands in an empty cell. unbroken: columns whose cells stay on one line.
    """
    said = {name: plain(heading) for name, (heading, _) in columns.items()}
    shown = pd.DataFrame(
        {
            said[name]: table[name] if form else [plain(_cell(c, None, blank)) for c in table[name]]
            for name, (_, form) in columns.items()
        }
    )
    forms = {
        said[name]: partial(_cell, form=form, blank=blank)
        for name, (_, form) in columns.items()
        if form
    }
    # Streamlit writes the side of a cell into the cell itself.
    line, right = {"white-space": "nowrap"}, {"text-align": "right !important"}
    whole = [said[name] for name in unbroken]
    words = [name for name, (_, form) in columns.items() if not form]
    figures = [said[name] for name in words if _all_figures(table[name])]
    styled = shown.style.format(forms).set_properties(subset=whole, **line)
    # In these alone: where any word may be broken, a browser breaks those that have room as well.
    longest = {n: max(map(width, _distinct(table[n], None)), default=0.0) for n in words}
    long = [said[n] for n in words if n not in unbroken and longest[n] > _SENTENCE]
    styled = styled.set_properties(subset=long, **{"min-width": _ON_A_PHONE})
    broken = [said[name] for name in words if _longest_word(_distinct(table[name], None)) > _WORD]
    styled = styled.set_properties(subset=broken, **{"overflow-wrap": "anywhere"})
    lines = [said[name] for name in columns if name == REST]
    roomy = {"white-space": "pre-line", "min-width": f"{_SHORT:g}em"}
    styled = styled.set_properties(subset=lines, **roomy)
    return styled.set_properties(subset=figures, **right)


def _all_figures(cells: pd.Series) -> bool:
    """Say whether every cell of a column of words that says anything is one figure."""
    told = [str(cell) for cell in cells.dropna() if cell not in ("", "—")]
    return bool(told) and all(map(_FIGURE_ALONE.fullmatch, told))


def _cell(value: Any, form: str | None, blank: str) -> str:
    return blank if pd.isna(value) else written(value, form)
