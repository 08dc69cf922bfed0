"""Many scores of the same units under other choices: weights, methods, sampling error, blocks.

A run is one set of choices. Which units have enough data is decided once, by the declared
weights: it is a rule about data, not a choice to be varied.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from data.errors import DataError
from metrics.composite.aggregation import (
    MEANS,
    aggregations,
    back,
    check_methods,
    compared,
    forth,
)
from metrics.composite.normalisation import normalised
from metrics.composite.scheme import Floats, Ints, Scheme
from metrics.composite.scores import Scores, by_unit, leaf_values, score
from metrics.frames import columns_of, is_number, listed, numbers

Methods = Mapping[str, Sequence[str]] | Sequence[tuple[str, str]]
# Two answers that are both defensible where indicators have goalposts.
METHODS: Methods = (("goalposts", "arithmetic"), ("goalposts", "geometric"))
# So many numbers of runs × units are in hand at once: small enough for the processor's cache.
_AT_ONCE = 2**19
# Multiplications up to which a product of matrices keeps to one processor (OpenBLAS begins another
# above 2**18).
_ALONE = 2**17


def method_pairs(methods: Methods, scheme: Scheme, floor: float) -> list[tuple[str, str]]:
    """Return pairs (normalise, aggregate), or refuse the first that cannot be.

    methods: the pairs, or {"normalise": …, "aggregate": …} for all their combinations. Raises
    DataError `methods_none`, `method_unknown`, `methods_clash`, `floor_invalid`.
    """
    if methods is None:
        raise DataError("methods_none")
    if isinstance(methods, Mapping):
        if stray := set(methods) - {"normalise", "aggregate"}:
            raise DataError("method_unknown", method=listed(sorted(map(str, stray))))
        first = columns_of(methods.get("normalise", "goalposts"))
        second = columns_of(methods.get("aggregate", "arithmetic"))
        pairs = [(n, a) for n in first for a in second]
    else:
        pairs = [_pair(method) for method in ([methods] if isinstance(methods, str) else methods)]
    if not pairs:
        raise DataError("methods_none")
    for normalise, aggregate in pairs:
        check_methods(aggregations(scheme, aggregate), normalise, floor)
    return pairs


def _pair(method: Any) -> tuple[str, str]:
    """Return (normalise, aggregate), or refuse what is no pair: 'geometric' alone says one half."""
    if isinstance(method, str) or not isinstance(method, Sequence) or len(method) != 2:
        raise DataError("method_unknown", method=method)
    return method[0], method[1]


@dataclass(frozen=True)
class Choices:
    """What may vary. methods: (normalise, aggregate) pairs, the first the declared one.

    weight_noise: largest relative change of a weight. standard_errors: units × sampled leaves,
    aligned with the values.
    """

    methods: Sequence[tuple[str, str]]
    weight_noise: float
    standard_errors: pd.DataFrame
    data_threshold: float
    floor: float
    seed: int


@dataclass(frozen=True)
class Runs:
    """One entry (row) per run. weights: runs × nodes of the scheme, in its order.

    method: place in Choices.methods. noise: number of the stream of sampling error, -1 for none.
    """

    weights: Floats
    method: Ints
    noise: Ints

    def __len__(self) -> int:
        return len(self.method)

    def part(self, which: slice | Ints) -> "Runs":
        """Return some of the runs."""
        return Runs(self.weights[which], self.method[which], self.noise[which])


class Simulator:
    """Scores units run by run. `declared` holds the scores without any change."""

    def __init__(self, values: pd.DataFrame, scheme: Scheme, choices: Choices) -> None:
        self.scheme = scheme
        self.choices = choices
        self.places = {node: place for place, node in enumerate(scheme.nodes)}
        self.blocks = _blocks(scheme)
        self.declared = self._score(values, choices.methods[0])
        # Every normalisation is tried before the first run, so that none fails in the middle.
        points = {choices.methods[0][0]: self.declared.points}
        for method in choices.methods:
            if method[0] not in points:
                points[method[0]] = self._score(values, method).points
        self._points = points
        self._scored = {n: np.isfinite(p) for n, p in self.declared.points.items()}
        self._ready: dict[tuple[str, str, str], Floats] = {}

    def _score(self, values: pd.DataFrame, method: tuple[str, str]) -> Scores:
        # The others are scored for their points only, for which the quickest mean will do.
        aggregate = method[1] if method == self.choices.methods[0] else "arithmetic"
        return score(
            values,
            self.scheme,
            normalise=method[0],
            aggregate=aggregate,
            data_threshold=self.choices.data_threshold,
            floor=self.choices.floor,
        )

    @property
    def units(self) -> pd.Index:
        """Return the units in their order."""
        return self.declared.values.index

    def weights(self, changes: Floats, left_out: Ints) -> Floats:
        """Return weights (runs × nodes) from changes in [0, 1) and the block left out (-1 none).

        A change of 0 takes weight_noise off a weight, one of 1 puts it on.
        """
        own = np.array([node.weight for node in self.scheme.nodes.values()])
        # Large weights are first made small, as in the scores themselves.
        own = own / max(own.max(), 1.0)
        weights = own * (1 + self.choices.weight_noise * (2 * changes - 1))
        gone = np.flatnonzero(left_out >= 0)
        columns = np.array([self.places[block] for block in self.blocks], dtype=np.int64)
        weights[gone, columns[left_out[gone]]] = 0.0
        return np.asarray(weights)

    def chunks(self, runs: int) -> Iterator[slice]:
        """Divide runs into parts small enough to be computed at once."""
        step = max(1, _AT_ONCE // max(1, len(self.units)))
        for start in range(0, runs, step):
            yield slice(start, min(start + step, runs))

    def scores(self, node: str, runs: Runs) -> Floats:
        """Return the scores of a node, runs × units; NaN where a unit has none."""
        result = np.empty((len(runs), len(self.units)))
        for number, method in enumerate(self.choices.methods):
            which = np.flatnonzero(runs.method == number)
            if len(which):
                result[which] = self._node(node, runs.part(which), method)
        return result

    def comparable(self, node: str, runs: Runs) -> Floats:
        """Return the `scores` of a node, NaN as well where a unit is not ranked on it."""
        result = self.scores(node, runs)
        result[:, ~self.declared.compared(node)] = np.nan
        return result

    def _node(self, node: str, runs: Runs, method: tuple[str, str]) -> Floats:
        if node not in self.scheme.children:
            return self._noisy(node, runs, method[0])
        if method[1] in MEANS:
            result = self._means(node, runs, method)
        else:
            result = self._compared(node, runs, method)
        scored = self._scored[node]
        if not scored.all():
            result[:, ~scored] = np.nan
        return result

    def _weights_of(self, node: str, runs: Runs) -> tuple[list[str], Floats]:
        members = list(self.scheme.children[node])
        return members, runs.weights[:, [self.places[child] for child in members]]

    def _moves(self, child: str) -> bool:
        """Say whether a child's points differ from run to run."""
        return child in self.scheme.children or child in self.choices.standard_errors

    def _means(self, node: str, runs: Runs, method: tuple[str, str]) -> Floats:
        """Average all runs at once: what stays the same is one product of two matrices."""
        members, weights = self._weights_of(node, runs)
        still = [place for place, child in enumerate(members) if not self._moves(child)]
        fixed = self._fixed(node, [members[i] for i in still], method)
        top = _product(weights[:, still], fixed)
        for place, child in enumerate(members):
            if place in still:
                continue
            points = forth(self._node(child, runs, method), method[1], self.choices.floor)
            if not self._scored[child].all():
                points = np.where(self._scored[child], points, 0)
            top += weights[:, [place]] * points
        present = np.array([self._scored[child] for child in members])
        if present.all():
            bottom = weights.sum(axis=1, keepdims=True)
        else:
            bottom = _product(weights, present.astype(float))
            bottom[bottom == 0] = np.nan
        top /= bottom
        return back(top, method[1])

    def _fixed(self, node: str, members: list[str], method: tuple[str, str]) -> Floats:
        """Return the points of leaves without sampling error, ready to be added up; 0 if none."""
        key = (node, *method)
        if key not in self._ready:
            points = [self._points[method[0]][leaf] for leaf in members]
            table = np.array(points).reshape(len(members), len(self.units))
            table = forth(table, method[1], self.choices.floor)
            self._ready[key] = np.where(np.isfinite(table), table, 0.0)
        return self._ready[key]

    def _compared(self, node: str, runs: Runs, method: tuple[str, str]) -> Floats:
        """Compare units with each other, run by run."""
        members, weights = self._weights_of(node, runs)
        moving = {c: self._node(c, runs, method) for c in members if self._moves(c)}
        still = {c: self._points[method[0]][c] for c in members if c not in moving}
        scored = self._scored[node]
        result = np.full((len(runs), len(self.units)), np.nan)
        for run, own in enumerate(weights):
            below = np.array([moving[c][run] if c in moving else still[c] for c in members])
            share = own / own.sum()
            result[run, scored] = compared(below[:, scored], share, method[1])
        return result

    def _noisy(self, leaf: str, runs: Runs, normalise: str) -> Floats:
        """Return the points of a leaf, its values moved by sampling error."""
        result = np.tile(self._points[normalise][leaf], (len(runs), 1))
        if leaf not in self.choices.standard_errors:
            return result
        moved = np.flatnonzero(runs.noise >= 0)
        values = self.declared.values[leaf].to_numpy(np.float64)
        node = self.scheme.nodes[leaf]
        spread = self.choices.standard_errors[leaf].to_numpy(np.float64)
        for run in moved:
            result[run] = values + self._error(leaf, int(runs.noise[run]), spread)
        if normalise == "goalposts":  # a unit's points do not depend on the others
            result[moved] = normalised(result[moved], node, normalise)
            return result
        for run in moved:
            result[run] = normalised(result[run], node, normalise)
        return result

    def errors(self, leaf: str, noise: int) -> Floats:
        """Return the sampling error of a leaf in one stream, by unit.

        Leaves are counted from 1: a trailing 0 would give the stream of the run itself.
        """
        return self._error(leaf, noise, self.choices.standard_errors[leaf].to_numpy(np.float64))

    def _error(self, leaf: str, noise: int, spread: Floats) -> Floats:
        stream = np.random.default_rng([self.choices.seed, noise, self.places[leaf] + 1])
        return np.asarray(stream.standard_normal(len(spread)) * spread)


