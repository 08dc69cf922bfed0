"""One layer of the map for a scope: a value per township with its base, or the reason for none.

Every figure here is made elsewhere (coverage, satisfaction, assessment, register) and keeps its
base rule: what is hidden there is blank here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.scope import Scope
from data.store import Store
from metrics.accessibility import roads, service_coverage
from metrics.accessibility.sphere import arc, places
from metrics.assessment import township_card
from metrics.coverage import floating_catchment, within
from metrics.evaluate import evaluate, scoring
from metrics.maps.catalogue import Layer, Measure, layer, measure
from metrics.queries import sql
from metrics.register import indicator
from metrics.satisfaction import figures

COLUMNS = [
    "unit_code", "level", "name_zh", "name_en", "unit_type", "value", "base", "low", "high",
    "note", "second", "second_base", "second_note", "origin",
]  # fmt: skip
# Reasons that protect people; all others are gaps in the data.
HIDDEN = ("below_base", "complement")
PER = 10_000
_NAMES = ["unit_code", "name_zh", "name_en", "unit_type"]
_OFFERED = {"low": np.nan, "high": np.nan, "second": np.nan, "second_base": np.nan}


@dataclass(frozen=True)
class _Ask:
    """One question to the map."""

    store: Store
    scope: Scope
    layer: Layer
    measure: Measure
    radius_m: float | None
    way: str | None

    @cached_property
    def villages(self) -> pd.DataFrame:
        """Return what `villages` answers, worked out once however many need it."""
        if self.measure.family == "centre":
            # The mean way needs no radius: there a village is reached that has a way at all.
            radius = np.inf if self.measure.id == "centre_km" else self.radius_m
            return _to_seats(self.store, self.scope, radius).assign(access=np.nan)
        service = self.layer.service or ""
        found = service_coverage.villages(self.store, self.scope, service, self.radius_m)
        return found.assign(
            access=_access(self, found) if self.measure.family == "access" else np.nan
        )


def values(
    store: Store,
    scope: Scope,
    layer_id: str,
    measure_id: str,
    radius_m: float | None = None,
    as_in: Scope | None = None,
) -> pd.DataFrame:
    """Answer a layer's measure for the whole scope (first row) and each of its townships.

    radius_m: metres for every village; None takes the radius set for its setting. as_in: the place
    and year whose way of scoring satisfaction counts, None for the scope's. Columns COLUMNS:
    value in the unit of the measure; base: residents, respondents or denominator behind it; low,
    high: 95 % where there is one; second, second_base, second_note: satisfaction, for `cross`.
    note: '' or why there is no value: as of `service_coverage.by_unit`, `figures.by_unit`,
    `evaluate` and `township_card.card`, and 'no_survey', 'no_seat', 'no_area'. origin: what a value
    is made of: 'computed' from tables, 'reported' by hand, 'survey', '' without one. One row where
    the scope is a single township, none without townships. Raises DataError unknown_layer,
    unknown_measure.
    """
    return _values(_question(store, scope, layer_id, measure_id, radius_m, as_in))


def villages(
    store: Store, scope: Scope, layer_id: str, measure_id: str, radius_m: float | None = None
) -> pd.DataFrame:
    """Return the villages of the scope, as `service_coverage.villages` does, with `access`.

    Of a layer without facilities the way and the reach are unknown; of the layer of seats they
    are those to the seat of the village's own unit. access: facilities per PER residents.
    """
    return _question(store, scope, layer_id, measure_id, radius_m).villages


def seen(
    store: Store,
    scope: Scope,
    layer_id: str,
    measure_id: str,
    radius_m: float | None = None,
    as_in: Scope | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return `values` and the `villages` that they are made of, for whoever shows both."""
    asked = _question(store, scope, layer_id, measure_id, radius_m, as_in)
    return _values(asked), asked.villages


