"""What would change a band: the smallest change of one indicator alone, up and down.

Everything else stays as it is, and the change stays within the goalposts, since beyond them
nothing is earned or lost. Units of measure differ, so changes are compared by points.
"""

import numpy as np
import pandas as pd

from data.scope import Scope
from data.store import Store
from data.words import both
from metrics.assessment.cards import ROOT
from metrics.assessment.township_card import BAND_CUTS, Assessment, assessed, block_name
from metrics.register import INDICATORS
from metrics.scoring import DECIMALS

COLUMNS = [
    "unit_code", "name_zh", "name_en", "direction", "needed", "node", "node_zh", "node_en",
    "unit_zh", "unit_en", "value", "value_needed", "points", "points_needed",
]  # fmt: skip
# Falling means to lie under the cut, not on it.
_UNDER = 10.0**-DECIMALS
_COUNTED = {each.id for each in INDICATORS.values() if each.polarity == "target"}


def band_moves(store: Store, scope: Scope) -> pd.DataFrame:
    """Return COLUMNS: per unit and direction the smallest single change that moves its band.

    direction: 'up' | 'down'. needed: points of the score to the cut. points_needed, value_needed:
    what the indicator (or the satisfaction of a block) must come to, alone. Of the township in
    scope every single change that does it, the smallest first. A unit without a row in a direction
    cannot move there by one change. Values of satisfaction are points.
    """
    assessment = assessed(store, scope)
    leaves = _leaves(assessment)
    cuts = _cuts(assessment.scores.of(ROOT))
    moves = pd.concat(
        [_moves(leaves, cuts[side], side) for side in ("up", "down")], ignore_index=True
    )
    moves["size"] = (moves["points_needed"] - moves["points"]).abs().round(DECIMALS)
    moves = moves.sort_values(["unit_code", "direction", "size", "node"])
    if not scope.township:
        moves = moves.drop_duplicates(["unit_code", "direction"])
    names = assessment.units[["name_zh", "name_en"]].reset_index(names="unit_code")
    found = moves.merge(names, on="unit_code")
    told = [_words(str(node)) for node in found["node"]]
    for column, place in zip(["node_zh", "node_en", "unit_zh", "unit_en"], range(4), strict=True):
        found[column] = [each[place] for each in told]
    return found[COLUMNS].reset_index(drop=True)


def _leaves(assessment: Assessment) -> pd.DataFrame:
    """Return what counts in each score: unit_code, node, points, weight (0-1), value, goalposts."""
    parts = assessment.scores.contributions().rename(columns={"unit": "unit_code"})
    parts = parts[parts["weight"] > 0].astype({"points": float, "weight": float})
    facts = assessment.facts.rename(columns={"indicator_id": "node"})
    held = facts[["unit_code", "node", "value", "goal_low", "goal_high"]]
    leaves = parts[["unit_code", "node", "points", "weight"]].merge(
        held, on=["unit_code", "node"], how="left"
    )
    opinion = leaves["node"].str.startswith("pair:")
    leaves.loc[opinion, "value"] = leaves.loc[opinion, "points"]
    leaves.loc[opinion, ["goal_low", "goal_high"]] = (0.0, 100.0)
    return leaves


def _cuts(scores: "pd.Series[float]") -> pd.DataFrame:
    """Return the way to the cut above and to just under the cut below, NaN where there is none."""
    score = scores.round(DECIMALS).to_numpy()[:, None]
    cuts = np.array(BAND_CUTS)
    above = np.where(score < cuts, cuts - score, np.nan)
    below = np.where(score >= cuts, cuts - score - _UNDER, np.nan)
    known = [bool(len(cuts)) and not np.isnan(row).all() for row in above]
    up = [np.nanmin(row) if some else np.nan for row, some in zip(above, known, strict=True)]
    fall = [not np.isnan(row).all() for row in below]
    down = [np.nanmax(row) if some else np.nan for row, some in zip(below, fall, strict=True)]
    return pd.DataFrame({"up": up, "down": down}, index=scores.index)


def _moves(leaves: pd.DataFrame, needed: "pd.Series[float]", side: str) -> pd.DataFrame:
    """Return the leaves that alone can move the score by what is needed."""
    rows = leaves.assign(direction=side, needed=leaves["unit_code"].map(needed).astype(float))
    rows["points_needed"] = rows["points"] + rows["needed"] / rows["weight"]
    rows = rows[rows["points_needed"].round(DECIMALS - 1).between(0, 100)].copy()
    span = rows["goal_high"].astype(float) - rows["goal_low"].astype(float)
    rows["value_needed"] = rows["goal_low"] + span * rows["points_needed"] / 100
    # Nobody holds two fifths of a drill: what is counted moves by whole times.
    counted = rows["node"].isin(_COUNTED)
    whole = np.ceil if side == "up" else np.floor
    times = whole(rows.loc[counted, "value_needed"].astype(float).round(DECIMALS - 1))
    points = 100 * (times - rows["goal_low"].astype(float)) / span
    rows["value_needed"] = rows["value_needed"].mask(counted, times)
    rows["points_needed"] = rows["points_needed"].mask(counted, points.clip(0, 100))
    return rows


def _words(node: str) -> tuple[str, str, str, str]:
    if node in INDICATORS:
        found = INDICATORS[node]
        return (*found.name, *found.unit)
    block = block_name(node.removeprefix("pair:"))
    return (*both("scorecard.satisfaction", block=block), *both("scorecard.points_unit"))
