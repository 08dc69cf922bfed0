"""What the reader chooses on the map: mode, layer, measure, radius, classes, an earlier year."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data.contracts import CODES
from data.scope import Scope
from metrics import classes
from metrics.map_catalogue import LAYERS, MEASURES, Layer, Measure
from pages.shared import address, results
from pages.shared.words import people, t, tell

MODES = ("normal", "emergency")
RADII = ("500", "1000", "1500", "2000", "3000", "5000", "10000")
STANDARD = "standard"
FIRST = {"normal": "M02", "emergency": "M06"}
NONE = "none"
NINE = 3  # classes of each side of a map of two measures


@dataclass(frozen=True)
class Chosen:
    """A layer as it is looked at. radius_m: None for the radius set for each setting."""

    layer: Layer
    measure: Measure
    radius_m: float | None
    method: str
    before: int | None

    @property
    def asked(self) -> dict[str, Any]:
        """Return the arguments of `map_layers.values` and `map_layers.villages`."""
        return {
            "layer_id": self.layer.id,
            "measure_id": self.measure.id,
            "radius_m": self.radius_m,
        }

    @property
    def name(self) -> str:
        """Return layer and measure in the language of the view."""
        return t("shell.joiner").join((tell(self.layer.name), tell(self.measure.name)))

    @property
    def has_points(self) -> bool:
        """Say whether villages are told apart by the way to something."""
        return self.measure.family == "centre" or self.layer.service is not None

    @property
    def has_radius(self) -> bool:
        """Say whether villages lie inside or outside of something; a mean way has no limit."""
        return self.measure.uses_radius and self.measure.id != "centre_km"

    @property
    def counts_people(self) -> bool:
        """Say whether the measure counts residents within reach of facilities."""
        return self.measure.family in ("reach", "outside")


@dataclass(frozen=True)
class Cuts:
    """Lower ends of the upper classes; second: of the measure beside it, for nine fields."""

    first: tuple[float, ...]
    second: tuple[float, ...] = ()


def draw(scope: Scope) -> tuple[Chosen, DeltaGenerator]:
    """Let the reader choose; the link holds it. Return the choice and a place beside it."""
    with st.container(key="map-choices"):  # which a room does not see (present.css)
        return _draw(scope)


def _draw(scope: Scope) -> tuple[Chosen, DeltaGenerator]:
    _mode_of_layer()
    mode = address.settle("mode", MODES, "normal")
    _link_of_old()
    address.segments("mode", t("map.mode"), MODES, lambda m: t(f"map.mode_{m}"), width="content")
    mode = str(st.session_state["mode"])
    offered = [key for key, each in LAYERS.items() if each.mode in (mode, "both")]
    # What the switch is thrown for stands first.
    offered.sort(key=lambda key: LAYERS[key].mode != mode)
    first, second = st.columns(3), st.columns(3)
    with first[0]:
        layer = LAYERS[
            address.select("layer", t("map.layer"), offered, _layer_word, _first(offered, mode))
        ]
    with first[1]:
        measure = MEASURES[
            address.select("measure", t("map.measure"), layer.measures, _measure_word)
        ]
    with first[2]:
        radius = _radius(measure)
    with second[0]:
        method = _method(measure)
    with second[1]:
        before = _before(scope)
    return Chosen(layer, measure, radius, method, before), second[2]


def _mode_of_layer() -> None:
    """Take a link that names a layer of emergencies alone for one that threw the switch."""
    asked = LAYERS.get(st.query_params.get("layer", ""))
    if asked is not None and asked.mode == "emergency" and "mode" not in st.query_params:
        st.query_params["mode"] = asked.mode


def _link_of_old() -> None:
    """Take a link that names a service, as earlier ones did, for the layer of that service."""
    service = st.query_params.get("service")
    if service is None or "layer" in st.query_params:
        return
    layer = next((each.id for each in LAYERS.values() if each.service == service), None)
    if layer:
        st.query_params["layer"] = layer
        del st.query_params["service"]


def _first(offered: Sequence[str], mode: str) -> str:
    """Return the layer to open with: the usual one, unless only others have facilities."""
    held = set(results.get("coverage.services", Scope())["service"])
    filled = [key for key in offered if LAYERS[key].service in held]
    return FIRST[mode] if FIRST[mode] in filled or not filled else filled[0]


def _layer_word(layer: str) -> str:
    return tell(LAYERS[layer].name)


def _measure_word(measure: str) -> str:
    return tell(MEASURES[measure].name)


def _radius(measure: Measure) -> float | None:
    if not measure.uses_radius or measure.id == "centre_km":
        return None
    radius = address.select("radius", t("coverage.radius"), (STANDARD, *RADII), _radius_word)
    return None if radius == STANDARD else float(radius)


def _radius_word(radius: str) -> str:
    return t("coverage.standard") if radius == STANDARD else t("coverage.metres", n=people(radius))


def _method(measure: Measure) -> str:
    """Ask how the classes are cut; fixed ones are offered where the measure has them."""
    held = classes.METHODS if measure.breaks else classes.METHODS[1:]
    options = ("fixed",) if measure.palette == "bands" else held
    return address.select("classes", t("map.classes"), options, lambda m: t(f"map.cut_{m}"))


def _before(scope: Scope) -> int | None:
    """Ask for a year to set beside the one in view."""
    years = [str(y) for y in results.get("units.years", Scope())["year"] if y != scope.year]
    if scope.year is None or not years:
        return None
    before = address.select("compare", t("map.compare"), (NONE, *years), _year_word)
    return None if before == NONE else int(before)


def _year_word(year: str) -> str:
    return t("map.compare_none") if year == NONE else t("scope.year", year=year)


def service_name(service: str) -> str:
    """Return a service's name in the language of the view."""
    return next((tell(c.label) for c in CODES["service"] if c.value == service), service)


def cuts(chosen: Chosen, tables: Sequence[pd.DataFrame]) -> Cuts:
    """Return the classes that all tables share: two periods are painted alike."""
    towns = pd.concat([table[table["unit_code"].ne("")] for table in tables])
    if chosen.measure.palette == "cross":
        method = "jenks" if chosen.method == "jenks" else "quantile"
        pairs = towns[towns["value"].notna() & towns["second"].notna()]
        return Cuts(
            classes.cut(pairs["value"].to_numpy(float), method, count=NINE),
            classes.cut(pairs["second"].to_numpy(float), method, count=NINE),
        )
    if chosen.method == "fixed":
        return Cuts(chosen.measure.breaks)
    return Cuts(classes.cut(towns["value"].to_numpy(float), _computed(chosen.method)))


def _computed(method: str) -> classes.Method:
    return "jenks" if method == "jenks" else "quantile"
