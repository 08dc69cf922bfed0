"""Extracts in the words of one language, for files that people open."""

from collections.abc import Mapping

import pandas as pd

from data.contracts import CODES
from data.words import Language, catalogue
from metrics.exports.extracts import Extract
from metrics.satisfaction.groups import DIMENSIONS

_NOTES = ("scorecard.note.", "coverage.note_", "satisfaction.note_")
_CODED = {"status": "facility_status"}
_ROOMS = {
    "level": "export.level.",
    "origin": "scorecard.origin.",
    "basis": "scorecard.basis.",
    "way": "export.way.",
    "side": "outlook.side.",
    "verdict": "outlook.verdict.",
}
_YES_OR_NO = (
    "shown",
    "lonely",
    "reached",
    "facilities_known",
    "has_road",
    "required",
    "key",
    "late",
)


def in_words(extract: Extract, language: Language) -> tuple[dict[str, str], pd.DataFrame]:
    """Return headings and table in the words of one language, codes worded where words exist."""
    other = "en" if language == "zh" else "zh"
    table = extract.table.copy()
    names = [str(column) for column in table.columns]
    twins = [c for c in names if c.endswith(f"_{other}") and f"{c[:-2]}{language}" in names]
    table = table.drop(columns=twins)
    for column in table.columns:
        known = _words_of(str(column), language)
        if known:
            table[column] = [known.get(str(cell), cell) for cell in table[column]]
    held = catalogue(language)
    headings = {
        str(c): held.get(f"export.column.{str(c).removesuffix(f'_{language}')}", str(c))
        for c in table.columns
    }
    return headings, table


def _words_of(column: str, language: Language) -> Mapping[str, str]:
    """Return code -> words for the codes a column may hold."""
    held = catalogue(language)
    if column == "note":
        rooms = [(room, key) for room in _NOTES for key in held if key.startswith(room)]
        return {key.removeprefix(room): held[key] for room, key in rooms}
    if column in _ROOMS:
        room = _ROOMS[column]
        words = {key.removeprefix(room): held[key] for key in held if key.startswith(room)}
        return words | (_groups(language) if column == "level" else {})
    if column == "band":  # blank for some, and so no whole number
        return {f"{band}.0": held[f"assessment.band_cut{band}"] for band in range(1, 6)}
    if column in _YES_OR_NO:
        return {"True": held["export.yes"], "False": held["export.no"]}
    codes = CODES.get(_CODED.get(column, column), ())
    return {code.value: code.label.in_language(language) for code in codes}


def _groups(language: Language) -> dict[str, str]:
    """Return the words for groups of people, whatever they are grouped by."""
    held = catalogue(language)
    codes = [code for dimension in DIMENSIONS for code in CODES.get(dimension, ())]
    words = {code.value: code.label.in_language(language) for code in codes}
    told = {"": "export.untold", "true": "export.yes", "false": "export.no"}
    return words | {level: held[key] for level, key in told.items()}
