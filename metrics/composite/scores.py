"""Composite scores on a tree of weighted nodes: normalise, aggregate, rank, take apart.

Polarity is applied once, first. Weights are renormalised over what is there only while a node's
data share reaches the threshold; otherwise the node has no score. Method: OECD/JRC Handbook on
Constructing Composite Indicators (2008).

Compared with R's COINr 1.1 on its ASEM data (51 units, 49 indicators, gaps included): all five
normalisations with all means, and Copeland without gaps, agree to rounding. What differs is kept:
copeland is 0-100, not -(n-1) to n-1, and compares two units on what both have (there, with gaps,
the order of the rows decides); a data share is a share of weight over all that lies below, not of
the children that have a score; points below the floor enter a geometric mean as the floor, where
COINr stops and its users rescale to 1-100 first: do so by values in points and goalposts 0 and 100.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from data.errors import DataError
from metrics.composite.aggregation import (
    MEANS,
    Carried,
    Scored,
    aggregations,
    check_methods,
    compared,
    mean,
    present_weight,
    where_scored,
)
from metrics.composite.normalisation import normalised
from metrics.composite.scheme import DECIMALS, Bools, Floats, Scheme, check_number
from metrics.frames import as_frame, is_number, numbers, require

_ROWS_NAMED = 10
# So many units × sixty leaves stay in the processor's cache.
_PIECE = 512


@dataclass(frozen=True)
class Scores:
    """Scores of units on all nodes of a scheme.

    values: one row per unit, the leaves as columns. points: node -> its score by unit, leaves
    carry their points. leaf_points: those of all leaves, one leaf after the other. shares: node ->
    share of its weight that has data, 0-1, one number where all units have the same. methods:
    node -> aggregation. scored: node -> where there are points, True for everywhere.
    """

    values: pd.DataFrame
    scheme: Scheme
    points: Mapping[str, Floats]
    leaf_points: pd.Series
    shares: Mapping[str, Carried | Scored]
    methods: Mapping[str, str]
    scored: Mapping[str, Scored]
    options: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def table(self) -> pd.DataFrame:
        """Return unit, node, score, coverage, note ('' | 'no_data' | 'not_enough_data')."""
        points = np.concatenate([*self.points.values()])
        coverage = np.concatenate([self._share(node) for node in self.points])
        note = np.where(coverage > 0, "not_enough_data", "no_data")
        columns = {"score": points, "coverage": coverage}
        table = _long(self.values.index, list(self.points), columns)
        return table.assign(note=np.where(np.isfinite(points), "", note))

    def of(self, node: str) -> pd.Series:
        """Return the scores of one node by unit; DataError `node_unknown` for one not there."""
        self._check(node)
        return pd.Series(self.points[node], self.values.index.rename("unit"), name="score")

    def coverage(self, node: str) -> pd.Series:
        """Return the data share of one node by unit; DataError `node_unknown`."""
        self._check(node)
        return pd.Series(self._share(node), self.values.index.rename("unit"), name="coverage")

    def _share(self, node: str) -> Floats:
        return np.broadcast_to(1.0 * self.shares[node], len(self.values))

    def _check(self, node: str) -> None:
        if node not in self.points:
            raise DataError("node_unknown", node=node)

    def ranks(self, node: str | None = None) -> pd.Series:
        """Rank the units `compared` on a node, 1 the best, ties sharing the smallest rank.

        Others are NaN. Scores are rounded to 1e-9 before they are compared.
        """
        node = node or self.scheme.root
        scores = self.of(node).where(self.compared(node))
        return scores.round(DECIMALS).rank(ascending=False, method="min")

    def compared(self, node: str) -> Bools:
        """Say which units are ranked on a node: those with a score that lack no whole branch.

        What is left of a unit without its weakest branch may look like the best of all. A branch
        that nobody has is nobody's lack; with data_threshold 0 any data will do for a rank as well.
        """
        result = np.isfinite(self.points[node])
        for child in self.scheme.children.get(node, ()):
            branch = child in self.scheme.children and self.scheme.nodes[child].weight > 0
            if branch and self.options["data_threshold"] and np.any(self.scored[child]):
                result &= self.scored[child]
        return result

    def contributions(self) -> pd.DataFrame:
        """Return unit, node, points, weight, contribution of every leaf; they add up to the score.

        weight: the leaf's share of the root after renormalisation, 0-1 (0 where it does not
        count). Raises DataError `not_additive` unless every node is an arithmetic mean.
        """
        if set(self.methods.values()) != {"arithmetic"}:
            raise DataError("not_additive")
        leaves, units = self.scheme.leaves, len(self.values)
        shared = self._shared()
        weights, parts = np.empty((2, len(leaves), units))
        # In the order they stand in memory, which the system hands out page by page.
        for leaf, weight, part in zip(leaves, weights, parts, strict=True):
            node = self.scheme.nodes[leaf]
            above = shared[node.parent or ""]
            worth = weight[:] = above * node.weight * self.scored[leaf]
            np.multiply(self.points[leaf], worth, out=part)
            if np.any(empty := np.equal(above, 0) | (node.weight == 0)):
                np.copyto(part, np.nan, where=empty)
        columns = {
            "points": self.leaf_points,
            "weight": weights.reshape(-1),
            "contribution": parts.reshape(-1),
        }
        return _long(self.values.index, list(leaves), columns)

    def _shared(self) -> dict[str, Carried]:
        """Return, of every node with children, what a weight of 1 below it is worth by unit.

        The node's own weight in the root is divided among the children a unit has.
        """
        nodes, result = self.scheme.nodes, dict[str, Carried]()
        for parent in reversed(self.scheme.upwards):
            above = nodes[parent].parent
            own = result[above] * nodes[parent].weight if above else 1.0
            members = self.scheme.children[parent]
            weights = np.array([nodes[child].weight for child in members])
            total = present_weight(weights, [self.scored[child] for child in members])
            result[parent] = own * self.scored[parent] / np.where(total > 0, total, 1.0)
        return result

    def what_if(self, unit: str, changes: Mapping[str, float]) -> "Scores":
        """Score again with other values of some leaves of one unit.

        Raises DataError `what_if_unknown` for a unit or a leaf that is not there.
        """
        if not isinstance(changes, Mapping | pd.Series):
            raise DataError("what_if_unknown", unit=unit, nodes=str(changes))
        changes = dict(changes)
        unknown = [str(leaf) for leaf in changes if leaf not in self.scheme.leaves]
        if unknown or unit not in self.values.index:
            raise DataError("what_if_unknown", unit=unit, nodes=", ".join(sorted(unknown)))
        values = self.values.copy()
        for leaf, value in changes.items():
            if not is_number(value):
                raise DataError("not_numeric", column=leaf, rows="1")
            place: Any = values.index.get_loc(unit), values.columns.get_loc(leaf)
            values.iloc[place] = value
        return score(values, self.scheme, **self.options)


def score(
    values: Any,
    scheme: Scheme | Any,
    *,
    normalise: str = "goalposts",
    aggregate: str | Mapping[str, str] = "arithmetic",
    data_threshold: float = 0.6,
    floor: float = 1.0,
) -> Scores:
    """Score units (rows) on a scheme from the values of its leaves (columns).

    values: a DataFrame, a pyarrow Table or a DuckDB relation; a column `unit` names the units,
    else the index does. Each unit stands there once. scheme: a Scheme or the table of one.
    normalise: goalposts (0-100, over-fulfilment earns nothing), minmax and percentile (0-100 among
    these units), rank (1 the worst), zscore (mean 0, standard deviation 1). aggregate: arithmetic,
    geometric, harmonic, topsis (closeness to the ideal, 0-100) or copeland (pairwise contests
    won, 0-100), one for all or one per node, others arithmetic; the last two compare the units
    that have enough data there. data_threshold: least data share of a node with a score. floor:
    least points that enter a geometric or harmonic mean. What is not a finite number is missing.
    Raises DataError `method_unknown`, `methods_clash` (geometric or harmonic on z-scores),
    `leaf_missing`, `units_invalid`, `not_numeric`, `goalposts_invalid`, `constant_column`,
    `floor_invalid`, `parameter_outside`.
    """
    scheme = Scheme.of(scheme)
    options: dict[str, Any] = {"normalise": normalise, "aggregate": aggregate}
    options |= {"data_threshold": data_threshold, "floor": floor}
    methods = aggregations(scheme, aggregate)
    check_methods(methods, normalise, floor)
    check_number("data_threshold", data_threshold, 0, 1)
    values = _leaf_table(values, scheme)
    nodes = [*scheme.leaves, *scheme.upwards]
    # In one piece: the system hands out large ones in large pages, many small ones page by page.
    block = np.empty((len(nodes), len(values)))
    points = dict(zip(nodes, block, strict=True))
    # A Series, so that tables share it until one of them is written to.
    leaf_points = pd.Series(block[: len(scheme.leaves)].reshape(-1), copy=False)
    shares: dict[str, Carried | Scored] = {}
    scored: dict[str, Scored] = {}
    for leaf, column in zip(scheme.leaves, _by_leaf(values, block), strict=True):
        # Points are where values are; asked of these, as points may take their place.
        there = shares[leaf] = scored[leaf] = where_scored(column)
        if there is not True and np.isinf(column).any():
            return score(leaf_values(values, scheme), scheme, **options)
        normalised(column, scheme.nodes[leaf], normalise, points[leaf])
    for parent in scheme.upwards:
        members = scheme.children[parent]
        weights = _sibling_weights(scheme, parent)
        told = [scored[child] for child in members]
        present = carried = shares[parent] = present_weight(weights, told)
        if any(child in scheme.children for child in members):
            shares[parent], carried = _carried(told, [shares[c] for c in members], weights)
        enough = (carried > 0) & (carried >= data_threshold - 1e-12)
        below = [points[child] for child in members]
        if methods[parent] in MEANS:
            points[parent][:] = mean(below, weights, methods[parent], floor, told, present)
            np.copyto(points[parent], np.nan, where=np.logical_not(enough))
        else:
            points[parent][:] = _rivals(np.array(below), weights, methods[parent], enough)
        scored[parent] = where_scored(points[parent])
    return Scores(values, scheme, points, leaf_points, shares, methods, scored, options)


def _rivals(below: Floats, weights: Floats, method: str, enough: Any) -> Floats:
    """Return points by unit among those that have enough data; the others are nobody's rivals."""
    result = np.full(below.shape[1], np.nan)
    held = np.broadcast_to(enough, len(result))
    result[held] = compared(below[:, held], weights, method)
    return result


