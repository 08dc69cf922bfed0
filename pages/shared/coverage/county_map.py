"""The coverage page's map: townships by the chosen measure, villages, facilities, legend."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from data import clock
from data.contracts import CODES
from data.geography.boundaries import unit_at
from data.scope import Scope
from metrics.maps import catalogue, classes
from metrics.maps import colours as map_colours
from metrics.maps.layers import HIDDEN
from metrics.register import indicator
from metrics.units import MOST_COUNTIES
from pages.shared import results
from pages.shared.coverage import geometry, origins, village_states
from pages.shared.coverage.map_choices import NINE, Chosen, Cuts
from pages.shared.coverage.maps import Finder, Legend, Square, View
from pages.shared.coverage.village_states import Villages
from pages.shared.words import day, figure, language, of_counties, people, people_each, t, tell

NO_DATA, NOT_SHOWN = -1, -2


@dataclass(frozen=True)
class Answer:
    """What a layer answers for one year. table, villages: of `layers`; facts: of boundaries.

    counted: of `service_coverage.by_unit` where the layer counts people, else empty. counties:
    the table is of counties (`of_counties`).
    """

    year: int | None
    table: pd.DataFrame
    villages: pd.DataFrame
    facts: pd.Series
    counted: pd.DataFrame = field(default_factory=pd.DataFrame)
    counties: bool = False


def too_many(answer: Answer, scope: Scope) -> bool:
    """Say whether there are more units than a map can show; a narrower place is asked for."""
    if answer.counties:
        return len(results.get("units.counties", Scope())) > MOST_COUNTIES
    units = max(answer.facts["units"], len(answer.table))
    return scope.county is None and units > geometry.MOST_UNITS


def view(
    chosen: Chosen,
    scope: Scope,
    answer: Answer,
    cuts: Cuts,
    found: tuple[str, int] | None = None,
    sites: pd.DataFrame | None = None,
) -> View:
    """Return what the map says for a layer; the answer is of all townships.

    found: what was searched for, as in `maps.View`. sites: of `gaps.next_sites`.
    """
    points = Scope(year=answer.year, county=scope.county)
    counties = answer.counties
    layer = geometry.COUNTIES if counties else geometry.UNITS
    service = "" if counties else _points_of(chosen)
    placed, reasons = _classed(chosen, answer.table, cuts)
    place = scope.county or geometry.EVERYWHERE
    return View(
        units=geometry.url(layer, scope) if answer.facts["units"] else "",
        points="" if counties else geometry.url(geometry.points_layer(points), points),
        place=f"{place}/{scope.township}" if scope.township else place,
        values=placed,
        tip=_tip(chosen),
        colours=_colours(chosen, cuts),
        reasons=reasons,
        chosen=scope.township or "",
        service=service,
        villages=Villages() if counties else _villages(chosen, answer, scope),
        tips=_village_tips(chosen, answer),
        statuses={code.value: tell(code.label) for code in CODES["facility_status"]},
        legend=_legend(
            chosen,
            answer,
            cuts,
            placed,
            marks=_shown_marks(chosen, answer, sites),
            origin=_origin(chosen, answer, scope),
        ),
        found=None if counties else found,
        sites=[] if counties else _sites(sites, points),
        order=_order(answer, scope),
    )


def _boundaries() -> str:
    return (
        "maps.county_level.boundaries"
        if of_counties()
        else "accessibility.service_coverage.boundaries"
    )


def _shown_marks(
    chosen: Chosen, answer: Answer, sites: pd.DataFrame | None
) -> list[tuple[str, str, bool, str]]:
    """Return the marks of the legend; counties have none."""
    if answer.counties:
        return []
    return _marks(chosen, answer) + [("site", map_colours.CHOSEN, True, t("gaps.mark"))] * (
        sites is not None
    )


def _order(answer: Answer, scope: Scope) -> list[str]:
    """Return the codes of the boundaries in the order in which the browser has them."""
    if not answer.facts["units"]:
        return []
    name = (
        "maps.county_level.boundaries"
        if answer.counties
        else "accessibility.service_coverage.boundary_codes"
    )
    held = results.get(name, replace(scope, township=None))
    return [str(code) for code in held["unit_code"]]


def finder(scope: Scope, table: pd.DataFrame) -> Finder:
    """Return how a clicked place becomes the code of one of the table's townships."""
    known = set(table["unit_code"])

    def find(lon: float, lat: float) -> str | None:
        code = unit_at(results.get(_boundaries(), scope), lon, lat)
        return code if code in known else None

    return find


def quantity(chosen: Chosen, value: Any) -> str:
    """Return a value of the measure with its unit."""
    return with_unit(chosen, figure(value, chosen.measure.digits))


def with_unit(chosen: Chosen, number: str) -> str:
    """Return a number with the unit of the measure; percent signs stand close."""
    return catalogue.with_unit(chosen.measure, number, language())


