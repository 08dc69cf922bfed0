"""Versions that differ by a few questionnaires: both together tell what those few said.

The base rule protects the figures of one version. Whoever holds those of two (a frozen link, an
older report) can subtract one from the other, which no rule within a version can prevent; what can
be done is to publish questionnaires together, and that has to be said before they are published.
"""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from data.store import Store
from metrics.disclosure.base_rule import minimum_base
from metrics.queries import sql

# The whole of a scope, among its units.
WHOLE = ""
_PEOPLE, _ANSWERS = "survey_respondents", "survey_answers"
_TOUCHED = ["new", "changed", "removed"]


def few(store: Store, accepted: Mapping[str, Path], effect: pd.DataFrame) -> int:
    """Return how many questionnaires of surveys held a draft changes, where they are too few.

    accepted, effect: as of `data.ingest.Draft`. Where nobody's row or answer is changed, those
    who are new or gone count; else nobody but those named in the file, nor more than rows differ.
    0 where no survey with questionnaires is touched, or where at least the minimum base is.
    """
    keys = ["survey_id", "respondent_id"]
    named = [
        pd.read_parquet(accepted[name], columns=keys)
        for name in (_PEOPLE, _ANSWERS)
        if name in accepted
    ]
    if not named:
        return 0
    people = pd.concat(named).drop_duplicates()
    people = people[people["survey_id"].isin(store.read(sql("satisfaction/held"))["survey_id"])]
    rows = effect.set_index("table").reindex([_PEOPLE, _ANSWERS])[_TOUCHED].fillna(0).astype(int)
    moved, gone = (sum(rows.loc[_PEOPLE, names]) for names in (["new", "removed"], ["removed"]))
    touched = min(len(people) + gone, sum(rows.to_numpy().ravel().tolist()))
    if moved and not rows["changed"].any():
        touched = min(touched, moved)
    return touched if len(people) and touched < minimum_base(store) else 0


def few_places(store: Store, accepted: Mapping[str, Path]) -> int:
    """Return in how many townships of surveys held a draft adds some questionnaires, but too few.

    accepted: as of `data.ingest.Draft`. Only townships that show figures already.
    """
    if _PEOPLE not in accepted:
        return 0
    rows = store.read(sql("satisfaction/newcomers"), {"file": str(accepted[_PEOPLE])})
    minimum = minimum_base(store)
    return int((rows["held"].ge(minimum) & rows["new"].between(1, minimum - 1)).sum())


def telling(parts: pd.DataFrame, units: pd.DataFrame, minimum: int) -> frozenset[str]:
    """Return the units, WHOLE for all of them, where before and after a decision tell of a few.

    parts: unit_code, pattern, n, one row per unit in which people come or go and pattern of what is
    decided on: people of one pattern come and go together, and other choices may move one pattern
    without another. units: unit_code, county_code, unit_type, of the scope. In a unit every pattern
    has nobody or at least `minimum` people; the whole of a type in a county, less the units that
    show both sides, leaves what is said of the others together.
    """
    few = frozenset(parts.loc[parts["n"] < minimum, "unit_code"])
    kinds = units.assign(unit_type=units["unit_type"].fillna(""))
    rest = parts[parts["unit_code"].isin(few)].merge(kinds, on="unit_code")
    left = rest.groupby(["county_code", "unit_type", "pattern"])["n"].sum()
    return few | {WHOLE} if (left < minimum).any() else few