def _by_leaf(values: pd.DataFrame, block: Floats) -> Floats:
    """Return leaves × units, leaf by leaf in memory: in the first rows of `block` if not yet so."""
    cells = values.to_numpy(np.float64).T
    if cells.flags.c_contiguous:
        return cells
    result = block[: len(cells)]
    # Piece by piece: what lies across memory is read once, not once for every leaf.
    for start in range(0, cells.shape[1], _PIECE):
        result[:, start : start + _PIECE] = cells[:, start : start + _PIECE]
    return result


def leaf_values(values: Any, scheme: Scheme) -> pd.DataFrame:
    """Return the columns of the leaves as numbers, NaN for what is not finite, units as index.

    Raises DataError `leaf_missing`, `units_invalid`, `columns_repeated`, `not_numeric`.
    """
    table = _leaf_table(values, scheme)
    infinite = np.isinf(table.to_numpy())
    return table.mask(infinite) if infinite.any() else table


def _leaf_table(values: Any, scheme: Scheme) -> pd.DataFrame:
    """Return the columns of the leaves as numbers, units as index; plain numbers as they are."""
    table = by_unit(values, scheme)
    leaves = list(scheme.leaves)
    absent = [leaf for leaf in leaves if leaf not in table]
    if absent:
        raise DataError("leaf_missing", nodes=", ".join(absent))
    require(table, leaves)
    table = table[leaves]
    if all(dtype == np.float64 for dtype in table.dtypes):
        return table
    table = table.replace([np.inf, -np.inf], np.nan)
    return pd.DataFrame({leaf: numbers(table, leaf) for leaf in leaves}, table.index)


