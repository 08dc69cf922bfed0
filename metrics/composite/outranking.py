"""Two ways to combine children that are no means: closeness to the ideal, pairwise majority.

Both compare units with each other, so that a unit's points depend on who else is there.
"""

import numpy as np

from metrics.composite.scheme import DECIMALS, Floats

# Where units do not differ at all, they are neither near the best nor near the worst.
UNDECIDED = 50.0
_PAIRS_AT_ONCE = 2**20


def closeness(points: Floats, weights: Floats) -> Floats:
    """Return TOPSIS closeness to the ideal, 0-1, by unit (columns of points).

    points: children × units, more is better, on one scale; NaN where missing. weights: one per
    child, 0 or positive. With v = w x, the ideal takes the largest v of every child, the
    anti-ideal the smallest; closeness = d⁻ / (d⁺ + d⁻) with Euclidean distances. A unit is
    measured on the children it has, NaN where it has none; units that do not differ get 0.5.
    For the textbook's vector normalisation pass each column divided by its norm, costs negated.
    Hwang and Yoon, Multiple Attribute Decision Making (1981).
    """
    to_best, to_worst = np.zeros(points.shape[1]), np.zeros(points.shape[1])
    known = np.zeros(points.shape[1], dtype=bool)
    for weight, child in zip(weights, np.round(points, DECIMALS), strict=True):
        present = np.isfinite(child)
        if weight > 0 and present.any():
            best, worst = child[present].max(), child[present].min()
            to_best += np.where(present, weight * (best - child), 0) ** 2
            to_worst += np.where(present, weight * (child - worst), 0) ** 2
            known |= present
    to_best, to_worst = np.sqrt(to_best), np.sqrt(to_worst)
    differs = to_best + to_worst > 0
    share = to_worst / np.where(differs, to_best + to_worst, 1.0)
    return np.where(known, np.where(differs, share, UNDECIDED / 100), np.nan)


def copeland(points: Floats, weights: Floats) -> Floats:
    """Return the share of pairwise contests each unit (column of points) wins, 0-100.

    points: children × units, more is better; NaN where missing. weights: one per child. A unit
    wins against another if the children on which it is better outweigh those on which it is
    worse, both counted on the children both have; a tie is half a win. Points and majorities are
    rounded to 1e-9 first. A single unit has no contest and gets 50. The work grows with units².
    Copeland (1951); Munda and Nardo, non-compensatory indicators (OECD/JRC Handbook, step 6).
    """
    points = np.round(points, DECIMALS)
    units = points.shape[1]
    if units < 2:
        return np.where(np.isfinite(points).any(axis=0), UNDECIDED, np.nan)
    # A contest with oneself is a tie, which is taken off again.
    wins = np.full(units, -0.5)
    rows = max(1, _PAIRS_AT_ONCE // units)
    for start in range(0, units, rows):
        mine = slice(start, min(start + rows, units))
        margin = np.zeros((mine.stop - start, units))
        for weight, child in zip(weights, points, strict=True):
            own = child[mine, None]
            # Comparisons with NaN are false both ways: who lacks the child is not compared on it.
            margin += weight * ((own > child).view(np.int8) - (own < child).view(np.int8))
        wins[mine] += (1 + np.sign(np.round(margin, DECIMALS))).sum(axis=1) / 2
    return np.where(np.isfinite(points).any(axis=0), 100 * wins / (units - 1), np.nan)
