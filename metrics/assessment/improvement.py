"""What would lift a township most: points left on the table, indicator by indicator."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from metrics.assessment.cards import ROOT
from metrics.assessment.township_card import BAND_CUTS
from metrics.scoring import DECIMALS

# Points of the best band; points under which a band is no longer 'adequate'.
STRONG, WEAK = BAND_CUTS[0], BAND_CUTS[2]
COLUMNS = [
    "node", "parent", "level", "name_zh", "name_en", "unit_zh", "unit_en", "value", "goal_high",
    "points", "weight", "gain", "reaches",
]  # fmt: skip


class NextBand(NamedTuple):
    """The band above, the points it takes from here, and how many single improvements do it.

    band: None in the best band or without a score. steps: the fewest of the largest gains that
    add up to `needed`; None where even all of them do not.
    """

    band: int | None
    needed: float
    steps: int | None


def lifts(tree: pd.DataFrame) -> pd.DataFrame:
    """Return COLUMNS of what counts in a township's tree, the largest gain first.

    gain: points of the whole score if this alone came to full points, everything else as it is.
    reaches: whether that alone lifts the township into the next band.
    """
    leaves = _counting(tree)
    leaves["gain"] = (100 - leaves["points"]) * leaves["weight"] / 100
    needed = next_band(tree).needed
    leaves["reaches"] = (leaves["gain"].round(DECIMALS) >= round(needed, DECIMALS)) & (needed > 0)
    order = leaves.sort_values(["gain", "node"], ascending=[False, True])
    return order[order["gain"] > 0][COLUMNS].reset_index(drop=True)


def sides(tree: pd.DataFrame) -> pd.DataFrame:
    """Return what counts in a township's tree and is strong or weak, with the column `side`.

    side: 'strength' from STRONG points on, the most points first, then 'weakness' under WEAK
    points, the fewest first; of alike ones that of the larger weight.
    """
    leaves = _counting(tree)
    points = leaves["points"].round(DECIMALS)
    leaves["side"] = np.select([points >= STRONG, points < WEAK], ["strength", "weakness"], "")
    found = leaves[leaves["side"] != ""]
    away = (found["points"] - (STRONG + WEAK) / 2).abs().round(DECIMALS)
    order = found.assign(away=away).sort_values(
        ["side", "away", "weight", "node"], ascending=[True, False, False, True]
    )
    return order.drop(columns="away").reset_index(drop=True)


def _counting(tree: pd.DataFrame) -> pd.DataFrame:
    """Return the leaves that have points which count."""
    leaves = tree["level"].isin(["indicator", "satisfaction"]) & (tree["weight"] > 0)
    return tree[leaves & tree["points"].notna()].copy()


def next_band(tree: pd.DataFrame) -> NextBand:
    """Return what separates a township from the next band."""
    root = tree[tree["node"].eq(ROOT)]
    score = float(root["points"].iloc[0]) if len(root) else np.nan
    above = [cut for cut in BAND_CUTS if round(score, DECIMALS) < cut]
    if np.isnan(score) or not above:
        return NextBand(None, 0.0, None)
    needed = min(above) - score
    leaves = _counting(tree)
    gains = (100 - leaves["points"]) * leaves["weight"] / 100
    together = gains.sort_values(ascending=False).cumsum().round(DECIMALS)
    reached = np.flatnonzero((together >= round(needed, DECIMALS)).to_numpy())
    steps = int(reached[0]) + 1 if len(reached) else None
    return NextBand(1 + BAND_CUTS.index(min(above)), needed, steps)