def by_unit(table: Any, scheme: Scheme) -> pd.DataFrame:
    """Return a table of units × leaves with the units as index and the leaves' ids as texts."""
    frame = as_frame(table)
    if not all(isinstance(name, str) for name in frame.columns):
        frame = frame.rename(columns=str)
    if "unit" in frame and "unit" not in scheme.leaves:
        require(frame, ["unit"])
        frame = frame.set_index("unit")
    if isinstance(frame.index, pd.MultiIndex):  # a township in a year
        frame = frame.set_axis(frame.index.to_flat_index())
    if (wrong := frame.index.isna() | frame.index.duplicated(keep=False)).any():
        rows = np.flatnonzero(wrong)[:_ROWS_NAMED] + 1
        raise DataError("units_invalid", rows=", ".join(map(str, rows)))
    return frame


def _sibling_weights(scheme: Scheme, parent: str) -> Floats:
    """Return the weights of a node's children, adding up to 1."""
    weights = np.array([scheme.nodes[child].weight for child in scheme.children[parent]])
    # Divided by the largest first: the sum of very large weights would overflow.
    weights = weights / weights.max()
    return np.asarray(weights / weights.sum())


def _carried(
    scored: list[Scored], shares: list[Carried | Scored], weights: Floats
) -> tuple[Carried, Carried]:
    """Return the share of a node's weight that has data, and that which is scored below it.

    Only what is scored below carries a node: data under an unscored child do not.
    """
    parts = [weight * held for weight, held in zip(weights, shares, strict=True)]
    carried = [part * held for part, held in zip(parts, scored, strict=True)]
    return sum(parts), sum(carried)


def _long(units: pd.Index, nodes: list[str], columns: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row per node and unit, from columns that hold one node after the other."""
    # Appending shares the strings of the units, which taking them again would copy.
    unit = units.append([units] * (len(nodes) - 1))
    node: Any = pd.array(_runs(nodes, len(units)), dtype=pd.Index(nodes).dtype)
    return pd.DataFrame({"unit": unit, "node": node, **columns}, copy=False)


def _runs(texts: list[str], times: int) -> pa.ChunkedArray:
    """Return each text so many times, one after the other.

    pandas would copy every text again and again; here texts of one length share their offsets,
    which are most of such an array.
    """
    encoded = [text.encode() for text in texts]
    ends = {
        length: pa.py_buffer(np.arange(times + 1, dtype=np.int64) * length)
        for length in {len(text) for text in encoded}
    }
    runs = [
        pa.LargeStringArray.from_buffers(times, ends[len(text)], pa.py_buffer(text * times))
        for text in encoded
    ]
    return pa.chunked_array(runs, pa.large_string())
