"""The gap between the satisfaction of all residents and that of their worst-off group (S7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from metrics.disclosure.base_rule import NOT_ESTIMABLE, Hidden, Protection, Total
from metrics.survey import difference_from_sums, estimate_from_sums

EVERYONE = "all"
# Group -> grouping and level of it on the page of satisfaction.
GROUPS: Mapping[str, tuple[str, str]] = {
    "elderly": ("age_band", "60+"),
    "migrant": ("residence_type", "migrant"),
    "disability": ("has_disability", "true"),
}
Words = npt.NDArray[np.object_]
# Group, and EVERYONE -> unit -> why its figure is hidden there.
Reasons = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Gaps:
    """rows: unit_code, value (points, all minus the worst-off group), n (people in that group).

    protection: why a unit or the whole has no gap to show; vague: where a gap has no error.
    """

    rows: pd.DataFrame
    protection: Protection
    vague: frozenset[str]


def gaps(
    sums: pd.DataFrame, inside: Words, whole: tuple[str, Total], hidden: Reasons, minimum: int
) -> Gaps:
    """Return what may be shown of the gap in each unit of a place and in the whole of some.

    sums: unit_code, psu, grp ('all' and GROUPS), n, sw, swy, swyy (people, weights, weighted scores
    0-100, and of their squares), a row of 'all' for every PSU. inside: the units that make up the
    whole, which has the code and the key (`Protection.totals`) of `whole`.

    A group counts where the page of satisfaction shows it (`hidden`: where it does not); where it
    has no error, or its distance from all has none, it does not count, as there.
    """
    code, total = whole
    both = [sums.assign(code=sums["unit_code"])]
    both.append(sums[sums["unit_code"].isin(inside)].assign(code=code))
    rows = pd.concat(both, ignore_index=True)
    held = rows[rows["n"] > 0]
    if held.empty:
        none = pd.DataFrame({"unit_code": [], "value": [], "n": []})
        return Gaps(none, Protection({}, {}), frozenset())
    drawn = sums[sums["grp"].eq(EVERYONE)]
    design = pd.DataFrame({"psu": drawn["psu"], "stratum": drawn["unit_code"]})
    told = estimate_from_sums(held.assign(item=held["grp"]), design, by="code")
    told["hidden"] = [
        hidden.get(str(group), {}).get(str(code), "")
        for group, code in zip(told["item"], told["code"], strict=True)
    ]
    told["fair"] = told["hidden"].eq("") & ~told["note"].isin(NOT_ESTIMABLE)
    everyone = told[told["item"].eq(EVERYONE)].set_index("code")
    groups = told[told["item"].ne(EVERYONE) & told["code"].isin(everyone.index[everyone["fair"]])]
    fair = groups[groups["fair"]]
    lowest = fair.loc[fair.groupby("code")["estimate"].idxmin(), ["code", "item"]]
    found = _distance(held, lowest, design)
    reasons = {str(c): why for c, why in everyone["hidden"].items() if why}
    vague = set(everyone.index[everyone["hidden"].eq("") & ~everyone["fair"]])
    for c in set(everyone.index) - set(reasons) - vague - set(found["unit_code"]):
        own = groups[groups["code"].eq(c)]
        if own["hidden"].eq("").any():
            vague.add(c)
        else:
            reasons[str(c)] = "complement" if (own["n"] >= minimum).any() else "below_base"
    of_whole = reasons.pop(code, "")
    return Gaps(
        found,
        Protection(_named(reasons), _named({total: of_whole} if of_whole else {})),
        frozenset(vague | set(found.loc[found["value"].isna(), "unit_code"])),
    )


def _distance(rows: pd.DataFrame, lowest: pd.DataFrame, design: pd.DataFrame) -> pd.DataFrame:
    """Return unit_code, value, n of all minus the group of each unit; blank without an error."""
    groups = rows.merge(lowest, left_on=["code", "grp"], right_on=["code", "item"]).assign(side=0)
    all_ = rows[rows["grp"].eq(EVERYONE) & rows["code"].isin(lowest["code"])].assign(side=1)
    if groups.empty:
        return pd.DataFrame({"unit_code": [], "value": [], "n": []})
    sides = pd.concat([groups, all_]).assign(item="S7")
    found = difference_from_sums(sides, design, "side", by="code")
    value = found["estimate"].mask(found["note"].isin(NOT_ESTIMABLE))
    return pd.DataFrame({"unit_code": found["code"], "value": value, "n": found["n_earlier"]})


def _named(reasons: Mapping[Any, str]) -> dict[Any, Hidden]:
    few: Hidden = "below_base"
    return {key: few if why == few else "complement" for key, why in reasons.items()}
