"""A report as what it says: title, what it holds for, sections of one sentence and one table."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import east_asian_width

import pandas as pd

from data.words import Language

BLANK = "—"
WIDEST = 24  # signs; longer words are broken
# Half-widths of a sign: no cell asks for more; a narrower column would be a tower of signs; what a
# heading takes before it is broken; what the margins of a cell take.
_MOST, _LEAST, _OF_HEADING, _MARGINS = 60, 12, 16, 5
_HELD = "\u2060"  # WORD JOINER, of which nothing is seen
_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)


@dataclass(frozen=True)
class Section:
    """One figure of a report.

    sentence: what it says. columns: of the table -> (heading, number format or None), in order; no
    columns for words alone. note: how the figure is made and what it rests on.
    """

    title: str
    sentence: str
    table: pd.DataFrame
    columns: Mapping[str, tuple[str, str | None]]
    note: str = ""

    def widths(self) -> list[int]:
        """Return how much room each column of words wants beside the others; 0 for figures."""
        rows = self.rows()
        return [
            0 if form else min(max([len(heading), *(len(row[n]) for row in rows), 3]), WIDEST)
            for n, (heading, form) in enumerate(self.columns.values())
        ]

    def rows(self) -> list[list[str]]:
        """Return the table in words and digits, a dash where nothing is known or shown."""
        forms = [form for _, form in self.columns.values()]
        cells = self.table[list(self.columns)].itertuples(index=False, name=None)
        return [[written(c, form) for c, form in zip(row, forms, strict=True)] for row in cells]


@dataclass(frozen=True)
class Report:
    """A report.

    lines: scope, data version, date, base rule. mark: said on every page, blank where there is
    nothing to mark. method: sentences of the last page.
    """

    title: str
    lines: tuple[str, ...]
    mark: str
    sections: tuple[Section, ...]
    method_title: str
    method: tuple[str, ...]
    language: Language


def written(value: Any, form: str | None) -> str:
    """Return a cell as a reader sees it; form: printf-like, such as '%.1f', '± %.1f', '%.0f%%'."""
    if value is None or pd.isna(value):
        return BLANK
    if form is None:
        return str(value)
    before, _, how = form.partition("%")
    percent = "%" if how.endswith("%%") else ""
    number = format(float(value), how.removesuffix("%%").replace("d", ".0f"))
    return before + number + percent


def half_widths(text: str) -> int:
    """Return how wide a text is, in half-widths of a sign."""
    return sum(2 if east_asian_width(sign) in "WFA" else 1 for sign in text)


def column_widths(
    headings: Sequence[str], rows: Sequence[Sequence[str]], signs: float
) -> list[int]:
    """Return the widths of columns beside each other, in half-widths of a sign.

    A cell stays on one line and a long heading may take two; where the line has no room for that,
    the widest columns alone are narrowed. signs: how many stand side by side on a line.
    """
    wants = []
    for column, heading in enumerate(map(half_widths, headings)):
        told = min(heading, max(_OF_HEADING, (heading + 1) // 2))
        wants.append(
            min(max(told, 6, *(half_widths(row[column]) for row in rows)) + _MARGINS, _MOST)
        )
    widest = max(wants)
    while widest > _LEAST and sum(min(want, widest) for want in wants) > 2 * signs:
        widest -= 1
    return [min(want, widest) for want in wants]


def plain(text: str) -> str:
    r"""Return text in which Markdown reads nothing: `a_b*c` becomes `a\_b\*c`.

    Names and sentences that come from files pass through here before they are shown.
    """
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]()<>#+-.!|~$:" else sign for sign in text)


def emphasised(markdown: str) -> str:
    """Return a sentence whose emphasis Markdown reads wherever it stands.

    Where a full stop or a bracket ends what is bold and a letter follows without a blank, as in
    Chinese it does, CommonMark leaves the asterisks on the screen. Something unseen between the
    sign and the asterisks keeps them.
    """
    return _BOLD.sub(_held, markdown).replace("****", f"**{_HELD}**")


def _held(bold: re.Match[str]) -> str:
    said = bold[1]
    edges = said[0], said[-1]
    before, after = ("" if edge.isalnum() or edge == _HELD else _HELD for edge in edges)
    return f"**{before}{said}{after}**"


def bare(markdown: str) -> str:
    """Return a sentence of the screen without its emphasis and its escapes."""
    unmarked = re.sub(r"(?<!\\)\*\*", "", markdown).replace(_HELD, "")
    return re.sub(r"\\(.)", r"\1", unmarked)
