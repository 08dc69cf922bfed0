"""The pages: whatever stands in the folder, in the order a reader needs them."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data.access.accounts import Account, Action
from data.errors import DataError
from metrics.areas import COUNTY_DIGITS
from pages.shared import account, address
from pages.shared.words import t

FOLDER = Path(__file__).parents[1]
ORDER = (
    "overview", "satisfaction", "coverage", "assessment", "township", "county_duty", "follow_up",
    "context", "questionnaire", "methods", "framework", "present", "reports", "upload",
    "administration",
)  # fmt: skip
# Pages for those alone who have a right; others are refused there, so that they need no link.
NEEDS: Mapping[str, Action] = {"administration": "audit"}
# In the session from when a page is come to until it asks (coverage.painted).
JUST_COME = "just_come"
# Pages that keep to the area of an account limited to one; the others it does not open.
OF_AREA = ("township", "reports", "methods")
OF_COUNTY = ("overview", "satisfaction", "assessment", "county_duty", *OF_AREA)


@cache
def names() -> tuple[str, ...]:
    """Return the names of all pages; the first is the one a bare address opens."""
    found = {file.stem for file in FOLDER.glob("*.py") if not file.stem.startswith("_")}
    known = [name for name in ORDER if name in found]
    return (*known, *sorted(found - set(known)))


def page(name: str) -> "st.Page":
    """Return one page with its title in the language of this view."""
    return st.Page(f"{name}.py", title=t(f"{name}.title"), default=name == names()[0])


def register() -> "st.Page":
    """Tell Streamlit of all pages and return the one the link asks for.

    Streamlit's own list of pages stays hidden: its links would drop year, place and language.
    """
    return st.navigation([page(name) for name in names()], position="hidden")


def opens(name: str) -> bool:
    """Say whether whoever is at the screen may open a page."""
    who = account.current()
    if who is None or not who.may(NEEDS.get(name, "read")):
        return False
    return name in pages_of(who)


def pages_of(who: Account) -> tuple[str, ...]:
    """Return the pages an account may open for where it is limited to; its own one comes first."""
    if not who.area:
        return names()
    return OF_COUNTY if len(who.area) == COUNTY_DIGITS else OF_AREA


def enter(asked: str) -> None:
    """Stop at a page that an account limited to an area may not open; its own one comes first.

    asked: as Streamlit names it, blank for the first page. Raises DataError `outside_area`.
    """
    who, name = account.require("read"), asked or names()[0]
    if st.session_state.get("last_page") != name:
        st.session_state.update({"last_page": name, JUST_COME: True})
    if name in pages_of(who):
        return
    if not asked:
        address.keep_complaints()
        st.switch_page(page(pages_of(who)[0]), query_params=dict(st.query_params))
    raise DataError("outside_area", name=who.name, area=who.area)


def draw(place: DeltaGenerator) -> None:
    """Draw the links to all pages, each carrying the choices made."""
    for name in names():
        link(name, place)


def link(
    name: str,
    place: DeltaGenerator,
    label: str | None = None,
    width: Literal["stretch", "content"] = "stretch",
    **changes: str,
) -> None:
    """Draw a link to a page with the choices of this view, some of them changed.

    Nothing is drawn of a page that whoever is at the screen may not open.
    """
    if not opens(name):
        return
    place.page_link(
        page(name),
        label=label or t(f"{name}.title"),
        query_params=address.link(**changes),
        width=width,
    )
