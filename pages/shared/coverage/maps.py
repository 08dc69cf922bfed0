"""The offline map: a base that never changes, and colours painted on each rerun.

Leaflet and static/map/map.js are our own files; geometry and names are fetched once from our own
server (`geometry`). Rebuilding the base would remount the frame and lose the reader's zoom, so
the base holds nothing but the session, and everything else is in the paint. Names never stand in
the paint: they reach the page as data and are shown by textContent.
"""

import hashlib
import json
import math
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import folium
import streamlit as st
from branca.element import MacroElement
from folium.template import Template
from streamlit_folium import st_folium

from metrics.maps.colours import INKS
from pages.shared import address, navigation
from pages.shared.coverage import painted
from pages.shared.coverage.village_states import Villages
from pages.shared.words import language, large, presenting, t

# Where Leaflet stands before anything is fetched; never taken for a view somebody chose.
NOWHERE = (35.0, 105.0, 4.0)
CLOSEST = 18
# Until the style sheet says how high a frame is (shell.css).
HEIGHT = 500
MAIN = "map"
# A unit whose page is asked for by keyboard is told as a click twice around the world (map.js).
OPENS = 540
Finder = Callable[[float, float], str | None]
WORDS = (
    "zoomIn", "zoomOut", "failed", "none", "hidden", "many", "north", "wide", "narrow", "km", "m",
)  # fmt: skip


@dataclass(frozen=True)
class Square:
    """The legend of two measures: nine colours, the first measure grows to the right.

    across, up: names of the two; ends: their three classes in words, from low to high.
    """

    colours: Sequence[str]
    across: str
    up: str
    across_ends: Sequence[str]
    up_ends: Sequence[str]


@dataclass(frozen=True)
class Legend:
    """What stands inside the map.

    classes: (colour, words), from low to high. square: in their place for two measures. marks:
    (shape 'village' | 'facility', colour, filled, words). notes: period, base, source, approval
    number. badge: said loudest, or blank.
    """

    title: str
    classes: Sequence[tuple[str, str]]
    marks: Sequence[tuple[str, str, bool, str]] = ()
    notes: Sequence[str] = ()
    badge: str = ""
    square: Square | None = None


@dataclass(frozen=True)
class View:
    """What one repaint says; everything in it is figures and words of the catalogue.

    units, points: addresses of the layers, blank for none. place: shown whole when first opened.
    values: unit code -> (class, the figures that fill `tip` at {0}, {1}); class -1 has no data and
    -2 is not shown, with the number of its reason in `reasons`. colours: by class. chosen: unit
    outlined and shown large. tips: words for villages that are 'reached', 'outside', 'alone' (no
    facility anywhere) or 'unknown', with residents at {0} and metres at {1}. statuses: words for
    facilities. found: what was searched for, ('village' | 'facility', place in its list).
    sites: proposed places, first the best: (kind, place in its list, words). order: codes of the
    units in the order of their layer, so that a repaint need not name them. beside: one of two
    maps, whose classes stand above both: the legend is folded.
    """

    units: str
    points: str
    place: str
    values: Mapping[str, Sequence[Any]]
    tip: str
    legend: Legend
    colours: Sequence[str]
    reasons: Sequence[str] = ()
    chosen: str = ""
    service: str = ""
    villages: Villages = field(default_factory=Villages)
    tips: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)
    found: tuple[str, int] | None = None
    sites: Sequence[tuple[str, int, str]] = ()
    order: Sequence[str] = ()
    beside: bool = False


class _Base(MacroElement):
    """Starts the map once per frame."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "zhixiaoMap.start({{ this._parent.get_name() }}, {{ this.session|tojson }});"
        "{% endmacro %}"
    )

    def __init__(self, session: Mapping[str, Any]) -> None:
        super().__init__()
        self._name = "ZhixiaoBase"
        self.session = dict(session)


class _Paint(MacroElement):
    """Says how the map looks now."""

    _template = Template(
        "{% macro script(this, kwargs) %}zhixiaoMap.paint({{ this.view|tojson }});{% endmacro %}"
    )

    def __init__(self, view: Mapping[str, Any]) -> None:
        super().__init__()
        self._name = "ZhixiaoPaint"
        self.view = dict(view)


def draw(view: View, find: Finder, *, key: str = MAIN, into: str = "town") -> None:
    """Draw the map; keep its centre and zoom in the link; a click on a unit puts it into view.

    find: the code of the unit at a longitude and latitude, None for none that can be chosen.
    key: of a further map beside the main one; it moves with it. into: the choice that a
    click makes, 'town' or 'county'. What is drawn below it is sent once it has painted.
    """
    _mounted(view, find, key, into)
    painted.wait()


# Moving the map reruns this piece only, not the page.
@st.fragment
def _mounted(view: View, find: Finder, key: str, into: str) -> None:
    leads = key == MAIN and not presenting()
    made, said = base(), sent(view)
    if key == MAIN:
        painted.expect(st.session_state["map_session"]["id"], said["picture"])
    seen = st_folium(
        made,
        key=key,
        height=HEIGHT,
        use_container_width=True,
        feature_group_to_add=paint(said),
        # A map that is shown to a room tells nothing but clicks: the page may be turned any moment.
        returned_objects=["center", "zoom", "last_clicked"] if leads else ["last_clicked"],
    )
    if leads:
        _keep_view(seen or {}, view.place)
    _choose_clicked(seen or {}, find, key, into)


def base() -> folium.Map:
    """Return the map before any paint: the same for the whole session."""
    _go_offline()
    made = folium.Map(
        NOWHERE[:2],
        zoom_start=NOWHERE[2],
        tiles=None,
        attribution_control=False,
        max_zoom=CLOSEST,
        zoom_snap=0.25,
        track_resize=False,  # which map.js does, to the hair
        scroll_wheel_zoom=False,
    )
    if "map_session" not in st.session_state:
        name = secrets.token_hex(8)
        st.session_state["map_session"] = {
            "id": name, "view": view_of_link(), "framed": True, "painted": painted.url(name),
        }  # fmt: skip
    _Base(st.session_state["map_session"]).add_to(made)
    return made


def sent(view: View) -> dict[str, Any]:
    """Return what is sent at each repaint; picture: its name, by which the frame tells it shown."""
    said = {**told(view), "values": packed(view.values, view.order)}
    name = hashlib.blake2b(json.dumps(said).encode(), digest_size=8).hexdigest()
    return {**said, "picture": name}


def paint(said: Mapping[str, Any]) -> folium.FeatureGroup:
    """Return what is `sent` as the map's frame takes it."""
    group = folium.FeatureGroup()
    _Paint(said).add_to(group)
    return group


