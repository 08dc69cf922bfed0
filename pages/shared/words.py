"""What the screen says, in the language and the manner of writing of this view."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from data import clock
from data.scope import Level
from data.words import LANGUAGES, Language, Text, quantity, say
from metrics.areas import COUNTY_DIGITS, TOWNSHIP_DIGITS
from metrics.exports.reports import emphasised, plain

__all__ = [
    "BLANK", "TEN_THOUSAND", "beijing", "clause_word", "day", "few", "figure", "in_words",
    "initial", "language", "large", "level", "listed", "name_of", "names_of", "of_counties",
    "people", "people_each", "plain", "presenting", "quantity", "sentences", "short_day", "t",
    "tell", "units_word", "whole",
]  # fmt: skip
BLANK = "—"
TEN_THOUSAND = 10_000
_BETWEEN = {"zh": "", "en": " "}
_JOINED = re.compile(r"(\d 万\**) (?=[一-鿿])")

# By Windows, control signs and marks of direction among them.
_NOT_IN_FILE_NAMES = re.compile(
    r'[\\/:*?"<>|\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]'
)
_LONGEST_PART = 60


def language() -> Language:
    """Return the language of this view; Chinese until chosen otherwise."""
    wanted = st.session_state.get("lang")
    return next((known for known in LANGUAGES if known == wanted), "zh")


def large() -> bool:
    """Say whether this view is in large type."""
    return st.session_state.get("size") == "large"


def presenting() -> bool:
    """Say whether this view is shown to a room: no sidebar, nothing to choose."""
    return st.session_state.get("present") == "yes"


def t(key: str, **values: object) -> str:
    """Say a sentence of the catalogue in the language of this view."""
    # A measure word joins a number of 万 without a space.
    return emphasised(_JOINED.sub(r"\1", say(key, language(), **values)))


def tell(text: Text) -> str:
    """Return declared words in the language of this view."""
    return text.in_language(language())


def beijing(time: str) -> str:
    """Return a moment of the store, `2026-11-30 05:17:57` in UTC, by the clocks of all China."""
    return f"{clock.in_china(datetime.fromisoformat(time)):%Y-%m-%d %H:%M}"


def in_words(key: str, codes: Iterable[Any]) -> list[str]:
    """Return every code in words, blank where there is none; key: of the words, up to the code."""
    return [t(f"{key}{code}") if code else "" for code in codes]


def initial(text: str) -> str:
    """Return text as it begins a sentence."""
    return text[:1].upper() + text[1:]


def of_counties() -> Mapping[str, str]:
    """Return code -> name of the counties in view where there are several, else nothing."""
    counties: Mapping[str, str] = st.session_state.get("counties_in_view", {})
    return counties


def level() -> Level:
    """Say what figures are told by: townships, or counties where several are in view."""
    return "county" if of_counties() else "township"


def units_word() -> str:
    """Name what figures are told by."""
    return t(f"scope.units_{level()}")


def whole() -> str:
    """Name the whole of what is in view: the county, or all counties together."""
    return t("scope.whole_area" if of_counties() else "scope.whole_county")


def name_of(row: Any) -> str:
    """Return a unit's name in the language of this view; the Chinese one where English is blank.

    row: has name_zh and name_en. A row without a name stands for the whole in view. Where that is
    several counties, a township with its unit_code names its own as well: of two towns of one name
    nobody would know which is meant, and a chart would set both on one line.
    """
    held = (row["name_zh"],) if language() == "zh" else (row["name_en"], row["name_zh"])
    return _with_county(str(row.get("unit_code", "")), _first(held, whole()), of_counties())


def title_of(survey: Any) -> str:
    """Return a survey's title in the language of this view; the Chinese one where English is blank.

    survey: has title_zh and title_en.
    """
    english = survey["title_en"] if language() == "en" else None
    given = isinstance(english, str) and english.strip()
    return str(english if given else survey["title_zh"])


def names_of(table: pd.DataFrame) -> list[str]:
    """Return `name_of` every row."""
    # Row by row a table of 1,500 units takes a third of the time of a page.
    held = [table["name_zh"]] if language() == "zh" else [table["name_en"], table["name_zh"]]
    nameless, counties = whole(), of_counties()
    names = [_first(each, nameless) for each in zip(*held, strict=True)]
    if not counties or "unit_code" not in table:
        return names
    codes = table["unit_code"].astype(str)
    return [_with_county(code, name, counties) for code, name in zip(codes, names, strict=True)]


def _first(names: Iterable[Any], nameless: str) -> str:
    return next((name for name in names if isinstance(name, str) and name.strip()), nameless)


def _with_county(code: str, name: str, counties: Mapping[str, str]) -> str:
    county = counties.get(code[:COUNTY_DIGITS]) if len(code) == TOWNSHIP_DIGITS else None
    return t("scope.town_of", county=county, name=name) if county else name


def listed(parts: Iterable[str]) -> str:
    """Join names as the language does."""
    return t("shell.list_joiner").join(parts)


def sentences(said: Iterable[str]) -> str:
    """Put sentences one after the other, with a space where the language has one."""
    return emphasised(_BETWEEN[language()].join(said))


def few(names: Sequence[str], most: int) -> str:
    """Join the first names, and say so where there are more; how many stands elsewhere."""
    said = listed(names[:most])
    return said if len(names) <= most else t("shell.and_others", names=said)


def clause_word(clause: str) -> str:
    """Return a clause of the Opinions as they name it: 'III.ii' is （八）增强……为民服务能力."""
    area, _, number = clause.partition(".")
    return t(f"clauses.{area}.{number}") if number else t(f"clauses.area.{area}")


def figure(value: Any, digits: int = 1) -> str:
    """Return a figure with its digits, or a dash where there is none."""
    return BLANK if value is None or pd.isna(value) else f"{float(value):,.{digits}f}"


def people(value: Any) -> str:
    """Return a number of people or things; from 100,000 on in 万 for Chinese readers."""
    return people_each([value])[0]


def people_each(values: Iterable[Any]) -> list[str]:
    """Return `people` of every value."""
    # To ask for the language of the view 1,500 times took a tenth of a repaint of the map.
    most = 10 * TEN_THOUSAND if language() == "zh" else float("inf")
    return [
        BLANK
        if value is None or pd.isna(value)
        else f"{float(value) / TEN_THOUSAND:,.1f} 万"
        if float(value) >= most
        else f"{round(float(value)):,}"
        for value in values
    ]


def short_day(value: Any) -> str:
    """Return a date as a table holds it, on one line in either language."""
    return BLANK if value is None or pd.isna(value) else f"{pd.Timestamp(value):%Y-%m-%d}"


def day(value: Any) -> str:
    """Return a date as the language writes it."""
    if value is None or pd.isna(value):
        return BLANK
    moment = pd.Timestamp(value)
    month = moment.month if language() == "zh" else moment.month_name()
    return t("shell.date", year=moment.year, month=month, day=moment.day)


def file_name(*parts: object) -> str:
    """Return what a file is called by who finds it again in a folder: its parts, the first first.

    A part may come from a file and hold anything: what systems do not take in names is left out.
    """
    kept = (_NOT_IN_FILE_NAMES.sub("", str(part))[:_LONGEST_PART].strip(" .") for part in parts)
    return " ".join(part for part in kept if part)
