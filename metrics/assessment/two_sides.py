"""Facts beside satisfaction, block by block.

Facts are counts; satisfaction is a sample, so its 95 % interval decides on which side of the cut a
unit stands. Method: framework/scoring.md, 'Combine facts and opinions late and openly'.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.errors import DataError
from data.scope import Scope
from data.store import Store
from metrics.assessment.cards import ROOT
from metrics.assessment.township_card import BAND_CUTS, assessed
from metrics.satisfaction.figures import by_unit, surveys

Strings = npt.NDArray[np.str_]
# Where the band 'good' begins: both sides are held against the same cut.
CUT = BAND_CUTS[1]
COLUMNS = [
    "unit_code", "name_zh", "name_en", "block", "facts", "satisfaction", "low", "high", "quadrant",
]  # fmt: skip


def paired_estimates(store: Store, scope: Scope, blocks: Iterable[str]) -> pd.DataFrame:
    """Return unit_code, block, estimate, se, low, high of the newest residents' survey.

    Blank where not shown; no rows without a survey, or where it does not ask about a block.
    """
    asked = tuple(blocks)
    about = ("paired_estimates", scope.year, scope.county, asked)
    return store.once(about, lambda: _paired_estimates(store, scope, asked), len)


def _paired_estimates(store: Store, scope: Scope, blocks: Iterable[str]) -> pd.DataFrame:
    found = surveys(store, Scope(scope.year, scope.county))
    parts = []
    for survey in found.loc[found["audience"].eq("resident"), "survey_id"][:1]:
        for block in blocks:
            try:
                table = by_unit(store, Scope(county=scope.county), survey, f"pair:{block}")
            except DataError as error:
                if error.code != "unknown_item":  # a survey need not ask about every block
                    raise
                continue
            parts.append(table[table["level"].eq("township")].assign(block=block))
    names = ["unit_code", "block", "estimate", "se", "low", "high"]
    return pd.concat([pd.DataFrame(columns=names), *parts])[names].reset_index(drop=True)


def two_sides(store: Store, scope: Scope) -> pd.DataFrame:
    """Return COLUMNS: points of facts and of the paired satisfaction, by unit and block.

    block: ROOT ('total') or a block; only where both sides have a figure. low, high: 95 % interval
    of satisfaction; of the total, the weighted mean of the blocks' (as wide as it can be, since one
    person answers about several). quadrant: 'felt' (both reach CUT), 'unfelt' (facts alone),
    'check' (satisfaction alone), 'weak' (neither), 'open' where the interval holds CUT or there is
    none.
    """
    assessment = assessed(store, scope)
    blocks = list(assessment.blocks)
    found = paired_estimates(store, assessment.scope, blocks).set_index(["unit_code", "block"])
    ends = {
        side: found[side].astype(float).unstack().reindex(assessment.units.index, columns=blocks)
        for side in ("low", "high")
    }
    paired = assessment.paired
    weights = pd.Series(assessment.blocks)
    held = paired.notna()

    def mean(table: pd.DataFrame) -> "pd.Series[float]":
        whole = table.notna().eq(held).all(axis=1)
        total = table.mul(weights).sum(axis=1) / held.mul(weights).sum(axis=1)
        return total.where(whole & held.any(axis=1))

    parts = []
    for block in (ROOT, *blocks):
        total = block == ROOT
        sides = {
            "facts": assessment.fact_scores[block],
            "satisfaction": mean(paired) if total else paired[block],
            **{side: mean(table) if total else table[block] for side, table in ends.items()},
        }
        parts.append(assessment.units[["name_zh", "name_en"]].assign(block=block, **sides))
    rows = pd.concat(parts).reset_index(names="unit_code")
    rows = rows[rows["facts"].notna() & rows["satisfaction"].notna()].reset_index(drop=True)
    return rows.assign(quadrant=_quadrants(rows))[COLUMNS]


def _quadrants(rows: pd.DataFrame) -> Strings:
    done, liked = rows["facts"] >= CUT, rows["low"] >= CUT
    sure = liked | (rows["high"] < CUT)
    return np.select(
        [~sure, done & liked, done, liked], ["open", "felt", "unfelt", "check"], "weak"
    )
