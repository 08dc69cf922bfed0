"""Ranks as ranges: how far a place depends on weights, methods, sampling and single blocks.

Method: uncertainty analysis of composite indicators, Saisana, Saltelli and Tarantola, J. R.
Statist. Soc. A 168 (2005); OECD/JRC Handbook (2008), step 7.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from data.errors import DataError
from metrics.composite.ranking import Ranks, rank_type, ranks, rounded
from metrics.composite.scheme import DECIMALS, Floats, Ints, Scheme
from metrics.composite.simulation import METHODS, Methods, Runs, Simulator, check_range, simulator
from metrics.frames import is_number

QUANTILES = (0.05, 0.5, 0.95)
_UNITS_AT_ONCE = 4096


@dataclass(frozen=True)
class RankRanges:
    """Ranges of ranks.

    table: one row per node and unit: unit, node, rank (as declared), low, median, high (5 %, 50 %
    and 95 % of the ranks drawn, linear between them; NaN for units without a declared score),
    draws (how many gave the unit a rank) and, with bands, band_1 (best), band_2, …: the share of
    these draws in each.
    draws: one row per draw (index): normalise, aggregate, left_out ('' none) and, per node, its
    weight among its siblings.
    """

    table: pd.DataFrame
    draws: pd.DataFrame
    simulator: Simulator
    leave_out: bool

    def of(self, node: str | None = None) -> pd.DataFrame:
        """Return the ranges on one node, by unit; without a node, on the root."""
        rows = self.table[self.table["node"].eq(node or self.simulator.scheme.root)]
        return rows.set_index("unit").drop(columns="node")

    def replay(self, draw: int) -> pd.DataFrame:
        """Compute one draw alone from its number: scores of units (rows) on nodes (columns)."""
        runs, _ = _drawn(self.simulator, np.array([draw]), self.leave_out)
        nodes = self.simulator.scheme.upwards
        columns = {node: self.simulator.scores(node, runs)[0] for node in nodes}
        return pd.DataFrame(columns, index=self.simulator.units)

    def of_mean(self) -> tuple[float, float, float]:
        """Return 5 %, 50 % and 95 % of the mean score of all units on the root, over the draws.

        Units without a declared score are left out of the mean.
        """
        found, root = self.simulator, self.simulator.scheme.root
        runs, _ = _drawn(found, self.draws.index.to_numpy(), self.leave_out)
        means = [
            np.nanmean(found.scores(root, runs.part(chunk)), axis=1)
            for chunk in found.chunks(len(runs))
        ]
        low, middle, high = np.quantile(np.concatenate(means), QUANTILES)
        return float(low), float(middle), float(high)


def rank_ranges(
    values: Any,
    scheme: Scheme,
    *,
    draws: int = 1000,
    weight_noise: float = 0.25,
    methods: Methods = METHODS,
    standard_errors: Any = None,
    leave_out: bool = True,
    bands: Sequence[float] | None = None,
    nodes: Sequence[str] | None = None,
    data_threshold: float = 0.6,
    floor: float = 1.0,
    seed: int = 0,
) -> RankRanges:
    """Rank units again and again under other sound choices and return the range of their ranks.

    values, scheme: as for `score`. Each draw multiplies every weight by a number uniform within
    1 ± weight_noise, adds normal sampling error with standard_errors (units × leaves, in the units
    of the values), picks one of methods (pairs (normalise, aggregate), the first is the declared
    one; or {"normalise": …, "aggregate": …} for all combinations) and, with leave_out, leaves out
    one of the root's children or none, all alike. Draw number d depends on (seed, d) alone.
    bands: cut points of scores, best first. nodes: those to rank, by default all with children.
    Units without a declared rank are never ranked; which ones have enough data follows the
    declared weights. Raises what `score` raises and DataError `methods_none`, `methods_clash`,
    `parameter_outside`, `standard_errors_invalid`, `node_without_children`, `no_scored_unit`.
    """
    check_range("draws", draws, isinstance(draws, Integral) and draws >= 1, "1, 2, 3, …")
    scheme = Scheme.of(scheme)
    for cut in bands or ():
        check_range("bands", cut, is_number(cut) and bool(np.isfinite(cut)), "90, 75, …")
    for node in nodes or ():
        if node not in scheme.children:
            raise DataError("node_without_children", node=node)
    found = simulator(
        values,
        scheme,
        methods=methods,
        weight_noise=weight_noise,
        standard_errors=standard_errors,
        data_threshold=data_threshold,
        floor=floor,
        seed=seed,
    )
    cuts = sorted(bands or (), reverse=True)
    runs, left_out = _drawn(found, np.arange(draws), leave_out)
    # Node by node: only one table of draws × units is ever held.
    parts = [_ranges(found, node, runs, cuts) for node in nodes or reversed(scheme.upwards)]
    table = pd.concat(parts, ignore_index=True)
    return RankRanges(table, _described(found, runs, left_out), found, leave_out)


def _drawn(found: Simulator, numbers: Ints, leave_out: bool) -> tuple[Runs, Ints]:
    """Return the runs of these draws and the block each leaves out (-1 none)."""
    size = len(found.scheme.nodes)
    blocks = len(found.blocks) if leave_out else 0
    changes = np.empty((len(numbers), size))
    method = np.empty(len(numbers), np.int64)
    left_out = np.empty(len(numbers), np.int64)
    for place, number in enumerate(numbers):
        stream = np.random.default_rng([found.choices.seed, int(number)])
        changes[place] = stream.random(size)
        method[place] = stream.integers(len(found.choices.methods))
        left_out[place] = stream.integers(-1, blocks)
    return Runs(found.weights(changes, left_out), method, numbers.astype(np.int64)), left_out


def _ranges(found: Simulator, node: str, runs: Runs, cuts: Sequence[float]) -> pd.DataFrame:
    """Return the ranges of one node, by unit."""
    units = len(found.units)
    held = np.empty((len(runs), units), rank_type(units))
    reached = np.zeros((len(cuts), units))
    limits = [-round(cut * 10**DECIMALS) for cut in cuts]
    for chunk in found.chunks(len(runs)):
        scores = found.comparable(node, runs.part(chunk))
        held[chunk] = ranks(scores)
        if limits:
            keys = rounded(scores)
            for place, limit in enumerate(limits):
                reached[place] += (keys <= limit).sum(axis=0)
    quantiles, drawn = _quantiles(held)
    table = pd.DataFrame({"unit": found.units, "node": node})
    table["rank"] = found.declared.ranks(node).to_numpy()
    table["low"], table["median"], table["high"] = quantiles
    table["draws"] = drawn
    if cuts:
        counts = np.diff(np.vstack([np.zeros(units), reached, drawn]), axis=0)
        shares = counts / np.where(drawn > 0, drawn, np.nan)
        for band, share in enumerate(shares, start=1):
            table[f"band_{band}"] = share
    return table


def _quantiles(held: Ranks) -> tuple[Floats, Ints]:
    """Return QUANTILES × units and how many draws ranked each unit (rank 0 is none)."""
    units = held.shape[1]
    result = np.full((len(QUANTILES), units), np.nan)
    drawn = np.zeros(units, np.int64)
    for start in range(0, units, _UNITS_AT_ONCE):
        part = slice(start, min(start + _UNITS_AT_ONCE, units))
        ordered = np.sort(np.ascontiguousarray(held[:, part].T), axis=1)
        count = (ordered > 0).sum(axis=1)
        drawn[part] = count
        skip = ordered.shape[1] - count
        rows = np.arange(len(count))
        for place, share in enumerate(QUANTILES):
            position = share * np.maximum(count - 1, 0)
            below = np.floor(position).astype(np.int64)
            above = np.minimum(below + 1, np.maximum(count - 1, 0))
            last = ordered.shape[1] - 1
            low = ordered[rows, np.minimum(skip + below, last)].astype(float)
            high = ordered[rows, np.minimum(skip + above, last)].astype(float)
            between = low + (high - low) * (position - below)
            result[place, part] = np.where(count > 0, between, np.nan)
    return result, drawn


def _described(found: Simulator, runs: Runs, left_out: Ints) -> pd.DataFrame:
    """Return what every draw chose."""
    methods = np.array(found.choices.methods, dtype=object)[runs.method]
    blocks = np.array([*found.blocks, ""], dtype=object)
    columns: dict[str, object] = {
        "normalise": methods[:, 0],
        "aggregate": methods[:, 1],
        "left_out": blocks[left_out],
    }
    for members in found.scheme.children.values():
        places = [found.places[child] for child in members]
        own = runs.weights[:, places]
        shares = own / own.sum(axis=1, keepdims=True)
        columns |= {child: shares[:, place] for place, child in enumerate(members)}
    return pd.DataFrame(columns, index=pd.RangeIndex(len(runs), name="draw"))
