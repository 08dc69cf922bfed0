"""The registration of a survey: what is registered stays when answers of the survey arrive."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from data.contracts import CODES, TABLES, Column
from data.store import Store
from data.surveys.reading import SurveyReading
from data.words import Text, both

META = TABLES["survey_meta"]


def held(store: Store, survey_id: str) -> dict[str, str]:
    """Return what is registered of a survey: column -> text, dates as 2025-03-01; {} for none."""
    rows = store.read("SELECT * FROM survey_meta WHERE survey_id = $survey", {"survey": survey_id})
    if rows.empty:
        return {}
    return {
        column.name: _written(rows[column.name].iloc[0])
        for column in META.columns
        if not pd.isna(rows[column.name].iloc[0])
    }


def kept(
    store: Store, reading: SurveyReading, said: Mapping[str, str]
) -> tuple[SurveyReading, tuple[Text, ...]]:
    """Keep what is registered, fill only what is missing, and say every contradiction.

    said: what a person said of the survey with the file (`SurveyMapping.survey`). A date of the
    file contradicts only where it lies outside the registered days.
    """
    meta = reading.tables["survey_meta"]
    found = {name: str(value) for name, value in meta.iloc[0].items() if not pd.isna(value)}
    known = {name: value for name, value in held(store, found["survey_id"]).items() if value}
    if not known:
        return reading, ()
    told = {name: value for name, value in said.items() if value} | {
        name: found[name] for name in ("start_on", "end_on") if name in found
    }
    differing = [name for name in told if name in known and _contradicts(name, told, known)]
    words = tuple(
        both(
            "import.registered_otherwise",
            column=META.column(name).label,
            registered=_shown(META.column(name), known[name]),
            said=_shown(META.column(name), told[name]),
        )
        for name in differing
    )
    tables = reading.tables | {"survey_meta": meta.assign(**known)}
    return replace(reading, tables=tables, registered=frozenset(known) - {"survey_id"}), words


def _written(value: object) -> str:
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)


def _day(text: str) -> pd.Timestamp:
    return pd.to_datetime(pd.Series([text]), errors="coerce").iloc[0]


def _contradicts(name: str, told: Mapping[str, str], known: Mapping[str, str]) -> bool:
    column = META.column(name)
    if name in ("start_on", "end_on"):
        day = _day(told[name])
        # A blank end of the registered days (NaT) is exceeded by nothing.
        within = (_day(known.get("start_on", "")), _day(known.get("end_on", "")))
        return bool(pd.isna(day) or day < within[0] or day > within[1])
    if column.type == "DATE":
        return bool(_day(told[name]) != _day(known[name]))
    return _code(column, told[name]) != known[name]


def _code(column: Column, text: str) -> str:
    """Return the code that a label stands for; other text as it is, without blanks around it."""
    bare = text.strip()
    codes = CODES[column.codes] if column.codes else ()
    return next((code.value for code in codes if bare in code.label), bare)


def _shown(column: Column, text: str) -> Text:
    codes = CODES[column.codes] if column.codes else ()
    known = _code(column, text)
    return next((code.label for code in codes if code.value == known), Text(text, text))
