"""Weights of blocks beside the framework's own: from judgement (AHP) and from the data.

Read-outs, never applied by themselves: entropy and CRITIC say where units differ, not what matters.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from data.errors import DataError
from data.scope import Scope
from data.store import Store
from metrics.assessment.township_card import Assessment, assessed
from metrics.composite.weights import (
    CONSISTENT_UP_TO,
    AhpWeights,
    weights_ahp,
    weights_critic,
    weights_entropy,
)

COLUMNS = ["method", "block", "declared", "weight", "units", "bands_changed"]
_BY_DATA = {"entropy": weights_entropy, "critic": weights_critic}


def by_data(store: Store, scope: Scope) -> pd.DataFrame:
    """Return COLUMNS of 'entropy' and 'critic'; no rows of a method the data do not allow.

    weight, declared: of the block, out of 100. units: those with a score in every block, which the
    weights rest on. bands_changed: units with a score whose band would be another.
    """
    assessment = assessed(store, Scope(scope.year, scope.county, unit_type=scope.unit_type))
    blocks = list(assessment.blocks)
    points = pd.DataFrame({block: assessment.scores.of(block) for block in blocks}).dropna()
    parts = []
    for method, weigh in _BY_DATA.items():
        try:
            weights = weigh(points, dict.fromkeys(blocks, 1))
        except DataError as error:
            if error.code != "weights_no_spread":
                raise
            continue
        parts.append(_beside(assessment, method, dict(weights), len(points)))
    return pd.concat([pd.DataFrame(columns=COLUMNS), *parts], ignore_index=True)


def by_judgement(
    store: Store, scope: Scope, *, upper: tuple[tuple[float, ...], ...], confirmed: bool = False
) -> tuple[pd.DataFrame, float]:
    """Return COLUMNS of 'ahp' and the consistency ratio of a matrix of pairwise comparisons.

    upper: the matrix of the blocks in their order; what stands above the diagonal counts, its
    mirror follows. Raises DataError `ahp_shape`, `ahp_not_reciprocal`, `ahp_inconsistent` (CR
    above 0.1, unless confirmed).
    """
    assessment = assessed(store, Scope(scope.year, scope.county, unit_type=scope.unit_type))
    found = judged(upper, list(assessment.blocks), confirmed=confirmed)
    table = _beside(assessment, "ahp", dict(found.weights), 0)
    return table, found.consistency_ratio


def judged(
    upper: tuple[tuple[float, ...], ...], blocks: list[str], *, confirmed: bool = False
) -> AhpWeights:
    """Return the AHP weights of a matrix of which only what is above the diagonal counts."""
    given = np.array(upper, dtype=float)
    n = len(blocks)
    if given.shape != (n, n):
        raise DataError("ahp_shape", rows=len(upper), columns=given.shape[-1])
    above = np.triu(given, 1)
    with np.errstate(divide="ignore"):
        below = np.tril(1 / given.T, -1)
    return weights_ahp(pd.DataFrame(above + below + np.eye(n), blocks, blocks), confirmed=confirmed)


def most_inconsistent(
    upper: tuple[tuple[float, ...], ...], blocks: list[str]
) -> tuple[str, str, float, float]:
    """Return the comparison that departs most from the weights: a, b, as judged, as they imply.

    Both figures say how many times more important a is than b; a is the more important one by the
    weights.
    """
    weights = judged(upper, blocks, confirmed=True).weights.to_numpy(float)
    implied = weights[:, None] / weights[None, :]
    given = np.triu(np.array(upper, dtype=float), 1)
    given = np.where(given > 0, given, implied)
    departs = np.triu(np.abs(np.log(given / implied)), 1)
    row, column = (int(each) for each in np.unravel_index(int(departs.argmax()), departs.shape))
    told, fits = float(given[row, column]), float(implied[row, column])
    if fits < 1:
        return blocks[column], blocks[row], 1 / told, 1 / fits
    return blocks[row], blocks[column], told, fits


def consistent(ratio: float) -> bool:
    """Say whether judgements hold together well enough (Saaty: a ratio of 0.1 or less)."""
    return ratio <= CONSISTENT_UP_TO


def _beside(
    assessment: Assessment, method: str, weights: Mapping[str, float], units: int
) -> pd.DataFrame:
    declared = pd.Series(assessment.blocks, dtype=float)
    found = assessment.bands_under(weights)
    scored = found["band_before"].notna()
    changed = int((scored & found["band_before"].ne(found["band_after"])).sum())
    return pd.DataFrame(
        {
            "method": method,
            "block": list(declared.index),
            "declared": list(100 * declared / declared.sum()),
            "weight": [100 * float(weights[block]) for block in declared.index],
            "units": units,
            "bands_changed": changed,
        }
    )[COLUMNS]
