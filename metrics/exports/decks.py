"""A presentation as what it says: slides of one sentence and one picture or table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from data.words import Language
from metrics.exports.reports import Report, Section

MOST_ROWS = 33


@dataclass(frozen=True)
class Chart:
    """A picture in figures, as the slides draw it.

    kind: 'bar', 'stacked' and 'line' have one value per series and category; 'interval' has two
    series, the low ends and the high ends, and its categories carry the estimate in words.
    axis: what the values are, with their unit. ends: of the axis of values, as on the screen; None
    where whoever draws may choose them. colours: of every series, '#rrggbb', one for all or one for
    each category; of those left out whoever draws may choose.
    """

    kind: Literal["bar", "stacked", "line", "interval"]
    categories: Sequence[str]
    series: Sequence[tuple[str, Sequence[float | None]]]
    axis: str = ""
    ends: tuple[float, float] | None = None
    colours: Sequence[Sequence[str]] = ()


@dataclass(frozen=True)
class Slide:
    """One slide. view: of which view it is. headings: of the table; figures: which columns count.

    facts: legend, base, source, formula. foot: scope, data version, day, base rule: on every slide.
    note: for who presents. picture: PNG.
    """

    view: str
    title: str
    sentence: str
    foot: str
    headings: Sequence[str] = ()
    figures: Sequence[bool] = ()
    rows: Sequence[Sequence[str]] = ()
    facts: Sequence[str] = ()
    note: str = ""
    chart: Chart | None = None
    picture: bytes | None = None


@dataclass(frozen=True)
class Deck:
    """A presentation. lines: on its first slide. mark: on every slide, blank for none.

    more: says how many rows are left out, with {n}.
    """

    title: str
    lines: Sequence[str]
    mark: str
    slides: Sequence[Slide]
    language: Language
    more: str


def of_report(report: Report, more: str) -> Deck:
    """Return the slides of a report: its sections, then its method."""
    foot = " · ".join(report.lines[:3])
    slides = [_of_section(section, report.title, foot) for section in report.sections]
    method = Slide(report.title, report.method_title, "", foot, facts=report.method)
    return Deck(report.title, report.lines, report.mark, [*slides, method], report.language, more)


def _of_section(section: Section, view: str, foot: str) -> Slide:
    shown = bool(section.columns) and len(section.table) > 0
    return Slide(
        view,
        section.title,
        section.sentence,
        foot,
        headings=[heading for heading, _ in section.columns.values()] if shown else (),
        figures=[form is not None for _, form in section.columns.values()] if shown else (),
        rows=section.rows() if shown else (),
        facts=[section.note] if section.note else (),
    )
