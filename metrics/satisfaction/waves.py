"""Change of satisfaction between two waves of a survey, read from their roll-ups.

Villages drawn in both waves keep their covariance. A respondent without a village is a sampling
unit of their own in each wave: their numbers begin anew.
"""

import numpy as np
import pandas as pd

from data.scope import Level, Scope
from data.store import Store
from metrics.disclosure.base_rule import NOT_ESTIMABLE, why_hidden
from metrics.estimation.significance import Method
from metrics.queries import sql
from metrics.satisfaction.figures import by_unit, is_whole, places, scale_of, scored
from metrics.survey import adjust, difference_from_sums

SIGNIFICANT = 0.05
KEYS = ["unit_code", "level", "name_zh", "name_en"]
FIGURES = ["estimate", "se", "df", "low", "high", "p"]
SIDES = ["n_earlier", "n_later", "earlier", "later"]
COLUMNS = [*KEYS, *SIDES, *FIGURES, "p_adjusted", "beyond", "shown", "note", "lonely"]


def earlier(store: Store, scope: Scope, survey_id: str, item: str) -> pd.DataFrame:
    """Return the earlier surveys an item can be compared with: survey_id, titles, dates."""
    _ = scope  # the same in every place
    return store.read(sql("satisfaction/earlier"), {"survey_id": survey_id, "item": item})


def same_questions(store: Store, scope: Scope, survey_id: str, since: str, item: str) -> bool:
    """Say whether an item stands for the same question ids in both waves."""
    _ = scope  # the same in every place
    asked = [
        set(store.read(sql("satisfaction/questions"), {"survey_id": each, "item": item})[
            "question_id"
        ])
        for each in (survey_id, since)
    ]  # fmt: skip
    return asked[0] == asked[1]


def changes(
    store: Store,
    scope: Scope,
    survey_id: str,
    since: str,
    item: str,
    method: Method = "holm",
    level: Level = "township",
) -> pd.DataFrame:
    """Estimate the change of an item since an earlier survey, for the scope and its townships.

    Columns COLUMNS, rows and level as in `figures.by_unit`. earlier, later: the two figures;
    estimate: later minus earlier, in points, with t interval and p value of no change. p_adjusted:
    corrected over the places compared ('holm' | 'bh'); the whole is a comparison of its own.
    beyond: p_adjusted below 0.05. Shown where both waves are shown; note is the first wave's
    reason, else the second's, else 'not_estimable'. Raises DataError `unknown_item`.
    """
    # Both as the later one is scored: a change of points is no change of satisfaction.
    way = scale_of(store, scope, survey_id).way
    before = by_unit(store, scope, since, item, way, level)
    after = by_unit(store, scope, survey_id, item, way, level)
    sums, design = _both(store, survey_id, since, item, way)
    inside = places(store, scope, level).placed(sums)
    table = after[KEYS].assign(
        note=before["note"].where(before["note"] != "", after["note"]).to_numpy()
    )
    table = table.merge(_differences(inside, design), on="unit_code", how="left")
    return _corrected(_shown(table), method)


def _both(
    store: Store, survey_id: str, since: str, item: str, way: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    sums: list[pd.DataFrame] = []
    design: list[pd.DataFrame] = []
    for side, survey in enumerate((since, survey_id)):
        wanted = {"survey_id": survey, "item": item}
        for name, parts in (("sums", sums), ("design", design)):
            rows = store.read(sql(f"satisfaction/{name}"), wanted).assign(wave=side)
            own = rows["psu"].str.startswith("respondent:")
            rows["psu"] = rows["psu"].mask(own, f"{survey}/" + rows["psu"])
            parts.append(rows)
    drawn = pd.concat(design, ignore_index=True).drop_duplicates(["stratum", "psu"])
    return scored(pd.concat(sums, ignore_index=True), way), drawn


def _differences(sums: pd.DataFrame, design: pd.DataFrame) -> pd.DataFrame:
    """Return one row per place with answers in both waves, and one of all together ('')."""
    wanted = ["unit_code", *SIDES, *FIGURES, "test"]
    if sums["wave"].nunique() < 2:
        return pd.DataFrame(columns=wanted)
    each = difference_from_sums(sums, design, "wave", by="unit_code")
    whole = difference_from_sums(sums, design, "wave").assign(unit_code="")
    found = pd.concat([whole, each], ignore_index=True)
    return found.rename(columns={"note": "test"})[wanted]


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    """Blank what either wave hides, and what has no error."""
    vague = table["test"].isna() | table["test"].isin(NOT_ESTIMABLE)
    table = table.assign(note=why_hidden(table["note"].to_numpy(object), vague.to_numpy()))
    table["shown"] = table["note"] == ""
    table["lonely"] = table["shown"] & table["test"].eq("lonely_psus")
    table[FIGURES] = table[FIGURES].astype(float).where(table["shown"])
    table[SIDES] = table[SIDES].astype(float).where(table["shown"])
    return table


def _corrected(table: pd.DataFrame, method: Method) -> pd.DataFrame:
    table["p_adjusted"] = np.nan
    for of_whole in (True, False):
        family = is_whole(table).eq(of_whole) & table["shown"]
        table.loc[family, "p_adjusted"] = adjust(table.loc[family, "p"], method).to_numpy()
    table["beyond"] = table["p_adjusted"] < SIGNIFICANT
    return table[COLUMNS]


def by_item(
    store: Store, scope: Scope, survey_id: str, since: str, method: Method = "holm"
) -> pd.DataFrame:
    """Estimate the change of every index in both waves for the place of the scope.

    Columns item and those of `changes` without the unit's; p_adjusted is over the items here.
    """
    both = {"survey_id": survey_id, "since": since}
    found = store.read(sql("satisfaction/common_indices"), both)["item"]
    rows = [changes(store, scope, survey_id, since, item, method).iloc[[0]] for item in found]
    if not rows:
        return pd.DataFrame(columns=["item", *COLUMNS[len(KEYS) :]])
    # One family: whatever the place, its items are compared with each other's luck.
    table = pd.concat(rows, ignore_index=True).assign(item=list(found), level="item")
    shown = table["shown"]
    table.loc[shown, "p_adjusted"] = adjust(table.loc[shown, "p"], method).to_numpy()
    table["beyond"] = table["p_adjusted"] < SIGNIFICANT
    return table[["item", *COLUMNS[len(KEYS) :]]]
