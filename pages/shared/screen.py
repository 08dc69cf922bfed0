"""What every page has around its own content: language, title, scope, notices."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pandas as pd
import streamlit as st

from data.contracts import table
from data.errors import DataError
from data.scope import Scope
from data.words import LANGUAGES, Language, Text, say
from pages.shared import results


def chosen(name: str, default: str) -> str:
    """Return a setting of this view: from its widget, else from the link, else the default."""
    return str(st.session_state.get(name) or st.query_params.get(name) or default)


def language() -> Language:
    """Return the language of this view."""
    wanted = chosen("lang", "zh")
    return next((known for known in LANGUAGES if known == wanted), "zh")


def large() -> bool:
    """Say whether this view is in large type."""
    return chosen("size", "normal") == "large"


def t(key: str, **values: object) -> str:
    """Say a sentence of the catalogue in the language of this view."""
    return say(key, language(), **values)


def wording(options: Iterable[Any], word: Callable[[Any], str]) -> Callable[[Any], str]:
    """Word the options of a widget now, in the language of this run."""
    labels = {option: word(option) for option in options}
    return labels.__getitem__


def tell(text: Text) -> str:
    """Return declared words in the language of this view."""
    return text.in_language(language())


def name_of(row: Any) -> str:
    """Return a unit's name in the language of this view; code where it has none."""
    name = (
        row[f"name_{language()}"]
        if isinstance(row, pd.Series)
        else getattr(row, f"name_{language()}")
    )
    return str(name) if isinstance(name, str) and name else t("scope.whole_county")


def place_of(scope: Scope) -> Text | None:
    """Return the name of the township in scope, or of the county where the store tells it."""
    if scope.township:
        units = results.get("units.all", Scope(township=scope.township))
        if len(units):
            return Text(str(units["name_zh"].iloc[0]), str(units["name_en"].iloc[0]))
    settings = results.store().settings()
    name = settings.get("county_name_zh")
    return Text(name, settings.get("county_name_en", name)) if name else None


def refusal(error: DataError) -> None:
    """Show a refusal: problem, place, next step."""
    st.error(f"**{tell(error.problem)}**\n\n{tell(error.place)}\n\n{tell(error.next_step)}")


def empty(key: str, *tables: str) -> None:
    """Say that something is missing, and which tables would fill it."""
    names = t("shell.list_joiner").join(tell(table(name).label) for name in tables)
    st.info(t(key) + (t("shell.fill_with", tables=names) if tables else ""))
    st.page_link("upload.py", label=t("shell.to_data"))


@contextmanager
def page(key: str) -> Iterator[Scope]:
    """Draw the title and the scope, hand the scope over, show refusals as notices."""
    scope: Scope = st.session_state["scope"]
    st.title(t(f"{key}.title"))
    st.caption(scope.sentence(language(), place_of(scope)))
    if results.store().settings().get("fictional") == "true":
        st.warning(t("shell.fictional"), icon="⚠️")
    try:
        yield scope
    except DataError as error:
        refusal(error)
