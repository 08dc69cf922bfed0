"""A report as what it says: title, what it holds for, sections of one sentence and one table."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from data.words import Language

BLANK = "—"
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
