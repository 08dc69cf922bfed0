"""Which radius, detour factor or standard is used on the map, and where each comes from."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd

from data.contracts import CODES
from data.contracts import table as contract
from data.scope import Scope
from metrics.accessibility import standards
from pages.shared import results
from pages.shared.coverage.map_choices import Chosen
from pages.shared.words import language, listed, people, plain, quantity, t, tell

# Measures beside which the standard in force is shown, and the parameter that sets it.
STANDARDS = {"D2": "D2.standard", "G10": "G10.standard"}
MOST_SAID = 6


def of_view(chosen: Chosen, scope: Scope) -> dict[str, str]:
    """Return, by heading, what a view was counted with, or is to be compared with."""
    if chosen.measure.uses_radius:
        return {t("coverage.standards"): of_reach(chosen, scope)}
    return of_measure(chosen, scope)


def of_reach(chosen: Chosen, scope: Scope) -> str:
    """Say the radii and the detour factor that the reach was counted with."""
    found = results.get("accessibility.standards.used", scope, service=chosen.layer.service or "")
    radii = found[found["setting"] != ""]
    if chosen.measure.id == "centre_km":
        said = []
    elif chosen.radius_m is not None:
        said = [t("coverage.chosen_radius", n=people(chosen.radius_m))]
    elif radii.empty:
        said = [t("coverage.radius_unset")]
    else:
        words = {code.value: tell(code.label) for code in CODES["setting"]}
        said = _each(radii, lambda row: f"{words[row['setting']]} {_metres(row['value'])}")
    detours = found[found["setting"] == ""]
    said += _each(detours, lambda row: t("coverage.detour_is", n=f"{row['value']:g}"))
    return listed(said + _roads(chosen, scope))


def _roads(chosen: Chosen, scope: Scope) -> list[str]:
    """Say how many villages go by minutes by road, and how these are turned into a distance."""
    if not by_road(chosen, scope):
        return []
    used = results.get(
        "accessibility.service_coverage.ways", scope, service=chosen.layer.service
    ).iloc[0]
    said = []
    # Minutes on foot and by car are never mixed in silence: each says its pace and its villages.
    for mode in (mode for mode in standards.PACES if used[mode]):
        paces = results.get("accessibility.standards.used", scope, parameter=standards.PACES[mode])
        said += _each(paces[paces["setting"] == ""], partial(_pace, f"coverage.pace_{mode}"))
    named = list(map(plain, used["sources"]))
    ways = [t(f"coverage.ways_{mode}", n=people(used[mode])) for mode in (*standards.PACES, "line")]
    return [
        *said,
        t(
            "coverage.ways_used",
            ways=listed(ways),
            sources=listed(named[:MOST_SAID] + ["…"] * (len(named) > MOST_SAID))
            or t("coverage.no_source"),
        ),
    ]


def by_road(chosen: Chosen, scope: Scope) -> bool:
    """Say whether minutes by road lead from the scope's villages to the layer's service."""
    if not chosen.layer.service or chosen.measure.family == "centre":
        return False
    if not results.get("accessibility.service_coverage.holds_roads", Scope()):
        return False
    return bool(
        results.get("accessibility.service_coverage.ways", scope, service=chosen.layer.service)[
            "pairs"
        ].any()
    )


def sources() -> str:
    """Name the tables that reach is counted from; travel times only where some are held."""
    names = ["communities", "community_year", "facilities", "radius_params"]
    if results.get("accessibility.service_coverage.holds_roads", Scope()):
        names.append("travel_times")
    return listed(tell(contract(name).label) for name in names)


def of_measure(chosen: Chosen, scope: Scope) -> dict[str, str]:
    """Return heading and words of the standard of a measure that has one."""
    parameter = STANDARDS.get(chosen.measure.id)
    if parameter is None:
        return {}
    found = results.get("accessibility.standards.used", scope, parameter=parameter)
    unit = tell(chosen.measure.unit)
    said = _each(found[found["setting"] == ""], lambda row: quantity(f"{row['value']:g}", unit))
    return {t("coverage.standard_held"): listed(said)} | _of_score(chosen, scope, found["value"])


def _of_score(chosen: Chosen, scope: Scope, standards_held: "pd.Series[float]") -> dict[str, str]:
    """Say what the score measures against, where that is another value than a standard in force.

    A score follows the framework, whose targets are frozen with its version; a standard that a
    place sets is compared with and moves no score.
    """
    items = results.get("assessment.framework.of_scope", scope).items
    goal = next((each.goal for each in items if each.indicator_id == chosen.measure.id), None)
    if goal is None or standards_held.eq(goal).all():
        return {}
    value = t("coverage.score_goal_said", goal=quantity(f"{goal:g}", tell(chosen.measure.unit)))
    return {t("coverage.score_goal"): value}


def by_unit(chosen: Chosen, scope: Scope) -> "pd.Series[float] | None":
    """Return by unit_code the standard in force for a measure that has one."""
    parameter = STANDARDS.get(chosen.measure.id)
    if parameter is None:
        return None
    found: pd.Series[float] = results.get(
        "accessibility.standards.of_units", scope, parameter=parameter
    )
    return found


def _pace(words: str, row: dict[Any, Any]) -> str:
    return t(words, n=f"{row['value']:g}")


def _metres(value: float) -> str:
    return t("coverage.metres", n=people(value))


def _each(found: pd.DataFrame, value: Callable[[dict[Any, Any]], str]) -> list[str]:
    """Say values with place, year and source, once for those alike; many are not all named."""
    several = len(found) > found["setting"].nunique()
    alike: dict[tuple[Any, ...], list[dict[Any, Any]]] = {}
    for row in found.to_dict("records"):
        year = "" if pd.isna(row["from_year"]) else row["from_year"]
        key = (row["place_code"], year, row[f"source_{language()}"], row["counties"])
        alike.setdefault(key, []).append(row)
    said = [_one(rows[0], listed(map(value, rows)), several) for rows in alike.values()]
    return said[:MOST_SAID] + ["…"] * (len(said) > MOST_SAID)


def _one(row: dict[Any, Any], value: str, several: bool) -> str:
    place, year = str(row["place_code"]), row["from_year"]
    said = t(
        "coverage.used",
        value=value,
        place=t("coverage.used_place", place=plain(_place(place)))
        if place
        else t("coverage.everywhere"),
        since="" if pd.isna(year) else t("coverage.since", year=int(year)),
        source=plain(row[f"source_{language()}"]) or t("coverage.no_source"),
    )
    return t("coverage.used_counties", said=said, n=row["counties"]) if several else said


def _place(code: str) -> str:
    """Return the name of a county where the store tells it, else its code."""
    held = results.get("units.counties", Scope()).set_index("unit_code")
    name = held.at[code, f"name_{language()}"] if code in held.index else code
    return code if name == code else t("coverage.place_code", name=name, code=code)
