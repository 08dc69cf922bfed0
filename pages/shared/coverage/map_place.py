"""Where the reader is on the map: the way down to a village, search, one map or two."""

from dataclasses import replace

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data.scope import Scope
from metrics.maps import by_name, layers
from pages.shared import address, navigation, results, shown
from pages.shared.coverage import answers, county_map, map_files, map_panels, maps
from pages.shared.coverage import parts as coverage_panels
from pages.shared.coverage.county_map import Answer
from pages.shared.coverage.map_choices import Chosen, cuts
from pages.shared.screen import place_of, scope_line
from pages.shared.words import initial, language, of_counties, plain, t, tell, whole

MOST_FOUND = 8
NOWHERE, TOWNSHIP = "none", "township"
Found = tuple[str, int]


def answer(chosen: Chosen, scope: Scope, facts: pd.Series, as_in: Scope | None = None) -> Answer:
    """Return what a layer says of a year; as_in: as of `layers.values`."""
    counties = bool(of_counties())
    table, villages, people = answers.asked(
        results.get, chosen, scope, counties=counties, as_in=as_in
    )
    return Answer(scope.year, table, villages, facts, people, counties)


def years(now: Answer, earlier: Answer | None) -> tuple[str, str]:
    """Return the earlier year and the one in view in words."""
    said = [t("scope.year", year=each.year) if each else "" for each in (earlier, now)]
    return said[0], said[1]


def headline(chosen: Chosen, now: Answer, scope: Scope) -> None:
    """Say in a sentence what the map shows."""
    if chosen.counts_people:
        coverage_panels.headline(str(chosen.layer.service), now.counted, scope)
    else:
        map_panels.headline(chosen, now.table, scope)


def path(scope: Scope) -> None:
    """Show the way back: from a township to its county, from a county to all; and on to a page."""
    if not scope.township:
        if scope.county and len(results.get("units.counties", Scope())) > 1:
            _back("county", t("map.all_counties"))
        return
    place = place_of(replace(scope, township=None))
    here = place_of(scope)
    with st.container(horizontal=True, vertical_alignment="center"):
        _back("town", tell(place) if place else initial(whole()))
        name = tell(here) if here else str(scope.township)
        st.markdown(f"› **{plain(name)}** ›", width="content")
        navigation.link("township", st.container(width="content"), t("map.profile"))


def _back(choice: str, place: str) -> None:
    """Lead one step up: without the place that was chosen."""
    if st.button(t("map.back_to", place=place), icon=":material/arrow_back:"):
        del st.query_params[choice]
        st.rerun()


def search(scope: Scope, field: DeltaGenerator, found: DeltaGenerator) -> Found | None:
    """Let the reader look for a place by name or pinyin; return the village or facility found.

    field, found: where the name is written, and where what bears it is offered. A township that
    is found comes into view, as by a click.
    """
    if of_counties():  # counties are shown without their villages
        return None
    if st.session_state.pop("map_arrived", False):
        st.session_state["map_search"], st.session_state["find"] = "", NOWHERE
    asked = field.text_input(
        t("map.search"),
        key="map_search",
        placeholder=t("map.search_hint"),
        icon=":material/search:",
        label_visibility="collapsed",
    ).strip()
    if not asked and "find" not in st.query_params:
        address.settle("find", [NOWHERE], NOWHERE)
        return None
    places = _places(scope)
    hits = _hits(places, asked)
    if len(hits) == 1 and st.session_state.get("map_searched") != asked:
        st.session_state["find"] = hits.index[0]  # there is nothing to choose from
    st.session_state["map_searched"] = asked
    with found:
        picked = _pick(places, hits, asked)
    if picked == NOWHERE:
        return None
    row = places.loc[picked]
    if row["kind"] == TOWNSHIP:
        st.session_state["map_arrived"] = True
        st.query_params["town"] = picked
        st.rerun()
    return str(row["kind"]), int(row["at"])


def _hits(places: pd.DataFrame, asked: str) -> pd.DataFrame:
    """Return the places that bear what is asked: by their names first, townships first of each."""
    rank = by_name.ranks(places["name_zh"], places["name_en"], asked)
    ranked = places.assign(rank=rank, below=places["kind"].ne(TOWNSHIP))[rank < by_name.NOT]
    return ranked.sort_values(["rank", "below"], kind="stable")