def _question(
    store: Store,
    scope: Scope,
    layer_id: str,
    measure_id: str,
    radius_m: float | None,
    as_in: Scope | None = None,
) -> _Ask:
    chosen, asked = layer(layer_id), measure(layer_id, measure_id)
    way = scoring(store, as_in).way if as_in else None
    return _Ask(store, scope, chosen, asked, radius_m, way)


def _values(ask: _Ask) -> pd.DataFrame:
    units = ask.store.read_once(sql("units"), ask.scope.parameters())
    if units.empty:
        return pd.DataFrame(columns=COLUMNS)
    return _in_order(_FAMILIES[ask.measure.family](ask), units, len(units) == 1)


def reasons(table: pd.DataFrame) -> "pd.Series[str]":
    """Return the note of every row of `values`; of two measures, of the half that is missing."""
    return table["note"].where(table["note"] != "", table["second_note"])


def change(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Set two answers of `values` side by side: unit_code, level, names, before, after, change.

    change: after less before; unknown where either is. Units of the later one, in its order.
    """
    earlier = before.set_index("unit_code")["value"].rename("before")
    table = after[["unit_code", "level", "name_zh", "name_en", "value"]].join(
        earlier, on="unit_code"
    )
    table = table.rename(columns={"value": "after"})
    return table.assign(change=table["after"] - table["before"])


def _in_order(table: pd.DataFrame, units: pd.DataFrame, single: bool) -> pd.DataFrame:
    """Put the whole first and every township after it; a missing one has no data."""
    towns = units[_NAMES].merge(
        table[table["level"].eq("township")].drop(columns=["level"]), on="unit_code", how="left"
    )
    towns = towns.assign(level="township")
    whole = table[table["level"].eq("county")].head(1).assign(unit_code="", level="county")
    rows = towns if single else pd.concat([whole, towns], ignore_index=True)
    for name, blank in _OFFERED.items():
        if name not in rows:
            rows[name] = blank
    rows["note"] = rows["note"].fillna("no_data")
    if "second_note" not in rows:
        rows["second_note"] = ""
    rows["second_note"] = rows["second_note"].fillna("no_data")
    made = rows["origin"] if "origin" in rows else pd.Series("computed", rows.index)
    rows["origin"] = made.where(rows["value"].notna(), "")
    return rows.reindex(columns=COLUMNS)


def of_counts(counted: pd.DataFrame, measure_id: str) -> pd.DataFrame:
    """Return what `values` answers for 'reach' or 'outside', from `service_coverage.by_unit`."""
    table = _reached(counted, "outside" if measure_id == "outside" else "share")
    names = counted[["name_zh", "name_en", "unit_type"]]
    origin = table["value"].notna().map({True: "computed", False: ""})
    beside = table.assign(**_OFFERED, second_note="", origin=origin, **names)
    return beside.reindex(columns=COLUMNS)


def _coverage(ask: _Ask) -> pd.DataFrame:
    return _reached(_counted(ask), "outside" if ask.measure.family == "outside" else "share")


def _counted(ask: _Ask) -> pd.DataFrame:
    """Return the residents of the villages as `service_coverage.by_unit` counts them."""
    units = ask.store.read_once(sql("units"), ask.scope.parameters())
    return service_coverage.counted(units, ask.villages)


def _reached(found: pd.DataFrame, column: str) -> pd.DataFrame:
    base = found["inside"] + found["outside"]
    return found.assign(value=found[column], base=base)[
        ["unit_code", "level", "value", "base", "note"]
    ]


def _floating(ask: _Ask) -> pd.DataFrame:
    """Mean access of a unit's residents; the base is those whose place is known."""
    return _averaged(ask.villages.assign(value=ask.villages["access"]), _counted(ask))


def _averaged(held: pd.DataFrame, reached: pd.DataFrame) -> pd.DataFrame:
    """Return means over residents of a value of villages, by township and as a whole.

    reached: says where there is no figure; its notes are kept.
    """
    known = held[held["value"].notna() & held["population"].notna()]
    known = known.assign(product=known["value"] * known["population"])
    sums = known.groupby("township_code")[["product", "population"]].sum()
    sums.loc[""] = sums.sum()
    rows = reached[["unit_code", "level", "note"]].join(sums, on="unit_code")
    people = rows["population"].where(rows["population"] > 0)
    value = (rows["product"] / people).where(rows["note"] == "")
    note = rows["note"].mask((rows["note"] == "") & value.isna(), "no_place")
    return rows.assign(value=value, base=people.where(note == ""), note=note)[
        ["unit_code", "level", "value", "base", "note"]
    ]


def _access(ask: _Ask, own: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Return facilities per PER residents within reach, of own villages in their order.

    Residents of other counties compete for the same facilities, whatever part is looked at.
    """
    store, service = ask.store, str(ask.layer.service)
    # Filters must not change who competes: all villages of the year do.
    everywhere = Scope(year=ask.scope.year)
    everybody = own
    if ask.scope != everywhere:
        everybody = service_coverage.villages(store, everywhere, service, ask.radius_m)
    supply = service_coverage.facilities(store, ask.scope, service)
    supply = supply[supply["status"].eq("operating")].assign(capacity=1.0)
    counted = everybody[everybody["population"].notna() & everybody["facilities_known"]]
    # A detour is a radius that many times shorter; every village goes as far as its own.
    radius = counted["radius_m"] / counted["detour"]
    found = floating_catchment(
        counted.assign(id=counted["community_code"]),
        supply,
        radius.to_numpy(float),
        network=roads.network(roads.read(store, everywhere), counted, supply),
    )
    access = PER * found["access"].to_numpy(float)
    by_code = pd.Series(access, counted["community_code"].to_numpy(object))
    return by_code.reindex(own["community_code"]).to_numpy(float)


def _to_seats(store: Store, scope: Scope, radius_m: float | None) -> pd.DataFrame:
    """Return the villages with the way to the seat of their own unit."""
    found = service_coverage.places(store, scope)
    seats = found[["seat_lon", "seat_lat"]].set_axis(["lon", "lat"], axis=1)
    (here, mine), (there, theirs) = places(found), places(seats)
    start, end = (np.full((len(found), 3), np.nan) for _ in range(2))
    start[here], end[there] = mine, theirs
    metres = arc(np.linalg.norm(start - end, axis=1)) * found["detour"].to_numpy(float)
    # A unit without a seat is like a village without a place: its residents are unknown.
    radius = np.where(there, np.nan if radius_m is None else radius_m, np.nan)
    return found.assign(
        setting=pd.Series("rural", found.index).where(there),
        facilities_known=bool(there.any()),
        radius_m=radius,
        metres=metres,
        facility=None,
        way="line",
        minutes=np.nan,
        mode=None,
        reached=within(metres, radius),
    )


def _centre(ask: _Ask) -> pd.DataFrame:
    """Reach of a unit's own seat; the mean way needs no radius."""
    reached = _counted(ask)
    reached["note"] = reached["note"].replace("no_facilities", "no_seat")
    if ask.measure.id == "centre_km":
        km = ask.villages["metres"] / 1000
        return _averaged(ask.villages.assign(value=km), reached)
    return _reached(reached, "outside" if ask.measure.id == "centre_outside" else "share")


def _shelter(ask: _Ask) -> pd.DataFrame:
    """Shelter space per 100 residents: nothing is 0 where the county lists its facilities."""
    rows = ask.store.read(sql("coverage/shelter"), ask.scope.parameters())
    rows[["num", "den", "unknown"]] = rows[["num", "den", "unknown"]].astype(float)
    whole = rows[["num", "den", "unknown"]].sum(min_count=len(rows)).to_frame().T
    whole = whole.assign(level="county", facilities_known=bool(rows["facilities_known"].all()))
    table = pd.concat([whole, rows.assign(level="township")], ignore_index=True)
    note = np.select(
        [~table["facilities_known"].astype(bool), ~(table["den"] > 0), table["unknown"] > 0],
        ["no_facilities", "no_population", "no_area"],
        "",
    )
    return _ratios(table, note, 100.0)


def _supplies(ask: _Ask) -> pd.DataFrame:
    rows = ask.store.read(sql("coverage/supplies"), ask.scope.parameters())
    whole = rows[["num", "den"]].sum().to_frame().T.assign(level="county")
    table = pd.concat([whole, rows.assign(level="township")], ignore_index=True)
    return _ratios(table, np.where(table["den"] > 0, "", "no_data"), 100.0)


def _ratios(table: pd.DataFrame, note: npt.NDArray[np.object_], scale: float) -> pd.DataFrame:
    den = table["den"].astype(float).where(note == "")
    table = table.assign(value=scale * table["num"].astype(float) / den, base=den, note=note)
    return table[["unit_code", "level", "value", "base", "note"]]


def _evaluated(ask: _Ask) -> pd.DataFrame:
    found = evaluate(ask.store, indicator(ask.measure.id).id, ask.scope, ask.way)
    table = found.rename(columns={"n": "base"})
    return table[["unit_code", "level", "value", "base", "low", "high", "note", "origin"]]


def _satisfied(ask: _Ask) -> pd.DataFrame:
    """An index of the year's survey; reported values where there is no survey."""
    table = _asked_residents(ask, ask.measure.id)
    if table is None:
        return _evaluated(ask)
    return table


def survey(store: Store, scope: Scope) -> pd.DataFrame:
    """Return the survey that the map shows, one row of `figures.surveys`; none without one.

    The newest of the residents' surveys of the year that asked somebody in the scope.
    """
    found = figures.surveys(store, scope)
    return found.sort_values("respondents", key=lambda n: n.eq(0), kind="stable").head(1)


def _asked_residents(ask: _Ask, item: str) -> pd.DataFrame | None:
    """Return an item of the survey in view; None without a survey that holds it."""
    store, scope = ask.store, ask.scope
    found = survey(store, scope)
    if found.empty:
        return None
    asked = str(found["survey_id"].iloc[0])
    if item not in set(figures.items(store, scope, asked)["item"]):
        return None
    table = figures.by_unit(store, scope, asked, item, ask.way)
    table = table.rename(columns={"estimate": "value", "n": "base"}).assign(origin="survey")
    return table[["unit_code", "level", "value", "base", "low", "high", "note", "origin"]]


def _crossed(ask: _Ask) -> pd.DataFrame:
    """Reach, with satisfaction beside it; one without the other is no pair."""
    reached = _coverage(ask)
    table = _asked_residents(ask, ask.layer.question)
    if table is None:
        return reached.assign(second_note="no_survey")
    beside = table[["unit_code", "value", "base", "note"]].set_axis(
        ["unit_code", "second", "second_base", "second_note"], axis=1
    )
    return reached.merge(beside, on="unit_code", how="left")


def _assessed(ask: _Ask) -> pd.DataFrame:
    """Band or score by township, its base the percent of weight with data; a county has none."""
    everywhere = replace(ask.scope, township=None)
    rows = township_card.assessed(ask.store, everywhere, way=ask.way).overview()
    note = rows["note"].where(rows["score"].isna(), "")
    table = rows.assign(
        level="township",
        value=rows[ask.measure.id].astype(float),
        base=rows["data_share"] * 100,
        note=note,
    )
    whole = pd.DataFrame({"unit_code": [""], "level": "county", "note": "townships_only"})
    columns = ["unit_code", "level", "value", "base", "note"]
    return pd.concat([whole, table[columns]], ignore_index=True)


_Answer = Callable[[_Ask], pd.DataFrame]
_FAMILIES: Mapping[str, _Answer] = {
    "reach": _coverage,
    "outside": _coverage,
    "access": _floating,
    "cross": _crossed,
    "centre": _centre,
    "shelter": _shelter,
    "supplies": _supplies,
    "band": _assessed,
    "score": _assessed,
    "satisfaction": _satisfied,
    "indicator": _evaluated,
}
