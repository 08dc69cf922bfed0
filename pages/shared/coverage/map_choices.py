"""What the reader chooses on the map: mode, layer, measure, radius, classes, an earlier year."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data.contracts import CODES
from data.scope import Scope
from metrics.maps import classes
from metrics.maps.catalogue import LAYERS, MEASURES, Layer, Measure
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
        """Return the arguments of `layers.values` and `layers.villages`."""
        return {
            "layer_id": self.layer.id,
            "measure_id": self.measure.id,
            "radius_m": self.radius_m,
        }

    @property
    def name(self) -> str:
        """Return layer and measure in the language of the view."""
        names = dict.fromkeys((tell(self.layer.name), tell(self.measure.name)))
        return t("shell.joiner").join(names)

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
    """Let the reader choose; the link holds it. Return the choice and a place beside it.

    One row, so that the map stands on the first screen: what is looked at, then all the rest.
    """
    _mode_of_layer()
    mode = address.settle("mode", MODES, "normal")
    _link_of_old()
    # Which a room does not see (present.css).
    with st.container(
        horizontal=True, vertical_alignment="center", gap="xsmall", key="map-choices"
    ):
        address.segments(
            "mode", t("map.mode"), MODES, lambda m: t(f"map.mode_{m}"), width="content"
        )
        mode = str(st.session_state["mode"])
        offered = [key for key, each in LAYERS.items() if each.mode in (mode, "both")]
        # What the switch is thrown for stands first.
        offered.sort(key=lambda key: LAYERS[key].mode != mode)
        first = _first(offered, mode)
        layer = LAYERS[
            address.select("layer", t("map.layer"), offered, _layer_word, first, bare=True)
        ]
        measure = MEASURES[
            address.select("measure", t("map.measure"), layer.measures, _measure_word, bare=True)
        ]
        chosen = _rarer(layer, measure, scope)
        return chosen, st.container(key="map-search")


def usual() -> Iterator[Chosen]:
    """Yield every layer as it is looked at while nothing else is chosen."""
    for layer in LAYERS.values():
        measure = MEASURES[layer.measures[0]]
        yield Chosen(layer, measure, None, _methods(measure)[0], None)


def _rarer(layer: Layer, measure: Measure, scope: Scope) -> Chosen:
    """Let radius, classes and an earlier year be chosen; say how many are not as usual."""
    held = {
        "radius": (t("coverage.radius"), _radii(measure), _radius_word),
        "classes": (t("map.classes"), _methods(measure), lambda m: t(f"map.cut_{m}")),
        "compare": (t("map.compare"), _years(scope), _year_word),
    }
    offered = {name: parts for name, parts in held.items() if len(parts[1]) > 1}
    changed = sum(
        address.settle(name, options, options[0]) != options[0]
        for name, (_, options, _) in offered.items()
    )
    said = t("map.more_changed", n=changed) if changed else t("map.more")
    with st.popover(said, icon=":material/tune:", key="map-more"):
        picked = {
            name: address.select(name, label, options, word)
            for name, (label, options, word) in offered.items()
        }
    radius, before = picked.get("radius", STANDARD), picked.get("compare", NONE)
    return Chosen(
        layer=layer,
        measure=measure,
        radius_m=None if radius == STANDARD else float(radius),
        method=picked.get("classes", held["classes"][1][0]),
        before=None if before == NONE else int(before),
    )


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
    held = set(results.get("accessibility.service_coverage.services", Scope())["service"])
    filled = [key for key in offered if LAYERS[key].service in held]
    return FIRST[mode] if FIRST[mode] in filled or not filled else filled[0]


def _layer_word(layer: str) -> str:
    return tell(LAYERS[layer].name)


def _measure_word(measure: str) -> str:
    return tell(MEASURES[measure].name)


def _radii(measure: Measure) -> Sequence[str]:
    asked = measure.uses_radius and measure.id != "centre_km"
    return (STANDARD, *RADII) if asked else (STANDARD,)


def _radius_word(radius: str) -> str:
    return t("coverage.standard") if radius == STANDARD else t("coverage.metres", n=people(radius))


def _methods(measure: Measure) -> Sequence[str]:
    """Return how the classes can be cut; fixed ones are offered where the measure has them."""
    held = classes.METHODS if measure.breaks else classes.METHODS[1:]
    return ("fixed",) if measure.palette == "bands" else held


def _years(scope: Scope) -> Sequence[str]:
    """Return the years that may be set beside the one in view."""
    if scope.year is None:
        return (NONE,)
    held = results.get("units.years", Scope())["year"]
    return (NONE, *(str(year) for year in held if year != scope.year))


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