def base_word(chosen: Chosen) -> str:
    """Return what the base of the measure counts."""
    family = chosen.measure.family
    kinds = {
        "satisfaction": "respondents",
        "band": "data_share",
        "score": "data_share",
        "supplies": "items",
    }
    if family != "indicator":
        return t(f"map.base_{kinds.get(family, 'residents')}")
    parts = indicator(chosen.measure.id).parts
    return t("map.base_of", what=tell(parts[1])) if parts else t("map.base_denominator")


def _points_of(chosen: Chosen) -> str:
    return geometry.SEATS if chosen.measure.family == "centre" else chosen.layer.service or ""


def _tip(chosen: Chosen) -> str:
    if chosen.measure.family == "cross":
        return t("map.tip_cross", share="{0}", satisfaction="{1}")
    value = with_unit(chosen, "{0}")
    return t("map.tip", value=value, base=base_word(chosen), n="{1}")


def _classed(
    chosen: Chosen, table: pd.DataFrame, cuts: Cuts
) -> tuple[dict[str, tuple[int, Any, Any]], list[str]]:
    """Return class and figures by township, and the reasons where there are none."""
    towns = table[table["unit_code"].ne("")]
    if chosen.measure.family == "cross":
        # Half a pair is none; the reason is that of the half that is missing.
        note = towns["note"].where(towns["note"] != "", towns["second_note"])
        across = classes.place(towns["value"].to_numpy(float), cuts.first)
        up = classes.place(towns["second"].to_numpy(float), cuts.second)
        found = np.where((up < 0) | (across < 0), NO_DATA, 3 * up + across)
        beside = [figure(v) for v in towns["second"]]
    else:
        note, beside = towns["note"], people_each(towns["base"])
        found = classes.place(towns["value"].to_numpy(float), cuts.first)
    reasons = sorted({key for key in note if key})
    values = [figure(v, chosen.measure.digits) for v in towns["value"]]
    placed: dict[str, tuple[int, Any, Any]] = {}
    for code, reason, group, value, other in zip(
        towns["unit_code"], note, found, values, beside, strict=True
    ):
        if reason:
            kind = NOT_SHOWN if reason in HIDDEN else NO_DATA
            placed[str(code)] = (kind, reasons.index(reason), "")
        elif group >= 0:
            placed[str(code)] = (int(group), value, other)
    return placed, [t(f"map.note_{key}") for key in reasons]


def _colours(chosen: Chosen, cuts: Cuts) -> list[str]:
    palette = chosen.measure.palette
    return map_colours.shades(palette, 9 if palette == "cross" else len(cuts.first) + 1)


def _by_road(answer: Answer) -> int:
    """Return how many villages go by minutes by road; none where villages are not shown."""
    return 0 if answer.villages.empty else int(answer.villages["way"].eq("road").sum())


def _village_tips(chosen: Chosen, answer: Answer) -> dict[str, str]:
    """Return the words for villages; metres that come from minutes by road are said to."""
    road = "_road" if _by_road(answer) else ""
    keys = {"reached": road, "outside": road, "alone": "", "unknown": ""}
    if chosen.measure.family == "centre":
        keys |= {"reached": "_seat" if chosen.has_radius else "_way", "outside": "_seat"}
    return {
        key: t(f"coverage.village_{key}{more}", n="{0}", metres="{1}") for key, more in keys.items()
    }


def _villages(chosen: Chosen, answer: Answer, scope: Scope) -> Villages:
    """Return how the villages fare, in the order of the points layer; none without facilities."""
    if not _points_of(chosen):
        return Villages()
    points = Scope(year=answer.year, county=scope.county)
    codes = results.get("accessibility.service_coverage.map_villages", points)[
        "community_code"
    ].tolist()
    if len(codes) > village_states.MOST_SENT:
        layer = village_states.name(
            answer.year, chosen.layer.id, chosen.measure.id, chosen.radius_m, scope.unit_type
        )
        return Villages(url=geometry.url(layer, points))
    return village_states.packed(answer.villages, codes)


def _sites(sites: pd.DataFrame | None, points: Scope) -> list[tuple[str, int, str]]:
    """Return proposed places by where they stand in the lists that the map draws from."""
    if sites is None:
        return []
    villages = results.get("accessibility.service_coverage.map_villages", points)[
        "community_code"
    ].tolist()
    facilities = results.get("accessibility.service_coverage.map_facilities", points)[
        "facility_id"
    ].tolist()
    lists = {"new": ("village", villages), "idle": ("facility", facilities)}
    return [
        (lists[row["kind"]][0], lists[row["kind"]][1].index(row["id"]), people(row["people"]))
        for row in sites.to_dict("records")
    ]


