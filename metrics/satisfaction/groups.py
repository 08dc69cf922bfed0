"""Satisfaction by groups of people, and the gap between them, read from the roll-up.

Every group is a domain of the whole design. Within one township ages are told apart at 60 only:
finer bands would leave nearly every township below the minimum base.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.errors import DataError
from data.scope import Scope
from data.store import Store
from metrics.disclosure.base_rule import NOT_ESTIMABLE, blank
from metrics.disclosure.divisions import FROM_60, divisions, groups_of, hidden_in
from metrics.queries import sql
from metrics.satisfaction.figures import by_unit, scale_of
from metrics.survey import adjust, difference_from_sums, estimate_from_sums

DIMENSIONS = ("age_band", "sex", "residence_type", "has_disability")
SIGNIFICANT = 0.05
UNTOLD = ""  # the group of those who did not say
# The groups of the framework's indicator S7.
VULNERABLE = (("age_band", FROM_60), ("residence_type", "migrant"), ("has_disability", "true"))
FIGURES = ["estimate", "se", "df", "low", "high"]
COLUMNS = ["dimension", "level", "n", *FIGURES, "shown", "note", "lonely"]
GAPS = [
    *("gap", "dimension", "higher", "lower"),
    *(*FIGURES, "p", "p_adjusted", "beyond", "note"),
]


@dataclass(frozen=True)
class Groups:
    """An item by groups of people in one place.

    table: COLUMNS, one row per grouping and group that has respondents; level '' stands for those
    who did not say; note and shown as in `figures.by_unit`. gaps: GAPS, the largest minus the
    smallest group shown of every grouping ('range'), and first, where the place's own figure is
    shown, that figure minus the lowest of VULNERABLE ('S7', higher ''); in points, with t interval
    and p value. The two groups were picked for being far apart: p_adjusted is that of the most
    distant of all pairs (Bonferroni over the pairs, or over the groups that could be the lowest),
    and over the groupings by Holm's method; beyond: it is below SIGNIFICANT and the gap above 0.
    The interval is not corrected. note: '' or why the error cannot be estimated (survey.note), with
    blank figures.
    """

    table: pd.DataFrame
    gaps: pd.DataFrame


def by_group(store: Store, scope: Scope, survey_id: str, item: str) -> Groups:
    """Estimate an item for the groups of people of the scope.

    Raises DataError `unknown_item`, and `scales_mixed` over counties that score differently: the
    sums by group are kept as each county scores, so that together they would mean nothing.
    """
    if scale_of(store, scope, survey_id).mixed:
        raise DataError("scales_mixed", survey=survey_id)
    wanted = {"survey_id": survey_id, "item": item}
    place = by_unit(store, scope, survey_id, item)
    sums = store.read(sql("satisfaction/group_sums"), wanted)
    sums = groups_of(sums, within_township=bool(scope.township))
    design = store.read(sql("satisfaction/design"), wanted)
    units = store.read(sql("units"), scope.parameters())
    inside = sums[sums["township_code"].isin(units["unit_code"])]
    named = inside.rename(columns={"level": "who"})
    table = estimate_from_sums(named, design, by=("dimension", "who"))
    table = table.drop(columns="level").rename(columns={"who": "level"})
    table = _hide(table, _reasons(store, scope, survey_id, item))
    own = store.read(sql("satisfaction/sums"), wanted)
    own = own[own["township_code"].isin(units["unit_code"])]
    return Groups(table, _gaps(table, inside, own if place["shown"].iloc[0] else None, design))


def _reasons(
    store: Store, scope: Scope, survey_id: str, item: str
) -> Mapping[tuple[str, str], str]:
    """Say of every group of the place why it is hidden, deciding over the whole county."""
    decided = divisions(store, scope.county, survey_id, item, within_township=bool(scope.township))
    return {
        (dimension, group): reason
        for dimension, protection in decided.items()
        for group, reason in hidden_in(scope, protection).items()
    }


def _hide(table: pd.DataFrame, reasons: Mapping[tuple[str, str], str]) -> pd.DataFrame:
    reason = pd.Series(
        [reasons.get(key, "") for key in zip(table["dimension"], table["level"], strict=True)],
        index=table.index,
        dtype=object,
    )
    result = blank(table, reason, FIGURES)
    order = {name: place for place, name in enumerate(DIMENSIONS)}
    result = result.assign(order=result["dimension"].map(order), last=result["level"] == UNTOLD)
    result = result.sort_values(["order", "last", "level"], ignore_index=True)
    return result[COLUMNS]


def _gaps(
    table: pd.DataFrame, sums: pd.DataFrame, own: pd.DataFrame | None, design: pd.DataFrame
) -> pd.DataFrame:
    shown = table[table["shown"] & (table["level"] != UNTOLD)]
    named = zip(shown["dimension"], shown["level"], strict=True)
    weak = shown[[pair in VULNERABLE for pair in named]]
    rows = []
    if own is not None and len(weak):
        dimension, level = _pairs(weak)[int(weak["estimate"].argmin())]
        found = _contrast(_of_group(sums, dimension, level), own, design)
        rows.append(_gap("S7", dimension, "", level, found, len(weak)))
    for dimension in DIMENSIONS:
        here = shown[shown["dimension"] == dimension]
        if len(here) < 2:
            continue
        levels = _pairs(here)
        (_, high), (_, low) = (
            levels[int(at)] for at in (here["estimate"].argmax(), here["estimate"].argmin())
        )
        found = _contrast(_of_group(sums, dimension, low), _of_group(sums, dimension, high), design)
        pairs = len(here) * (len(here) - 1) // 2
        rows.append(_gap("range", dimension, high, low, found, pairs))
    table = pd.DataFrame(rows, columns=[name for name in GAPS if name != "beyond"])
    ranges = table["gap"] == "range"
    table.loc[ranges, "p_adjusted"] = adjust(table.loc[ranges, "p_adjusted"]).to_numpy()
    table["beyond"] = (table["p_adjusted"] < SIGNIFICANT) & (table["estimate"] > 0)
    return table[GAPS]


def _pairs(table: pd.DataFrame) -> list[tuple[str, str]]:
    names = zip(table["dimension"], table["level"], strict=True)
    return [(str(dimension), str(level)) for dimension, level in names]


def _of_group(sums: pd.DataFrame, dimension: str, level: str) -> pd.DataFrame:
    return sums[(sums["dimension"] == dimension) & (sums["level"] == level)]


def _contrast(lower: pd.DataFrame, higher: pd.DataFrame, design: pd.DataFrame) -> dict[str, object]:
    columns = ["item", "psu", "n", "sw", "swy", "swyy"]
    both = pd.concat([lower[columns].assign(side=0), higher[columns].assign(side=1)])
    found = difference_from_sums(both, design, "side").iloc[0]
    figures = {key: found[key] for key in [*FIGURES, "p", "note"]}
    if found["note"] in NOT_ESTIMABLE:
        figures |= dict.fromkeys([*FIGURES, "p"], np.nan)
    return figures


def _gap(
    name: str, dimension: str, higher: str, lower: str, figures: dict[str, object], picked: int
) -> dict[str, object]:
    """Return a row; picked: among how many gaps this one is the widest."""
    corrected = np.minimum(float(str(figures["p"])) * picked, 1.0)
    named = {"gap": name, "dimension": dimension, "higher": higher, "lower": lower}
    return {**named, **figures, "p_adjusted": corrected}
