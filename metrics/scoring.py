"""Composite scores on a tree of weighted nodes: normalise, aggregate, rank, take apart.

Polarity is applied once, first. Weights are renormalised over what is there only while a node's
data share reaches the threshold; otherwise the node has no score. Method: OECD/JRC Handbook on
Constructing Composite Indicators (2008); goalposts as in UNDP's Human Development Index.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.errors import DataError

Normalise = Literal["goalposts", "minmax", "zscore", "percentile", "rank"]
Aggregate = Literal["arithmetic", "geometric", "harmonic"]
NORMALISATIONS = ("goalposts", "minmax", "zscore", "percentile", "rank")
AGGREGATIONS = ("arithmetic", "geometric", "harmonic")
DECIMALS = 9

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Node:
    """One node of a scheme.

    direction of a leaf: 1 more is better, -1 less is better, 0 best between best_low and
    best_high. goal_low: the value that earns 0 points, goal_high: 100; for direction 0 both earn
    0 and stand below and above the best interval.
    """

    id: str
    parent: str | None
    weight: float
    direction: int = 1
    goal_low: float = np.nan
    goal_high: float = np.nan
    best_low: float = np.nan
    best_high: float = np.nan


@dataclass(frozen=True)
class Scheme:
    """A tree of weighted nodes with one root."""

    nodes: Mapping[str, Node]
    children: Mapping[str, tuple[str, ...]]
    root: str

    @classmethod
    def from_frame(cls, meta: pd.DataFrame) -> "Scheme":
        """Read a scheme from columns id, parent, weight and, where needed, those of `Node`.

        A node named only as a parent is the root. Raises DataError `scheme_tree` (not one tree),
        `weight_invalid`, `weights_all_zero`, `direction_invalid`.
        """
        optional = {"direction": 1, "goal_low": np.nan, "goal_high": np.nan}
        optional |= {"best_low": np.nan, "best_high": np.nan}
        nodes: dict[str, Node] = {}
        for row in meta.to_dict("records"):
            parent = None if pd.isna(row["parent"]) or row["parent"] == "" else str(row["parent"])
            own = {k: row.get(k, default) for k, default in optional.items()}
            nodes[str(row["id"])] = Node(str(row["id"]), parent, float(row["weight"]), **own)
        if len(nodes) < len(meta):
            raise DataError("scheme_tree", node=meta.loc[meta["id"].duplicated(), "id"].iloc[0])
        for parent in {node.parent for node in nodes.values() if node.parent} - set(nodes):
            nodes[parent] = Node(parent, None, 1.0)
        children: dict[str, list[str]] = {}
        for node in nodes.values():
            if node.parent:
                children.setdefault(node.parent, []).append(node.id)
        return cls(nodes, {k: tuple(v) for k, v in children.items()}, _root(nodes, children))

    @property
    def leaves(self) -> tuple[str, ...]:
        """Return the nodes without children, in the order declared."""
        return tuple(node for node in self.nodes if node not in self.children)

    @property
    def upwards(self) -> tuple[str, ...]:
        """Return the nodes with children, every one after its own children."""
        order = [self.root]
        for node in order:
            order.extend(child for child in self.children[node] if child in self.children)
        return tuple(reversed(order))


def _root(nodes: Mapping[str, Node], children: Mapping[str, list[str]]) -> str:
    """Return the one root, or refuse what is not one sound tree."""
    roots = [node.id for node in nodes.values() if node.parent is None]
    if len(roots) != 1 or roots[0] not in children:
        raise DataError("scheme_tree", node=", ".join(roots) or next(iter(nodes), ""))
    reached = [roots[0]]
    for node in reached:
        reached.extend(children.get(node, []))
    if len(reached) < len(nodes):
        raise DataError("scheme_tree", node=", ".join(sorted(set(nodes) - set(reached))))
    _check_weights(nodes, children)
    return roots[0]


def _check_weights(nodes: Mapping[str, Node], children: Mapping[str, list[str]]) -> None:
    for each in nodes.values():
        if not (np.isfinite(each.weight) and each.weight >= 0):
            raise DataError("weight_invalid", node=each.id, weight=each.weight)
        if each.direction not in (-1, 0, 1):
            raise DataError("direction_invalid", node=each.id, direction=each.direction)
    for parent, members in children.items():
        if all(nodes[child].weight == 0 for child in members):
            raise DataError("weights_all_zero", node=parent)


@dataclass(frozen=True)
class Scores:
    """Scores of units on all nodes of a scheme.

    table: unit, node, score, coverage (share of the node's weight that has data, 0-1), note
    ('' | 'no_data' | 'not_enough_data'); leaves carry their points.
    """

    table: pd.DataFrame
    scheme: Scheme
    values: pd.DataFrame
    methods: Mapping[str, str]
    options: Mapping[str, object] = field(default_factory=dict)

    def of(self, node: str) -> pd.Series:
        """Return the scores of one node by unit."""
        rows = self.table[self.table["node"].eq(node)]
        return rows.set_index("unit")["score"]

    def coverage(self, node: str) -> pd.Series:
        """Return the data share of one node by unit."""
        rows = self.table[self.table["node"].eq(node)]
        return rows.set_index("unit")["coverage"]

    def ranks(self, node: str | None = None) -> pd.Series:
        """Rank the scored units, 1 the best, ties sharing the smallest rank; others are NaN.

        Scores are rounded to 1e-9 before they are compared.
        """
        return self.of(node or self.scheme.root).round(DECIMALS).rank(ascending=False, method="min")

    def contributions(self) -> pd.DataFrame:
        """Return unit, node, points, weight, contribution of every leaf; they add up to the score.

        weight: the leaf's share of the root after renormalisation, 0-1 (0 where it does not
        count). Raises DataError `not_additive` for geometric and harmonic nodes.
        """
        if set(self.methods.values()) != {"arithmetic"}:
            raise DataError("not_additive")
        scores = self.table.pivot(index="unit", columns="node", values="score")
        scores = scores.reindex(index=self.values.index)
        weight = {self.scheme.root: scores[self.scheme.root].notna().astype(float)}
        for parent in reversed(self.scheme.upwards):
            members = list(self.scheme.children[parent])
            own = np.array([self.scheme.nodes[child].weight for child in members])
            present = scores[members].notna() * own
            total = present.sum(axis=1)
            for child in members:
                weight[child] = (weight[parent] * present[child] / total.where(total > 0)).fillna(0)
        parts = [
            pd.DataFrame(
                {"unit": scores.index, "node": leaf, "points": scores[leaf], "weight": weight[leaf]}
            )
            for leaf in self.scheme.leaves
        ]
        result = pd.concat(parts, ignore_index=True)
        counted = result["weight"] > 0
        result["contribution"] = (result["points"] * result["weight"]).where(counted)
        return result

    def what_if(self, unit: str, changes: Mapping[str, float]) -> "Scores":
        """Score again with other values of some leaves of one unit."""
        unknown = set(changes) - set(self.scheme.leaves)
        if unknown or unit not in self.values.index:
            raise DataError("what_if_unknown", unit=unit, nodes=", ".join(sorted(unknown)))
        values = self.values.copy()
        for leaf, value in changes.items():
            values.loc[unit, leaf] = value
        return score(values, self.scheme, **self.options)  # type: ignore[arg-type]


def score(
    values: pd.DataFrame,
    scheme: Scheme,
    *,
    normalise: str = "goalposts",
    aggregate: str | Mapping[str, str] = "arithmetic",
    data_threshold: float = 0.6,
    floor: float = 1.0,
) -> Scores:
    """Score units (rows, index = unit) on a scheme from the values of its leaves (columns).

    normalise: goalposts (0-100, over-fulfilment earns nothing), minmax, percentile and rank
    (0-100 among these units), zscore (mean 0, standard deviation 1). aggregate: one method, or
    one per node, others arithmetic. data_threshold: least data share of a node with a score.
    floor: least points that enter a geometric or harmonic mean.
    Raises DataError `method_unknown`, `methods_clash` (geometric or harmonic on z-scores),
    `leaf_missing`, `goalposts_invalid`, `constant_column`, `floor_invalid`.
    """
    methods = _methods(scheme, normalise, aggregate)
    if not floor > 0 and set(methods.values()) != {"arithmetic"}:
        raise DataError("floor_invalid", floor=floor)
    absent = [leaf for leaf in scheme.leaves if leaf not in values]
    if absent:
        raise DataError("leaf_missing", nodes=", ".join(absent))
    values = values[list(scheme.leaves)].astype(float)
    scores: dict[str, Floats] = {}
    coverage: dict[str, Floats] = {}
    for leaf in scheme.leaves:
        column = values[leaf].to_numpy(np.float64)
        scores[leaf] = _normalised(column, scheme.nodes[leaf], normalise)
        coverage[leaf] = np.isfinite(scores[leaf]).astype(float)
    for parent in scheme.upwards:
        members = scheme.children[parent]
        weights = np.array([scheme.nodes[child].weight for child in members])
        weights = (weights / weights.max() / (weights / weights.max()).sum())[:, None]
        points = np.array([scores[child] for child in members]).reshape(len(members), -1)
        shares = np.array([coverage[child] for child in members]).reshape(len(members), -1)
        # Only what is scored below carries a node: data under an unscored child do not.
        carried = (weights * np.where(np.isfinite(points), shares, 0)).sum(axis=0)
        coverage[parent] = (weights * shares).sum(axis=0)
        enough = (carried > 0) & (carried >= data_threshold - 1e-12)
        mean = _mean(points, weights, methods[parent], floor)
        scores[parent] = np.where(enough, mean, np.nan)
    options: dict[str, object] = {"normalise": normalise, "aggregate": aggregate}
    options |= {"data_threshold": data_threshold, "floor": floor}
    return Scores(_long(values.index, scores, coverage), scheme, values, methods, options)


def _methods(
    scheme: Scheme, normalise: str, aggregate: str | Mapping[str, str]
) -> Mapping[str, str]:
    if isinstance(aggregate, str):
        methods = dict.fromkeys(scheme.upwards, aggregate)
    else:
        methods = {node: aggregate.get(node, "arithmetic") for node in scheme.upwards}
        unknown = set(aggregate) - set(methods)
        if unknown:
            raise DataError("method_unknown", method=", ".join(sorted(unknown)))
    if normalise not in NORMALISATIONS:
        raise DataError("method_unknown", method=normalise)
    for method in methods.values():
        if method not in AGGREGATIONS:
            raise DataError("method_unknown", method=method)
        if normalise == "zscore" and method != "arithmetic":
            raise DataError("methods_clash", aggregate=method, normalise=normalise)
    return methods


def _mean(points: Floats, weights: Floats, method: str, floor: float) -> Floats:
    """Return the weighted mean of the points present, by column."""
    present = np.isfinite(points)
    w = weights * present
    total = np.where(w.sum(axis=0) > 0, w.sum(axis=0), np.nan)
    if method == "arithmetic":
        return np.asarray((w * np.where(present, points, 0)).sum(axis=0) / total)
    raised = np.where(present, np.maximum(points, floor), 1.0)
    if method == "geometric":
        return np.asarray(np.exp((w * np.log(raised)).sum(axis=0) / total))
    return np.asarray(total / (w / raised).sum(axis=0, where=present, initial=0.0))


def _normalised(column: Floats, node: Node, normalise: str) -> Floats:
    if normalise == "goalposts":
        return _goalposts(column, node)
    x = _oriented(column, node)
    present = np.isfinite(x)
    if not present.any():
        return x
    low, high = x[present].min(), x[present].max()
    if round(high - low, DECIMALS) == 0:
        raise DataError("constant_column", node=node.id)
    if normalise == "minmax":
        return np.asarray(100 * (x - low) / (high - low))
    if normalise == "zscore":
        return np.asarray((x - x[present].mean()) / x[present].std(ddof=1))
    series = pd.Series(x).round(DECIMALS)
    if normalise == "percentile":
        share = (series.rank(method="average") - 0.5) / present.sum()
    else:
        share = (series.rank(method="max") - 1) / (present.sum() - 1)
    return np.asarray(100 * share.to_numpy(np.float64))


def _oriented(column: Floats, node: Node) -> Floats:
    """Turn values so that more is better; with a best interval, by the distance from it."""
    if node.direction != 0:
        return node.direction * column
    if not node.best_low <= node.best_high:
        raise DataError("goalposts_invalid", node=node.id)
    below, above = node.best_low - column, column - node.best_high
    return np.asarray(-np.maximum(np.maximum(below, above), 0))


def _goalposts(column: Floats, node: Node) -> Floats:
    if node.direction != 0:
        span = node.goal_high - node.goal_low
        if not span * node.direction > 0:
            raise DataError("goalposts_invalid", node=node.id)
        return np.clip(100 * (column - node.goal_low) / span, 0, 100)
    if not node.goal_low < node.best_low <= node.best_high < node.goal_high:
        raise DataError("goalposts_invalid", node=node.id)
    rising = (column - node.goal_low) / (node.best_low - node.goal_low)
    falling = (node.goal_high - column) / (node.goal_high - node.best_high)
    return np.asarray(np.clip(100 * np.minimum(rising, falling), 0, 100))


def _long(
    units: pd.Index, scores: Mapping[str, Floats], coverage: Mapping[str, Floats]
) -> pd.DataFrame:
    parts = []
    for node, points in scores.items():
        note = np.where(coverage[node] > 0, "not_enough_data", "no_data")
        columns = {
            "unit": units,
            "node": node,
            "score": points,
            "coverage": coverage[node],
            "note": np.where(np.isfinite(points), "", note),
        }
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)
