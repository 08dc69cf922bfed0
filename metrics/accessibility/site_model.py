"""The model behind the choice of sites: what each candidate saves for each group of people.

Both questions are one: choose at most p candidates so that the sum over groups of people × the most
that any chosen candidate saves for one of them is largest. Covering: a candidate saves 1 where it
reaches and nothing else. p-median: it saves the metres by which it is nearer than what people have.
"""

import time
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from metrics.accessibility.sphere import Bools, Floats, Rows

# Comparing every candidate with every other pays only while it is quick.
MOST_COMPARISONS = 4e8
# An exchange that begins well ends in three or four.
MOST_SWEEPS = 10
# Savings are sums of floats; below this share of the whole they are rounding, not people.
ROUNDING = 1e-12


@dataclass(frozen=True)
class Model:
    """saves: groups × candidates (sparse, nothing below 0); people: of each group; idle: of each
    candidate; least: how many must be chosen; columns: candidates as the caller counts them.
    """

    saves: sp.csr_array
    people: Floats
    idle: Bools
    least: int
    columns: Rows

    def value(self, chosen: Rows) -> float:
        """Return what a choice saves in all."""
        return float(self.people @ best_saved(self.saves, chosen))


def best_saved(saves: sp.csr_array, chosen: Rows) -> Floats:
    """Return the most that any chosen candidate saves for one person of each group."""
    if not len(chosen) or not saves.shape[0]:
        return np.zeros(saves.shape[0])
    return np.asarray(saves[:, chosen].max(axis=1).toarray(), dtype=float).ravel()


def reduced(model: Model) -> Model:
    """Return a smaller model with the same optima in people, new buildings and number of sites.

    Groups with the same savings are merged, groups nobody can help and candidates that help nobody
    fall away, and so does a candidate that another beats or equals everywhere and that is not idle
    unless the other is: exchanging it loses nobody and adds no new building (Church and ReVelle's
    column and row dominance). Repeated, because fewer candidates make more groups alike.
    """
    while True:
        model = _merged(model)
        kept = _undominated(model)
        if kept.all():
            return model
        model = restricted(model, np.flatnonzero(kept).astype(np.intp))


def restricted(model: Model, kept: Rows) -> Model:
    """Return the model with some of its candidates only."""
    saves = sp.csr_array(model.saves[:, kept])
    return Model(saves, model.people, model.idle[kept], model.least, model.columns[kept])


def _merged(model: Model) -> Model:
    """Merge groups with the same savings; their order then depends on these alone."""
    # A copy: zeros are taken out in place, under the feet of whoever shares the arrays.
    saves = sp.csr_array(model.saves, copy=True)
    saves.eliminate_zeros()
    saves.sort_indices()
    alike: dict[bytes, list[int]] = {}
    for group in np.flatnonzero((np.diff(saves.indptr) > 0) & (model.people > 0)):
        part = slice(saves.indptr[group], saves.indptr[group + 1])
        key = saves.indices[part].astype(np.int32).tobytes() + saves.data[part].tobytes()
        alike.setdefault(key, []).append(int(group))
    keys = sorted(alike)
    first = np.array([alike[key][0] for key in keys], dtype=np.intp)
    # Sorted before they are added, so that no order of rows changes the last digit.
    people = np.array([np.sort(model.people[alike[key]]).sum() for key in keys], dtype=float)
    return Model(sp.csr_array(saves[first]), people, model.idle, model.least, model.columns)


def _undominated(model: Model) -> Bools:
    """Say which candidates no other one replaces; of equals the first idle one stays."""
    groups, count = model.saves.shape
    kept = np.ones(count, dtype=np.bool_)
    if not groups:
        return kept
    columns = sp.csc_array(model.saves)
    sizes = np.diff(columns.indptr)
    if float(columns.nnz) * count > MOST_COMPARISONS:
        return np.asarray(sizes > 0)
    for one in range(count):
        part = slice(columns.indptr[one], columns.indptr[one + 1])
        rows, own = columns.indices[part], columns.data[part]
        other = model.saves[rows].toarray()
        as_good = (other >= own[:, None]).all(axis=0) & kept & (model.idle | ~model.idle[one])
        as_good[one] = False
        kept[one] = not as_good.any() if len(rows) else False
    return kept


def greedy(model: Model, p: int) -> Rows:
    """Choose one candidate after the other, each time the one that saves most; idle ones first."""
    chosen: list[int] = []
    while len(chosen) < min(p, model.saves.shape[1]):
        gains = marginal(model, np.array(chosen, dtype=np.intp))
        gains[chosen] = -1.0
        most = gains.max()
        if most <= ROUNDING * model.people.sum() and len(chosen) >= model.least:
            break
        best = np.flatnonzero(gains >= most * (1 - 1e-12))
        chosen.append(int(best[np.argmax(model.idle[best])]))
    return np.array(chosen, dtype=np.intp)


def swapped(model: Model, chosen: Rows, end: float) -> Rows:
    """Exchange one chosen candidate for another while that saves more (Teitz and Bart 1968).

    end: on the monotonic clock, when to stop.
    """
    for _ in range(MOST_SWEEPS):
        value = model.value(chosen)
        for place in range(len(chosen)):
            if time.monotonic() > end:
                return chosen
            gains = marginal(model, np.delete(chosen, place))
            if gains.max() > gains[chosen[place]]:
                chosen = np.append(np.delete(chosen, place), np.argmax(gains))
        if model.value(chosen) <= value * (1 + ROUNDING):
            break
    return chosen


def marginal(model: Model, chosen: Rows) -> Floats:
    """Return what each candidate would save on top of those chosen."""
    if not model.saves.nnz:
        return np.zeros(model.saves.shape[1])
    held = best_saved(model.saves, chosen)
    entries = sp.coo_array(model.saves)
    more = np.maximum(entries.data - held[entries.row], 0.0) * model.people[entries.row]
    return np.bincount(entries.col, more, model.saves.shape[1]).astype(float)


def quick_bound(model: Model, chosen: Rows, p: int) -> float:
    """Return what no choice of p can exceed (savings only diminish: Nemhauser, Wolsey, Fisher)."""
    gains = np.sort(marginal(model, chosen))[::-1][:p]
    ceiling = float(model.people @ best_saved(model.saves, np.arange(model.saves.shape[1])))
    return min(model.value(chosen) + float(gains.sum()), ceiling)
