"""The gap between the satisfaction of all residents and that of their worst-off group (S7)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from metrics.disclosure import Protection, Total, protect

EVERYONE = "all"
GROUPS = ("elderly", "migrant", "disability")
Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Gaps:
    """rows: unit_code, value (points, all minus the worst-off group), n (people in that group).

    protection: why a unit or the whole has no gap to show.
    """

    rows: pd.DataFrame
    protection: Protection


class _Sums:
    """Sums of one group over all units (n, sw, swy), those of the whole last."""

    def __init__(self, sums: pd.DataFrame, group: str, codes: pd.Index, inside: Words) -> None:
        held = sums[sums["grp"].eq(group)].set_index("unit_code")
        table = held.reindex(codes)[["n", "sw", "swy"]].fillna(0.0).astype(float)
        whole = table[codes.isin(inside)].sum()
        self.n, self.sw, self.swy = np.vstack([table, whole]).T

    @property
    def mean(self) -> Floats:
        with np.errstate(invalid="ignore"):
            return np.asarray(self.swy / self.sw)


def gaps(
    sums: pd.DataFrame,
    place: pd.DataFrame,
    inside: Words,
    whole: tuple[str, Total],
    minimum: int,
) -> Gaps:
    """Return what may be shown of the gap in each unit of a place and in the whole of some.

    sums: unit_code, grp ('all' and GROUPS), n, sw, swy (answers, weights, weighted scores 0-100).
    place: unit_code, county_code, unit_type of every unit of the survey; inside: the units that
    make up the whole, which has the code and the key (`Protection.totals`) of `whole`.

    A group counts where the group, and the people outside of it, are each shown by the base rule
    in a table of the group by unit; otherwise the gap would give its mean, or theirs, away.
    """
    codes = pd.Index(place["unit_code"], dtype=object)
    total = whole[1]
    everyone = _Sums(sums, EVERYONE, codes, inside)

    def reasons(n: Floats) -> Words:
        shown = protect(place.assign(n=n[:-1]), minimum)
        of_units = [shown.units.get(code, "") for code in codes]
        return np.array([*of_units, shown.totals.get(total, "")], dtype=object)

    lowest = np.full(len(codes) + 1, np.inf)
    people = np.full(len(codes) + 1, np.nan)
    enough = np.zeros(len(codes) + 1, dtype=bool)
    for group in GROUPS:
        part = _Sums(sums, group, codes, inside)
        enough |= part.n >= minimum
        may = (reasons(part.n) == "") & (reasons(everyone.n - part.n) == "") & (part.n >= minimum)
        mean = np.where(may, part.mean, np.inf)
        people = np.where(mean < lowest, part.n, people)
        lowest = np.minimum(lowest, mean)
    reason = reasons(everyone.n)
    none = (reason == "") & np.isinf(lowest) & (everyone.n > 0)
    reason[none] = np.where(enough[none], "complement", "below_base")
    value = np.where(np.isinf(lowest), np.nan, everyone.mean - lowest)
    rows = pd.DataFrame({"unit_code": [*codes, whole[0]], "value": value, "n": people})
    hidden = {code: why for code, why in zip(codes, reason, strict=False) if why}
    return Gaps(rows[reason == ""], Protection(hidden, {total: reason[-1]} if reason[-1] else {}))
