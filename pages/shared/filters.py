"""The sidebar: which data, which page, which year and place, and how the view is read."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from data.errors import DataError
from data.scope import Scope
from data.words import LANGUAGES
from metrics.areas import TOWNSHIP_DIGITS
from pages.shared import account, address, navigation, results
from pages.shared.words import names_of, t

ALL = "all"
TYPES = (ALL, "township", "subdistrict")
SIZES = ("normal", "large")
THEMES = ("light", "dark")
PRESENTING = ("no", "yes")


def read_view() -> None:
    """Take language, type size and colours from the link, before anything is said."""
    address.begin()
    address.settle("lang", LANGUAGES, "zh", shared=True, lasting=True)
    address.settle("size", SIZES, "normal", shared=True, lasting=True)
    address.settle("present", PRESENTING, "no", shared=True)
    # The browser's own setting counts until the reader chooses; a reader's choice is not shared.
    address.settle("theme", THEMES, st.context.theme.type or "light", lasting=True)


def choose_store() -> None:
    """Choose between own data and the fictional county; only one of them is open at a time."""
    held = [name for name in ("own", "sample") if name in results.folders()] or ["own"]
    chosen = address.settle("data", held, held[0], shared=True, lasting=True)
    st.session_state["store"] = chosen
    with st.sidebar:
        st.markdown(f"**{t('shell.product')}**")
        st.badge(t(f"shell.open_{chosen}"), color="gray" if chosen == "own" else "orange")
        if len(held) > 1:
            address.segments("data", t("shell.data_set"), held, lambda d: t(f"shell.data_{d}"))


def choose_version() -> None:
    """Take the data version the view is frozen at from the link; none is the newest."""
    asked = st.query_params.get("v", st.session_state.get("v"))
    known = [""]
    if asked:
        try:
            if results.version_of(asked) is not None:
                known.append(asked)
        except DataError as error:
            # A link that holds no more is no wrong choice: it says why, and the newest data follow.
            st.session_state["link_ended"] = error
            st.session_state["v"] = ""
            st.query_params.pop("v", None)
    address.settle("v", known, "", shared=True)


def draw(page: str) -> None:
    """Draw the pages, then year, place and unit type, and remember these as the scope.

    page: the page that is open; the links to the others carry the choices made here.
    """
    address.arrive(page)
    with st.sidebar:
        links = st.container(gap="xxsmall")
        year = _year()
        county, town = _place()
        kind = address.select("type", t("shell.type"), TYPES, _type, shared=True)
    st.session_state["scope"] = Scope(
        year=int(year) if year != ALL else None,
        county=county if county != ALL else None,
        township=town if town != ALL else None,
        # One township is of one type; the filter by type is for comparing several.
        unit_type=kind if kind != ALL and town == ALL else None,
    )
    navigation.draw(links)


def choose_view() -> None:
    """Draw language, type size and colours at the foot of the sidebar."""
    with st.sidebar.container(gap="small"):
        address.segments("lang", "语言 / Language", LANGUAGES, {"zh": "中文", "en": "English"}.get)
        address.segments("size", t("shell.size"), SIZES, lambda size: t(f"shell.size_{size}"))
        address.segments("theme", t("shell.theme"), THEMES, lambda c: t(f"shell.theme_{c}"))


def _year() -> str:
    years = [str(year) for year in results.get("units.years", Scope())["year"]]
    return address.select("year", t("shell.year"), years or [ALL], _year_word, shared=True)


def _place() -> tuple[str, str]:
    """Draw the county, where there are several, and the townships of the one in view."""
    st.session_state["counties_in_view"] = {}
    if area := account.require("read").area:
        return _own_place(area)
    counties = _words(results.get("units.counties", Scope()), "shell.county_all")
    several = len(counties) > 2
    county = ALL
    if several:
        county = address.select(
            "county", t("shell.county"), list(counties), counties.__getitem__, shared=True
        )
    found = results.get("units.all_units", Scope(county=None if county == ALL else county))
    if several and county == ALL:
        found = found.iloc[:0]
        in_view = {code: name for code, name in counties.items() if code != ALL}
        st.session_state["counties_in_view"] = in_view
    towns = _words(found, "shell.town_all")
    town = address.select("town", t("shell.town"), list(towns), towns.__getitem__, shared=True)
    return county, town


def _own_place(area: str) -> tuple[str, str]:
    """Draw the one place that an account limited to an area sees, and the townships inside."""
    if len(area) != TOWNSHIP_DIGITS:
        counties = _words(results.get("units.counties", Scope()), "shell.county_all")
        address.select(
            "county", t("shell.county"), [area], lambda c: counties.get(c, c), shared=True,
            unknown=_outside,
        )  # fmt: skip
        towns = _words(results.get("units.all_units", Scope(county=area)), "shell.town_all")
        return area, address.select(
            "town", t("shell.town"), list(towns), towns.__getitem__, shared=True, unknown=_outside
        )
    own = results.get("units.all_units", Scope(township=area))
    word = names_of(own)[0] if len(own) else area
    address.select("town", t("shell.town"), [area], lambda _: word, shared=True, unknown=_outside)
    county = str(own["county_code"].iloc[0]) if len(own) else ALL
    address.settle("county", [county], county, unknown=_outside)
    return county, area


def _outside(code: str) -> str:
    """Say of a place that a link asks for that it lies outside the account's area."""
    names = {
        **_words(results.get("units.counties", Scope()), "shell.county_all"),
        **_words(results.get("units.all_units", Scope()), "shell.town_all"),
    }
    known = code in names
    word = names.get(code, code)
    return t("accounts.link_outside" if known else "shell.unknown_choice", value=word)


def _words(units: pd.DataFrame, everything: str) -> Mapping[str, str]:
    codes = [str(code) for code in units["unit_code"]]
    return {ALL: t(everything), **dict(zip(codes, names_of(units), strict=True))}


def _year_word(year: str) -> str:
    return t("shell.year_all") if year == ALL else t("scope.year", year=year)


def _type(kind: str) -> str:
    return t(f"shell.type_{kind}")
