"""The offline map: a base that never changes, and colours painted on each rerun.

Leaflet and static/map/map.js are our own files; geometry and names are fetched once from our own
server (`geometry`). Rebuilding the base would remount the frame and lose the reader's zoom, so
the base holds nothing but the session, and everything else is in the paint. Names never stand in
the paint: they reach the page as data and are shown by textContent.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import folium
import streamlit as st
from branca.element import MacroElement
from folium.template import Template
from streamlit_folium import st_folium

from pages.shared.words import language, large, t

# ColorBrewer PuBu, light to dark: the order survives grey print and colour blindness.
CLASSES = ("#f1eef6", "#bdc9e1", "#74a9cf", "#2b8cbe", "#045a8d")
REACHED, OUTSIDE, UNKNOWN = "#1c5f9e", "#c65a11", "#7d7d7d"
OPERATING, IDLE = "#1f1e1c", "#6b6862"
LINE, CHOSEN = "#77736b", "#b4141e"
# Where Leaflet stands before anything is fetched; never taken for a view somebody chose.
NOWHERE = (35.0, 105.0, 4.0)
CLOSEST = 18
HEIGHT = 560


@dataclass(frozen=True)
class Legend:
    """What stands inside the map.

    classes: (colour, words), from low to high. marks: (shape 'village' | 'facility', colour,
    filled, words). notes: period, base, source, approval number. badge: said loudest, or blank.
    """

    title: str
    classes: Sequence[tuple[str, str]]
    marks: Sequence[tuple[str, str, bool, str]] = ()
    notes: Sequence[str] = ()
    badge: str = ""


@dataclass(frozen=True)
class Villages:
    """How the villages of the points layer fare, in its order.

    flags: '1' reached, '0' not, '?' not known, '-' not in view. metres: the way, -1 for none.
    """

    flags: str = ""
    metres: Sequence[int] = ()


@dataclass(frozen=True)
class View:
    """What one repaint says; everything in it is figures and words of the catalogue.

    units, points: addresses of the layers, blank for none. place: shown whole when first opened.
    values: unit code -> (class, the figures that fill `tip` at {0}, {1}). chosen: unit outlined.
    tips: words for villages that are 'reached', 'outside', 'alone' (no facility anywhere) or
    'unknown', with residents at {0} and metres at {1}. statuses: words for facilities.
    """

    units: str
    points: str
    place: str
    values: Mapping[str, Sequence[Any]]
    tip: str
    legend: Legend
    chosen: str = ""
    service: str = ""
    villages: Villages = field(default_factory=Villages)
    tips: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)


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


def draw(view: View, find: Callable[[float, float], str | None]) -> None:
    """Draw the map; keep its centre and zoom in the link; a click on a unit puts it into view.

    find: the code of the unit at a longitude and latitude, None for none that can be chosen.
    """
    _mounted(view, find)


# Moving the map reruns this piece only, not the page.
@st.fragment
def _mounted(view: View, find: Callable[[float, float], str | None]) -> None:
    seen = st_folium(
        base(),
        key="map",
        height=HEIGHT,
        use_container_width=True,
        feature_group_to_add=paint(view),
        returned_objects=["center", "zoom", "last_clicked"],
    )
    _keep_view(seen or {}, view.place)
    _choose_clicked(seen or {}, find)


def base() -> folium.Map:
    """Return the map before any paint: the same for the whole session."""
    _go_offline()
    made = folium.Map(
        NOWHERE[:2],
        zoom_start=NOWHERE[2],
        tiles=None,
        attribution_control=False,
        max_zoom=CLOSEST,
        zoom_snap=0.5,
        scroll_wheel_zoom=False,
    )
    if "map_session" not in st.session_state:
        st.session_state["map_session"] = {"id": secrets.token_hex(8), "view": _view_of_link()}
    _Base(st.session_state["map_session"]).add_to(made)
    return made


def paint(view: View) -> folium.FeatureGroup:
    """Return what is sent at each repaint."""
    group = folium.FeatureGroup()
    words = {key: t(f"map.{key}") for key in ("zoomIn", "zoomOut", "failed", "none", "many")}
    ink = {
        "line": LINE, "chosen": CHOSEN, "reached": REACHED, "outside": OUTSIDE,
        "unknown": UNKNOWN, "operating": OPERATING, "idle": IDLE,
    }  # fmt: skip
    manner = {
        "lang": "zh-CN" if language() == "zh" else "en",
        "name": language(),
        "large": large(),
        "dark": st.session_state.get("theme") == "dark",
    }
    _Paint({**asdict(view), **manner, "colours": CLASSES, "ink": ink, "words": words}).add_to(group)
    return group


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


def _view_of_link() -> tuple[float, float, float] | None:
    """Return the centre and zoom the link asks for; read once per session."""
    try:
        lat, lng, zoom = (float(st.query_params[name]) for name in ("lat", "lng", "z"))
    except (KeyError, ValueError):
        return None
    return (lat, lng, zoom) if abs(lat) <= 90 and abs(lng) <= 180 and 1 <= zoom <= CLOSEST else None


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


def _choose_clicked(seen: Mapping[str, Any], find: Callable[[float, float], str | None]) -> None:
    """Bring the unit that was clicked into view, by way of the link and the shared filter."""
    clicked = seen.get("last_clicked")
    if not clicked or clicked == st.session_state.get("map_clicked"):
        return
    st.session_state["map_clicked"] = clicked
    code = find(clicked["lng"], clicked["lat"])
    if code and st.query_params.get("town") != code:
        st.query_params["town"] = code
        st.rerun()
