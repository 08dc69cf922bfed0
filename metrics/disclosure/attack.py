"""What a reader can work out from sums: the smallest group of people that follows from them.

A group of hidden cells is known when adding and subtracting sums that are shown gives it. Which is
the smallest such group around a cell is a linear programme; trust.md calls its solver the attacker.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import linprog

from metrics.frames import Floats, Ints

_SAME = 1e-6


def smallest_known(
    sums: Floats, people: Floats, unit: Ints, cell: int, minimum: int
) -> Sequence[int] | None:
    """Return the sums that tell of fewer than `minimum` people around a cell, None if none do.

    sums: one row per sum that is shown, 1 for the hidden cells in it; people: behind each cell;
    unit: whose people they are, numbered from 0: cells of one unit are answers of the same people,
    of whom there are at least as many as in the largest of them.
    """
    rows, cells = sums.shape
    units = int(unit.max()) + 1
    inside = sums.T
    own = np.zeros((cells, units))
    own[np.arange(cells), unit] = 1.0
    nothing = np.zeros((cells, units))
    found: Any = linprog(
        np.concatenate([np.zeros(rows), np.ones(units)]),
        A_ub=np.vstack(
            [
                np.hstack([inside, nothing]),
                np.hstack([-inside, nothing]),
                np.hstack([inside * people[:, None], -own]),
            ]
        ),
        b_ub=np.concatenate([np.ones(cells), np.zeros(2 * cells)]),
        A_eq=np.hstack([inside[[cell]], np.zeros((1, units))]),
        b_eq=[1.0],
        bounds=[(None, None)] * rows + [(0, None)] * units,
        method="highs",
    )
    if found.status != 0 or float(found.fun) > minimum - _SAME:
        return None
    parts = np.asarray(found.x, dtype=float)[:rows]
    return [int(row) for row in np.flatnonzero(np.abs(parts) > _SAME)]