def _product(weights: Floats, points: Floats) -> Floats:
    """Multiply runs × members by members × units, in pieces that keep to one processor.

    A product this narrow gains nothing by a second one, which would wait for it all the same.
    """
    result = np.empty((len(weights), points.shape[1]))
    step = max(1, _ALONE // max(1, weights.size))
    for start in range(0, points.shape[1], step):
        piece = slice(start, start + step)
        np.matmul(weights, points[:, piece], out=result[:, piece])
    return result


def _blocks(scheme: Scheme) -> tuple[str, ...]:
    """Return the children of the root that can be left out, so that something remains."""
    weighed = [n for n in scheme.children[scheme.root] if scheme.nodes[n].weight > 0]
    return tuple(weighed) if len(weighed) > 1 else ()


def simulator(
    values: Any,
    scheme: Scheme,
    *,
    methods: Methods,
    weight_noise: float,
    standard_errors: Any,
    data_threshold: float,
    floor: float,
    seed: int,
) -> Simulator:
    """Check everything that may vary and return what scores it.

    standard_errors: units × some leaves, in the units of the values; empty cells and absent units
    have none. Raises what `score` raises and DataError `methods_none`, `methods_clash`,
    `parameter_outside`, `standard_errors_invalid`, `no_scored_unit`.
    """
    sound = is_number(weight_noise) and 0 <= weight_noise < 1
    check_range("weight_noise", weight_noise, sound, "0 ≤ weight_noise < 1")
    check_range("seed", seed, isinstance(seed, Integral) and seed >= 0, "0, 1, 2, …")
    scheme = Scheme.of(scheme)
    pairs = method_pairs(methods, scheme, floor)
    values = leaf_values(values, scheme)
    spread = _spread(standard_errors, scheme, values.index)
    choices = Choices(pairs, weight_noise, spread, data_threshold, floor, seed)
    result = Simulator(values, scheme, choices)
    if not np.isfinite(result.declared.points[scheme.root]).any():
        raise DataError("no_scored_unit", node=scheme.root)
    return result


def check_range(name: str, value: float, sound: bool, allowed: str) -> None:
    """Refuse a parameter outside its range with DataError `parameter_outside`."""
    if not sound:
        raise DataError("parameter_outside", name=name, value=value, allowed=allowed)


def _spread(errors: Any, scheme: Scheme, units: pd.Index) -> pd.DataFrame:
    if errors is None:
        return pd.DataFrame(index=units)
    table = by_unit(errors, scheme)
    table = pd.DataFrame({leaf: numbers(table, leaf) for leaf in table}, table.index)
    table = table.reindex(units).fillna(0.0)
    for leaf in table:
        sound = np.isfinite(table[leaf]) & (table[leaf] >= 0)
        if leaf not in scheme.leaves or not sound.all():
            raise DataError("standard_errors_invalid", node=leaf)
    return table
