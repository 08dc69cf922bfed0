"""Context: figures beside the indicators, and what is counted and shown but never scored.

Companion figures of A1, A3, B2.3, C6, G9, G11 and G12, the context of clauses IV.i.5, III.ii.13,
IV.iv.12, IV.iv.13 and VII.iii, appeals by domain, and activities: a reward for traces would follow
if these earned points.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from data.scope import Scope
from data.store import Store
from metrics.evaluate import latest_year
from metrics.queries import sql


@dataclass(frozen=True)
class Figure:
    """One figure. scale: what numerator over denominator is multiplied by; digits shown.

    beside: the indicator it is read with; obligation: the one it answers.
    """

    scale: float
    digits: int
    beside: str
    obligation: str


FIGURES: Mapping[str, Figure] = {
    "cross_posted": Figure(100, 1, "A1", "II.i.6"),
    "charter_clause": Figure(100, 1, "A3", "II.i.8"),
    "covered_money": Figure(100, 1, "A3", "II.iii.4"),
    "project_money": Figure(1, 2, "A3", "IV.iv.12"),
    "cross_region": Figure(100, 1, "B2.3", "III.ii.18"),
    "health_workers": Figure(1000, 2, "D7", "III.ii.13"),
    "households_per_grid": Figure(1, 0, "C6", "IV.iii.6"),
    "treasury": Figure(100, 1, "G9", "VII.iii.2"),
    "residents_per_post": Figure(1, 0, "G11", "III.i.11"),
    "graduates": Figure(100, 1, "G12", "VII.iv.19"),
    "spatial_plan": Figure(100, 1, "G15", "VII.iii.4"),
}
BREAKDOWNS = ("case_domain", "activity_kind", "households", "operator", "acquired_by")
FIGURE_COLUMNS = ["figure", "value", "num", "den", "units"]
BREAKDOWN_COLUMNS = ["breakdown", "category", "n", "share", "num", "rate"]


def figures(store: Store, scope: Scope) -> pd.DataFrame:
    """Return FIGURE_COLUMNS, one row per figure, NaN where no township gives it.

    units: townships whose facts are in it. The whole is the sum of the numerators over the sum of
    the denominators.
    """
    found = store.read_once(sql("context/figures"), _of(store, scope)).set_index("figure")
    table = found.reindex(list(FIGURES)).astype(float)
    scales = pd.Series({name: each.scale for name, each in FIGURES.items()})
    table["value"] = scales * table["num"] / table["den"].where(table["den"] > 0)
    table["units"] = table["units"].fillna(0).astype(int)
    return table.reset_index(names="figure")[FIGURE_COLUMNS]


def breakdowns(store: Store, scope: Scope) -> pd.DataFrame:
    """Return BREAKDOWN_COLUMNS, one row per breakdown and category; category '' is unclassified.

    share: of all in the breakdown, in %. num: of appeals those resolved, of activities the people
    who came; NaN elsewhere. rate: num per n, of appeals in %.
    """
    found = store.read_once(sql("context/breakdowns"), _of(store, scope))
    n = found["n"].astype(float)
    found["share"] = 100 * n / n.groupby(found["breakdown"]).transform("sum")
    found["num"] = found["num"].astype(float)
    percent = found["breakdown"].eq("case_domain").map({True: 100.0, False: 1.0})
    found["rate"] = percent * found["num"] / n
    return found[BREAKDOWN_COLUMNS]


def _of(store: Store, scope: Scope) -> dict[str, str | int | None]:
    return {**scope.parameters(), "year": latest_year(store, scope)}
