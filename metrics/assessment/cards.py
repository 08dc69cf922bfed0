"""What both cards share: a tree of points from 0 to 100, its rows, and weights that add up."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from data.words import Text
from metrics.scoring import Scheme, Scores

ROOT = "total"
FACTS_SHARE = 0.7
DATA_THRESHOLD = 0.6
# Whatever there is counts; the page says what a score lacks.
ANY_DATA = 0.0
TREE_COLUMNS = [
    "node", "parent", "level", "name_zh", "name_en", "unit_zh", "unit_en", "value", "num", "den",
    "n", "low", "high", "goal_low", "goal_high", "basis", "points", "weight", "contribution",
    "data_share", "origin", "note",
]  # fmt: skip
_TEXT = ["parent", "basis", "origin", "note"]


def points_scheme(rows: list[tuple[str, str, float]]) -> Scheme:
    """Return the tree of (id, parent, weight) over leaves that are points already."""
    meta = pd.DataFrame(rows, columns=["id", "parent", "weight"])
    return Scheme.from_frame(meta.assign(direction=1, goal_low=0.0, goal_high=100.0))


def words(name: Text, unit: Text) -> dict[str, str]:
    """Return name and unit as columns of a tree."""
    return {"name_zh": name.zh, "name_en": name.en, "unit_zh": unit.zh, "unit_en": unit.en}


def effective_weights(scores: Scores, unit: str) -> dict[str, float]:
    """Return the share of 100 that every node has in the score of a unit, after renormalisation."""
    parts = scores.contributions()
    own = parts[parts["unit"].eq(unit)]
    weights: dict[str, float] = dict(zip(own["node"], 100 * own["weight"], strict=True))
    for node in scores.scheme.upwards:
        weights[node] = sum(weights[child] for child in scores.scheme.children[node])
    return weights


def tree(
    rows: list[dict[str, Any]], weights: Mapping[str, float], columns: list[str]
) -> pd.DataFrame:
    """Return rows as a tree with contributions; without weights, those of the rows stay."""
    table = pd.DataFrame(rows).reindex(columns=columns)
    if weights:
        table["weight"] = [weights[node] for node in table["node"]]
    counts = bool(weights) & table["points"].notna() & (table["weight"] > 0)
    table["contribution"] = (table["points"].astype(float) * table["weight"] / 100).where(counts)
    table[_TEXT] = table[_TEXT].astype(object).fillna("")
    numbers = [name for name in columns if name in _NUMBERS]
    table[numbers] = table[numbers].astype(float)
    return table


_NUMBERS = frozenset(
    {
        "value", "num", "den", "n", "low", "high", "goal_low", "goal_high", "points", "weight",
        "contribution", "data_share", "target",
    }
)  # fmt: skip


def is_scored(value: float) -> bool:
    """Say whether there is a score; none is NaN."""
    return not np.isnan(value)