def packed(values: Mapping[str, Sequence[Any]], order: Sequence[str]) -> dict[str, Any]:
    """Return the values of units as short as they go: codes of the layer's order left out.

    kinds: one sign a unit: its class, '-' no data, '*' not shown, ' ' not asked. first, second: the
    figures (or the number of the reason), between bars. Without an order the values as they are.
    """
    if not order:
        return dict(values)
    rows = [values.get(code, (None, "", "")) for code in order]
    signs = {None: " ", -1: "-", -2: "*"}
    return {
        "kinds": "".join(signs.get(row[0], str(row[0])) for row in rows),
        "first": "|".join(str(row[1]) for row in rows),
        "second": "|".join(str(row[2]) for row in rows),
    }


def told(view: View) -> dict[str, Any]:
    """Return a view with the words, inks and manner in which it is drawn, ready for JSON."""
    words = {key: t(f"map.{key}") for key in WORDS} | {"colon": t("shell.colon")}
    manner = {
        "lang": "zh-CN" if language() == "zh" else "en",
        "name": language(),
        "large": large(),
        "dark": st.session_state.get("theme") == "dark",
    }
    # Not `asdict` of the whole: it copies thousands of figures one by one.
    said = {name: value for name, value in vars(view).items() if name != "order"}
    parts = {"legend": asdict(view.legend), "villages": asdict(view.villages)}
    return {**said, **parts, **manner, "ink": INKS, "words": words}


def _go_offline() -> None:
    """Let folium load our own Leaflet and map, and nothing else."""
    below = (st.get_option("server.baseUrlPath") or "").strip("/")
    root = f"/{below}/app/static" if below else "/app/static"
    folium.Map.default_js = [
        ("leaflet", f"{root}/leaflet/leaflet.js"),
        ("zhixiao_map", f"{root}/map/map.js"),
    ]
    folium.Map.default_css = [
        ("leaflet_css", f"{root}/leaflet/leaflet.css"),
        ("zhixiao_map_css", f"{root}/map/map.css"),
    ]


def view_of_link() -> tuple[float, float, float] | None:
    """Return the centre and zoom that stand in the link; what is no place is said and left out."""
    told = [st.query_params[name] for name in address.OF_THE_MAP if name in st.query_params]
    if not told:
        return None
    try:
        lat, lng, zoom = (float(part) for part in told)
    except ValueError:
        lat = lng = zoom = math.nan
    if abs(lat) <= 90 and abs(lng) <= 180 and 1 <= zoom <= CLOSEST:
        return lat, lng, zoom
    address.complain(" ".join(told))
    return None


def _keep_view(seen: Mapping[str, Any], place: str) -> None:
    """Put centre and zoom into the link, unless they are those the place opens with."""
    centre, zoom = seen.get("center"), seen.get("zoom")
    if not centre or zoom is None or (centre["lat"], centre["lng"], zoom) == NOWHERE:
        return
    now = {"lat": f"{centre['lat']:.4f}", "lng": f"{centre['lng']:.4f}", "z": f"{zoom:g}"}
    homes: dict[str, dict[str, str]] = st.session_state.setdefault("map_homes", {})
    if st.session_state["map_session"]["view"] is None:
        homes.setdefault(place, now)
    if now == homes.get(place):
        for name in now:
            if name in st.query_params:
                del st.query_params[name]
    elif any(st.query_params.get(name) != value for name, value in now.items()):
        st.query_params.update(now)
        # The browser told the move with the link it had, which may lag behind the last choice.
        address.finish()


def _choose_clicked(seen: Mapping[str, Any], find: Finder, key: str, into: str) -> None:
    """Bring the unit that was clicked into view, by way of the link and the shared filter."""
    clicked, held = seen.get("last_clicked"), f"{key}_clicked"
    if not clicked or clicked == st.session_state.get(held):
        return
    st.session_state[held] = clicked
    opens = clicked["lng"] > OPENS
    code = find(clicked["lng"] - 720 * opens, clicked["lat"])
    if code and opens and into == "town":
        st.switch_page(navigation.page("township"), query_params=address.link(town=code))
    elif code and st.query_params.get(into) != code:
        st.query_params[into] = code
        st.rerun()
