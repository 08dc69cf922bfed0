"""What every page has around its own content: title, scope, notices, empty states."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import StopException

from data.contracts import table
from data.errors import DataError
from data.scope import Scope
from data.words import Text
from metrics.satisfaction.scale import Scale
from pages.shared import address, navigation, results, share, shown, storyboard
from pages.shared.words import language, large, listed, name_of, names_of, plain, t, tell

__all__ = [
    "empty", "language", "large", "name_of", "names_of", "page", "place_of", "refusal", "t", "tell",
]  # fmt: skip


def place_of(scope: Scope) -> Text | None:
    """Return the name of the township or county in scope, where the store tells it."""
    if scope.township or scope.county:
        held = results.get("units.all_units" if scope.township else "units.counties", Scope())
        found = held[held["unit_code"] == (scope.township or scope.county)]
        if len(found):
            return Text(str(found["name_zh"].iloc[0]), str(found["name_en"].iloc[0]))
    name = results.settings().get("county_name_zh")
    return Text(name, results.settings().get("county_name_en", name)) if name else None


def scope_line(scope: Scope, as_in: Scope | None = None) -> str:
    """Say the scope in words, and how satisfaction is scored there if not by the default.

    It stands above every page and on all that leaves it. as_in: as of `layers.values`.
    """
    scored: Scale = results.get("evaluate.scoring", as_in or scope)
    said = scope.sentence(language(), place_of(scope))
    return said + (t("scope.joiner") + tell(scored.mark) if scored.mark else "")


def refusal(error: DataError) -> None:
    """Show a refusal: problem, place, next step."""
    lines = (f"**{plain(tell(error.problem))}**", plain(tell(error.place)), tell(error.next_step))
    st.error("\n\n".join(lines))


def empty(key: str, *tables: str) -> None:
    """Say that something is missing, and which tables would fill it: the townships before all."""
    first = "townships" not in tables and results.get("units.all_units", Scope()).empty
    names = listed(tell(table(name).label) for name in tables)
    said = t(key) + (t("shell.fill_with", tables=names) if tables else "")
    st.info(said + (t("shell.towns_first") if first else ""))
    navigation.link("upload", st.container(), t("shell.to_data"))


@contextmanager
def page(key: str) -> Iterator[Scope]:
    """Draw the title and the scope, hand the scope over, show refusals as notices."""
    scope: Scope = st.session_state["scope"]
    # One line where there is room: what the page says begins as high on the screen as it can.
    with st.container(horizontal=True, vertical_alignment="center", key="page-head"):
        st.title(t(f"{key}.title"), anchor=False, width="content")
        st.markdown(plain(scope_line(scope)), width="content")
        if results.is_fictional():
            st.badge(t("shell.fictional"), icon=":material/info:", color="orange")
        share.button()
    share.frozen(key)
    shown.begin()
    notices = st.container()
    try:
        yield scope
    except DataError as error:
        refusal(error)
    except StopException:
        _end(key, scope, notices)
        raise
    # A run that another one overtakes has no end: what was asked of it the next one answers.
    _end(key, scope, notices)


def _end(key: str, scope: Scope, notices: DeltaGenerator) -> None:
    """Draw what comes last, as every choice of the page is known by then."""
    for complaint in address.complaints():
        notices.warning(plain(complaint))
    share.panel(key, scope_line(scope))
    storyboard.note(key, scope_line(scope))
    share.way_out(key)
