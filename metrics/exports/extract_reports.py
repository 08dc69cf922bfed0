"""Extracts as something to read: sections of one computed sentence and the columns that matter.

For Word, PDF and slides. The figures are those of the extract; every column of it stands in the
files for programs and spreadsheets.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from data.contracts import CODES
from data.errors import DataError
from data.words import Language, Text, both, say
from metrics.exports import profile_report
from metrics.exports.extract_words import in_words
from metrics.exports.extracts import Extract
from metrics.exports.reports import Report, Section

# More rows than this nobody reads, and they take minutes to set.
MOST_ROWS = 4_000
BANDS = range(1, 6)
# What tells sections of one extract apart, and what a section's title is made of.
_PARTS: Mapping[str, tuple[str, ...]] = {
    "satisfaction": ("survey_id", "item"),
    "coverage": ("service",),
    "scores": ("unit_name",),
    "profile": ("unit_name",),
    "indicators": ("name",),
    "problems": ("file",),
    "dictionary": (),
}
_READ: Mapping[tuple[str, str | None], tuple[str, ...]] = {
    ("satisfaction", None): ("name", "estimate", "low", "high", "n", "share_3_5", "note"),
    ("satisfaction", "question"): (
        "question_id", "text", "n", "share1", "share2", "share3", "share4", "share5", "note",
    ),
    ("coverage", None): ("name", "residents", "inside", "outside", "share", "unknown", "note"),
    ("coverage", "village"): ("name", "population", "metres", "radius_m", "facility", "reached"),
    ("coverage", "facility"): ("name", "unit_code", "status", "has_road"),
    ("scores", None): (
        "name", "band", "score", "facts", "satisfaction", "data_share", "contested", "note",
    ),
    ("scores", "county"): ("node", "name", "value", "unit", "n", "points", "target", "note"),
    ("profile", "change"): (
        "indicator", "verdict", "before", "after", "unit", "change", "low", "high",
    ),
    ("profile", "history"): ("year", "name", "score"),
    ("profile", "appeal"): (
        "indicator", "appeal_kind", "appeal_outcome", "filed_on", "due_on", "decided_on", "late",
        "grounds", "decision",
    ),
    ("indicators", None): (
        "indicator_id", "indicator", "value", "unit", "n", "target", "origin", "note",
    ),
    ("problems", None): ("record", "line", "column", "value", "reason"),
}  # fmt: skip
_FORMS: Mapping[str, str] = {
    name: form
    for form, names in {
        "%,.0f": "n residents inside outside unknown population metres radius_m contested "
        "record line",
        "%.1f": "estimate low high share share_3_5 share1 share2 share3 share4 share5 score facts "
        "satisfaction points weight",
        "%.2f": "value target data_share",
    }.items()
    for name in names.split()
}
_METHOD: Mapping[str, tuple[str, ...]] = {
    "satisfaction": ("interval", "base"),
    "coverage": ("coverage", "missing"),
    "scores": ("bands", "base", "missing", "contested", "ranking"),
    "profile": ("bands", "base", "missing", "contested", "ranking"),
    "indicators": ("base", "missing", "contested"),
}


def report(found: Extract, language: Language) -> Report:
    """Return an extract as a report. Raises DataError `too_long_to_read`."""
    if len(found.table) > MOST_ROWS:
        raise DataError("too_long_to_read", rows=len(found.table), most=MOST_ROWS)
    mark = say("shell.fictional", language) if found.about["fictional"] else ""
    lines = [line.in_language(language) for line in found.heading[1:]]
    what, base = found.about["what"], found.about["minimum_base"]
    return Report(
        title=found.title.in_language(language),
        lines=tuple(line for line in lines if line != mark),
        mark=mark,
        sections=tuple(_sections(found, language)),
        method_title=say("reports.method", language),
        method=tuple(
            say(f"reports.method_{name}", language, base=base)
            for name in (*_METHOD.get(what, ()), "use")
        ),
        language=language,
    )


def _sections(found: Extract, language: Language) -> Iterator[Section]:
    """Yield one section for each survey and item, service, place or file of the extract."""
    if found.parts:
        yield from profile_report.sections(found, language)
        return
    headings, table = in_words(found, language)
    columns = _columns(found, headings, table)
    names = [c for c in map(_column(table, language), _PARTS[found.about["what"]]) if c in table]
    said = _SENTENCES.get((found.about["what"], found.about["by"]), _counted)
    for title, rows in _split(table, names, found.title.in_language(language)):
        plain = found.table.loc[rows.index]
        words = said(plain) or _counted(plain)
        nameless = _column(table, language)("name")
        if nameless in rows:
            whole = say("export.level.county", language)
            named = rows[nameless].astype(object)
            rows = rows.assign(**{nameless: named.where(named.notna(), whole)})
        yield Section(title, words.in_language(language), rows, columns)


def _split(table: pd.DataFrame, names: list[str], title: str) -> Iterator[tuple[str, pd.DataFrame]]:
    if not names or table.empty:
        yield title, table
        return
    words = table[names].apply(_known).astype(str).agg(" · ".join, axis=1)
    for key, rows in table.groupby(words, sort=False):
        yield str(key) or title, rows


def _columns(
    found: Extract, headings: Mapping[str, str], table: pd.DataFrame
) -> dict[str, tuple[str, str | None]]:
    """Return column -> (heading, number format) in the order of reading; those empty left out."""
    what, by = found.about["what"], found.about["by"]
    if what == "satisfaction" and "dimension" in table:
        wanted: tuple[str, ...] = ("level", *_READ[what, None])
    else:
        wanted = _READ.get((what, by)) or _READ.get((what, None)) or tuple(map(str, table))
    held = [c for c in map(_column(table), wanted) if c in table]
    shown = [c for c in held if len(table) == 0 or _known(table[c]).ne("").any()]
    return {c: (headings[c], _form(c, table[c])) for c in shown}


def _column(table: pd.DataFrame, language: Language | None = None) -> Callable[[str], str]:
    """Return what names a column of the table, whose words stand in one language only."""
    endings = (language,) if language else ("zh", "en")

    def named(name: str) -> str:
        return next((f"{name}_{e}" for e in endings if f"{name}_{e}" in table), name)

    return named


def _known(column: pd.Series) -> pd.Series:
    """Return a column with nothing where nothing is known, whatever it holds otherwise."""
    return column.astype(object).where(column.notna(), "")


def _form(name: str, column: pd.Series) -> str | None:
    number = is_numeric_dtype(column) and not is_bool_dtype(column)
    return _FORMS.get(name) if number else None


# What a section says --------------------------------------------------------------------------


def _counted(rows: pd.DataFrame) -> Text:
    """Say how many rows there are, and how many of them have no figure."""
    without = int(_known(rows["note"]).ne("").sum()) if "note" in rows else 0
    return both("export.rows_noted" if without else "export.rows", n=len(rows), without=without)


def _whole(rows: pd.DataFrame) -> dict[str, Any]:
    """Return the row of the whole place, else the only row; empty where there is none."""
    whole = rows[rows["level"].eq("county")]
    one = whole if len(whole) == 1 else rows if len(rows) == 1 else rows.iloc[:0]
    return {str(name): cell for name, cell in one.iloc[0].items()} if len(one) else {}


def _opinion(rows: pd.DataFrame) -> Text | None:
    row = _whole(rows)
    if not row or pd.isna(row["estimate"]) or pd.isna(row["low"]):
        return None
    numbers = {"value": "estimate", "low": "low", "high": "high"}
    told = {key: f"{row[name]:.1f}" for key, name in numbers.items()}
    item = Text(row["item_zh"], row["item_en"])
    return both("export.opinion_said", item=item, n=f"{row['n']:,.0f}", **told)


def _reach(rows: pd.DataFrame) -> Text | None:
    row = _whole(rows)
    if not row or pd.isna(row["share"]):
        return None
    services = {code.value: code.label for code in CODES["service"]}
    return both(
        "export.reach_said",
        service=services[row["service"]],
        people=f"{row['inside'] + row['outside']:,.0f}",
        share=f"{row['share']:.1f}",
        outside=f"{row['outside']:,.0f}",
    )


def _bands(rows: pd.DataFrame) -> Text:
    counts = rows["band"].value_counts()
    told = {f"b{band}": int(counts.get(band, 0)) for band in BANDS}
    return both("export.bands_said", n=len(rows), scored=int(rows["band"].notna().sum()), **told)


_SENTENCES: Mapping[tuple[str, str | None], Callable[[pd.DataFrame], Text | None]] = {
    ("satisfaction", "township"): _opinion,
    ("coverage", "township"): _reach,
    ("scores", "township"): _bands,
}
