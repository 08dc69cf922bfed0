"""What the screen says, in the language the reader chose."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from data import words
from data.words import LANGUAGES, Language, Text

BLANK = "—"
TEN_THOUSAND = 10_000


def language() -> Language:
    """Return the reader's language; Chinese until chosen otherwise."""
    chosen = st.session_state.get("lang")
    return chosen if chosen in LANGUAGES else "zh"


def say(key: str, **values: object) -> str:
    """Return a sentence of the catalogue in the reader's language."""
    return words.say(key, language(), **values)


def pick(text: Text) -> str:
    """Return a bilingual text in the reader's language."""
    return text.in_language(language())


def named(zh: Any, en: Any) -> str:
    """Return a name in the reader's language; the Chinese one where English is blank."""
    blank = en is None or en is pd.NA or en != en or not str(en).strip()
    return str(zh if blank or language() == "zh" else en)


def names(frame: pd.DataFrame) -> list[str]:
    """Return the names of a frame with name_zh and name_en, in the reader's language."""
    return [named(zh, en) for zh, en in zip(frame["name_zh"], frame["name_en"], strict=True)]


def listed(parts: Iterable[str]) -> str:
    """Join names as the language does."""
    return say("shell.list_joiner").join(parts)


def number(value: Any, digits: int = 1) -> str:
    """Return a figure with its digits, or a dash where there is none."""
    return BLANK if value is None or pd.isna(value) else f"{float(value):,.{digits}f}"


def count(value: Any) -> str:
    """Return a number of people or things; from 100,000 on in 万 for Chinese readers."""
    if value is None or pd.isna(value):
        return BLANK
    if language() == "zh" and float(value) >= 10 * TEN_THOUSAND:
        return f"{float(value) / TEN_THOUSAND:,.1f} 万"
    return f"{round(float(value)):,}"


def day(value: Any) -> str:
    """Return a date as the language writes it."""
    if value is None or pd.isna(value):
        return BLANK
    moment = pd.Timestamp(value)
    written = date(moment.year, moment.month, moment.day)
    if language() == "zh":
        return f"{written.year} 年 {written.month} 月 {written.day} 日"
    return f"{written.day} {written:%B} {written.year}"