def _places(scope: Scope) -> pd.DataFrame:
    """Return places by code: kind, names, township, place in the lists that the map draws from."""
    county = Scope(year=scope.year, county=scope.county)
    villages = results.get("accessibility.service_coverage.map_villages", county)
    facilities = results.get("accessibility.service_coverage.map_facilities", county)
    townships = results.get("units.all_units", Scope(county=scope.county))
    parts = [
        villages.rename(columns={"community_code": "code"}).assign(kind="village"),
        facilities.rename(columns={"facility_id": "code"}).assign(
            kind="facility", name_en=facilities["name_zh"]
        ),
        townships.rename(columns={"unit_code": "code"}).assign(
            kind=TOWNSHIP, town_zh="", town_en=""
        ),
    ]
    held = ["code", "name_zh", "name_en", "kind", "at", "town_zh", "town_en"]
    places = pd.concat([part.assign(at=range(len(part)))[held] for part in parts])
    return places.drop_duplicates("code").set_index("code")


def _place_word(place: pd.Series) -> str:
    """Return a name with the township where it lies: many villages share one."""
    name, town = str(place[f"name_{language()}"]), str(place[f"town_{language()}"])
    return t("map.found_in", place=name, town=town) if town else name


def _pick(places: pd.DataFrame, hits: pd.DataFrame, asked: str) -> str:
    """Offer what was found; return the code of the choice, which stands in the link."""
    held = st.query_params.get("find", NOWHERE)
    shown_now = list(hits.index[:MOST_FOUND])
    known = [held] if held in places.index and held not in shown_now else []
    options = [NOWHERE, *known, *shown_now]
    if asked and hits.empty:
        st.caption(t("map.search_none", name=plain(asked)))
    if len(options) == 1:
        return address.settle("find", options, NOWHERE)
    more = "search_more" if len(hits) > MOST_FOUND else "search_some"
    none = t(f"map.{more}", n=len(hits), shown=MOST_FOUND) if len(hits) else t("map.found_none")
    return address.select(
        "find",
        t("map.found"),
        options,
        lambda code: none if code == NOWHERE else _place_word(places.loc[code]),
        bare=True,
    )


def draw(
    chosen: Chosen,
    scope: Scope,
    now: Answer,
    earlier: Answer | None,
    found: Found | None,
    sites: pd.DataFrame | None,
) -> None:
    """Draw the map, or two years side by side in the same classes with what changed."""
    shown.call(chosen.name)
    both = [now] if earlier is None else [earlier, now]
    shared = cuts(chosen, [each.table for each in both])
    into = "county" if now.counties else "town"
    find = county_map.finder(replace(scope, township=None), now.table)
    headings = map_panels.headings(chosen)
    if earlier is None:
        seen = county_map.view(chosen, scope, now, shared, found, sites)
        maps.draw(seen, find, into=into)
        map_files.offer(
            seen, now.table, maps.MAIN, scope_line(scope), headings, _file(chosen, scope, now)
        )
        return
    with st.container(key="map-pair"):
        if chosen.measure.family != "cross":
            change = layers.change(earlier.table, now.table)
            both_years = t("map.from_to", before=earlier.year, after=now.year)
            shown.say(map_panels.changed(chosen, change, scope, both_years))
            map_panels.key_of_classes(county_map.key_of_classes(chosen, shared))
        else:
            map_panels.key_of_classes(county_map.corners(chosen, shared))
        left, right = st.columns(2)
        for place, each, key in ((left, earlier, "map-before"), (right, now, maps.MAIN)):
            with place:
                st.markdown(f"**{t('scope.year', year=each.year)}**")
                seen = county_map.view(chosen, scope, each, shared, found, sites)
                maps.draw(replace(seen, beside=True), find, key=key, into=into)
                # The picture of the earlier year says its own year, scored as in the later one.
                said = scope_line(replace(scope, year=each.year), scope)
                files = _file(chosen, scope, each)
                map_files.offer(seen, each.table, key, said, headings, files)
    st.caption(t("map.facilities_now"))


def _file(chosen: Chosen, scope: Scope, shown_year: Answer) -> str:
    """Name the files of a map by what it shows: layer, measure, year and place."""
    place = scope.township or scope.county
    parts = [chosen.layer.id, chosen.measure.id, shown_year.year, place]
    return "-".join(["map", *(str(part) for part in parts if part)])