def _legend(
    chosen: Chosen,
    answer: Answer,
    cuts: Cuts,
    placed: dict[str, tuple[int, Any, Any]],
    *,
    marks: list[tuple[str, str, bool, str]],
    origin: list[str],
) -> Legend:
    colours = _colours(chosen, cuts)
    crossed = chosen.measure.palette == "cross"
    year = t("scope.year", year=answer.year) if answer.year else ""
    parts = [chosen.name, year]
    words = class_words(chosen, cuts, placed)
    # Without a single figure there are no classes to explain.
    unpainted = crossed or not any(group >= 0 for group, _, _ in placed.values())
    return Legend(
        title=t("shell.joiner").join(part for part in parts if part),
        classes=[] if unpainted else list(zip(colours, words, strict=True)),
        square=_square(cuts, colours) if crossed else None,
        marks=marks,
        notes=[*_base(chosen, answer, placed), *origin],
        badge=t("coverage.note_fictional") if results.is_fictional() else "",
    )


def class_words(
    chosen: Chosen, cuts: Cuts, placed: dict[str, tuple[int, Any, Any]] | None = None
) -> list[str]:
    """Say the classes from low to high, with how many townships lie in each."""
    words = catalogue.class_words(chosen.measure, cuts.first, language())
    if placed is None:
        return words
    held = [group for group, _, _ in placed.values()]
    return [t("map.class_counted", words=word, n=held.count(n)) for n, word in enumerate(words)]


def key_of_classes(chosen: Chosen, cuts: Cuts) -> list[tuple[str, str]]:
    """Return the classes from low to high: colour and words."""
    return list(zip(_colours(chosen, cuts), class_words(chosen, cuts), strict=True))


def corners(chosen: Chosen, cuts: Cuts) -> list[tuple[str, str]]:
    """Return colour and words of the four outer fields of a map of two measures."""
    square = _square(cuts, _colours(chosen, cuts))
    last, top = len(cuts.first), len(cuts.second)
    return [
        (
            square.colours[NINE * up + across],
            t("map.corner", across=square.across_ends[across], up=square.up_ends[up]),
        )
        for up in dict.fromkeys((0, top))
        for across in dict.fromkeys((0, last))
    ]


def _square(cuts: Cuts, colours: Sequence[str]) -> Square:
    return Square(
        colours=colours,
        across=t("map.cross_reach"),
        up=t("map.cross_satisfaction"),
        across_ends=_three(catalogue.ranges(cuts.first, lambda n: f"{n}%", language(), 100)),
        up_ends=_three(catalogue.ranges(cuts.second, str, language(), 100)),
    )


def _three(ends: list[str]) -> list[str]:
    """Where most units are alike there are fewer classes; the fields beyond them have no words."""
    return [*ends, *[""] * (NINE - len(ends))]


def _marks(chosen: Chosen, answer: Answer) -> list[tuple[str, str, bool, str]]:
    if not _points_of(chosen):
        return []
    found = [("village", map_colours.REACHED, True, t("coverage.mark_village"))]
    if chosen.has_radius or chosen.measure.family != "centre":
        found = [
            ("village", map_colours.REACHED, True, t("coverage.mark_reached")),
            ("village", map_colours.OUTSIDE, False, t("coverage.mark_outside")),
        ]
    if not answer.villages.empty and answer.villages["reached"].isna().any():
        found.append(("village", map_colours.UNKNOWN, False, t("coverage.mark_unknown")))
    if chosen.measure.family == "centre":
        return [*found, ("facility", map_colours.OPERATING, True, t("map.mark_seat"))]
    return [
        *found,
        ("facility", map_colours.OPERATING, True, t("coverage.mark_operating")),
        ("facility", map_colours.IDLE, False, t("coverage.mark_idle")),
    ]


def _base(chosen: Chosen, answer: Answer, placed: dict[str, tuple[int, Any, Any]]) -> list[str]:
    """Return whom the layer is for, and of how many units and people the map speaks."""
    notes = [t("map.audience", who=tell(chosen.layer.audience))]
    if (roads := _by_road(answer)) and chosen.measure.uses_radius:
        notes.append(t("coverage.note_roads", n=people(roads)))
    towns = answer.table["unit_code"].ne("").sum()
    shown = sum(group >= 0 for group, _, _ in placed.values())
    known = t("map.units", n=shown, all=int(towns))
    if chosen.measure.family in ("band", "score") or not len(answer.table):
        return [*notes, known]
    base = answer.table["base"].iloc[0]
    # A number and its 万 stand on one line.
    count = people(base).replace(" ", "\u00a0")
    return [*notes, t("shell.joiner").join((known, f"{base_word(chosen)} {count}"))]


def _origin(chosen: Chosen, answer: Answer, scope: Scope) -> list[str]:
    """Return where figures and boundaries come from, and when the picture was made."""
    year = replace(scope, year=answer.year)
    source, number = (_given(answer.facts[name]) for name in ("source", "map_approval_no"))
    boundaries = t("coverage.note_source", value=source), t("coverage.note_approval", value=number)
    return [
        *origins.said(chosen, answer.table, year, counties=answer.counties),
        t("shell.joiner").join(boundaries),
        t("coverage.note_made", version=results.store().version, day=day(clock.today())),
    ]


def _given(value: Any) -> str:
    return value if isinstance(value, str) and value else t("coverage.not_given")
