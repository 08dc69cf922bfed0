"""Satisfaction figures for pages and exports, read from the roll-up of the published surveys.

The design: townships are strata, villages the PSUs, ultimate clusters with replacement; a
respondent without a village is a PSU of their own. Scores are 0-100 (5 = 100 … 1 = 0); answers
that are not scored never count.
"""

import numpy as np
import pandas as pd

from data.scope import Scope
from data.store import LOWEST_MINIMUM_BASE, Store
from data.words import both
from metrics.queries import sql
from metrics.survey import estimate_from_sums

FIGURES = ["estimate", "se", "df", "low", "high", "deff"]
COLUMNS = ["unit_code", "level", "name_zh", "name_en", "unit_type", "n", *FIGURES, "shown", "note"]


def minimum_base(store: Store) -> int:
    """Return the fewest respondents behind a figure that is shown; never below 10."""
    return max(int(float(store.settings()["minimum_base"])), LOWEST_MINIMUM_BASE)


def surveys(store: Store, scope: Scope) -> pd.DataFrame:
    """Return the surveys of the scope's year: registration, respondents, townships, approval."""
    return store.read(sql("satisfaction/surveys"), scope.parameters())


def items(store: Store, scope: Scope, survey_id: str) -> pd.DataFrame:
    """Return what a survey can show: item, kind ('index' | 'question'), zh, en, n answers."""
    _ = scope  # the items of a survey are the same in every place
    found = store.read(sql("satisfaction/items"), {"survey_id": survey_id})
    is_index = found["text_zh"].isna()
    labels = {item: both(f"survey.index.{item}") for item in found.loc[is_index, "item"]}
    return pd.DataFrame(
        {
            "item": found["item"],
            "kind": np.where(is_index, "index", "question"),
            "zh": [
                labels[i].zh if i in labels else t
                for i, t in zip(found["item"], found["text_zh"], strict=True)
            ],
            "en": [
                labels[i].en if i in labels else t
                for i, t in zip(found["item"], found["text_en"], strict=True)
            ],
            "n": found["n"],
        }
    )


def by_unit(store: Store, scope: Scope, survey_id: str, item: str) -> pd.DataFrame:
    """Estimate an item for the whole scope (first row) and each of its townships.

    Columns COLUMNS; note: '' | 'below_base' | 'no_answers' | 'not_estimable' | 'complement'.
    Figures under the base rule are blank, and so is their n.
    """
    units = store.read(sql("units"), scope.parameters())
    sums = store.read(sql("satisfaction/sums"), {"survey_id": survey_id, "item": item})
    design = store.read(sql("satisfaction/design"), {"survey_id": survey_id})
    inside = sums["township_code"].isin(units["unit_code"])

    whole = estimate_from_sums(sums[inside], design).assign(unit_code="", level="county")
    each = estimate_from_sums(sums[inside], design, by=["township_code"])
    each = units.merge(each, left_on="unit_code", right_on="township_code", how="left")
    each = each.assign(
        level="township", note=each["note"].fillna("no_answers"), n=each["n"].fillna(0)
    )
    table = pd.concat([whole, each], ignore_index=True).reindex(columns=[*COLUMNS[:-2], "note"])
    if len(units) == 1:
        table = table[table["level"] == "township"].reset_index(drop=True)
    return protect(table, minimum_base(store))


def protect(table: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Apply the base rule, and hide what would give a hidden figure back by subtraction.

    table: at most one row of level 'county' (the total of the others) and rows of 'township' with
    n and FIGURES. Where the hidden townships of a shown total hold fewer respondents than the
    minimum together, or are one alone, the smallest shown township is hidden as well.
    """
    few = table["n"] < minimum
    note = table["note"].mask(few & (table["n"] > 0), "below_base")
    town = table["level"].eq("township")
    hidden = few & table["n"].gt(0)
    total_shown = bool((table["level"].eq("county") & ~few).any())
    while total_shown:
        out = town & hidden
        remaining = town & ~hidden & table["n"].gt(0)
        alone = out.sum() == 1 or table.loc[out, "n"].sum() < minimum
        if not out.any() or not alone or not remaining.any():
            break
        next_one = table.index == table.loc[remaining, "n"].idxmin()
        hidden |= next_one
        note = note.mask(next_one, "complement")
    # With every township hidden the total says nothing of any one of them but their union.
    unfair = note.eq("not_estimable")
    result = table.assign(note=note, shown=~hidden & ~unfair & table["n"].gt(0))
    result[FIGURES] = result[FIGURES].astype(float).where(result["shown"])
    result["n"] = result["n"].astype(float).mask(hidden)
    return result[COLUMNS]


def likert(store: Store, scope: Scope, survey_id: str) -> pd.DataFrame:
    """Return the weighted shares of the five answers per question, under the base rule.

    Columns question_id, text_zh, text_en, index_code, n, share1..share5 (%), not_scored, shown,
    note.
    """
    counts = store.read(sql("satisfaction/counts"), scope.parameters() | {"survey_id": survey_id})
    shown = counts["n"] >= minimum_base(store)
    for value in range(1, 6):
        share = 100 * counts[f"sw{value}"] / counts["sw"].where(counts["sw"] > 0)
        counts[f"share{value}"] = share.where(shown)
    counts["shown"] = shown
    counts["note"] = np.where(shown, "", np.where(counts["n"] > 0, "below_base", "no_answers"))
    counts["n"] = counts["n"].astype(float).where(shown)
    counts["not_scored"] = counts["not_scored"].astype(float).where(shown)
    return counts.drop(columns=["sw", *(f"sw{value}" for value in range(1, 6))])
