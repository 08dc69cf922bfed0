"""Which choice matters: variance-based sensitivity indices, and those of a ranking.

First-order index of a choice: the share of the variance that would go if it were settled alone;
total index: the share that would stay if all others were settled. Outputs are centred before the
first-order products, without which the estimate loses its footing when the mean is large.
Saltelli et al., Comput. Phys. Commun. 181 (2010), tables 2 (b) and (f); Jansen (1999); Saisana,
Saltelli and Tarantola, J. R. Statist. Soc. A 168 (2005).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from data.errors import DataError
from metrics.composite.ranking import ranks
from metrics.composite.scheme import Floats, Ints, Scheme
from metrics.composite.simulation import METHODS, Methods, Runs, Simulator, check_range, simulator

# Intervals of 95 % by resampling the points.
_RESAMPLES = 200
_INTERVAL = (0.025, 0.975)
_COLUMNS = ("first", "first_low", "first_high", "total", "total_low", "total_high")
# A variance below this share of the squared outputs is rounding.
_ROUNDING = 1e-20
# So many different streams of sampling error; a number between 0 and 1 picks one.
_NOISES = 2**20


def sobol_indices(
    model: Callable[[Floats], Floats],
    groups: Mapping[str, Sequence[int]],
    *,
    points: int = 512,
    seed: int = 0,
) -> pd.DataFrame:
    """Return first-order and total indices of groups of inputs, with 95 % intervals.

    model: runs × inputs, each in [0, 1), to one output per run. groups: name -> columns of the
    inputs that are varied together; every input stands in one group. points: a power of two; the
    model is run points × (groups + 2) times, at scrambled Sobol points. Returns one row per group:
    first, first_low, first_high, total, total_low, total_high; NaN when the output never varies.
    Raises DataError `parameter_outside`.
    """
    sound = isinstance(points, Integral) and points >= 8 and points & (points - 1) == 0
    check_range("points", points, sound, "8, 16, 32, 64, …")
    size = sum(len(columns) for columns in groups.values())
    # It takes a second to load, and pages need no Sobol points.
    from scipy.stats import qmc

    both = qmc.Sobol(2 * size, rng=np.random.default_rng(seed)).random(points)
    a, b = both[:, :size], both[:, size:]
    mixed = []
    for columns in groups.values():
        one = a.copy()
        one[:, list(columns)] = b[:, list(columns)]
        mixed.append(one)
    outputs = model(np.concatenate([a, b, *mixed])).reshape(len(groups) + 2, points)
    estimates = _estimate(outputs[:, None, :])[:, :, 0]
    picks = np.random.default_rng([seed, 1]).integers(points, size=(_RESAMPLES, points))
    again = np.array([_estimate(outputs[:, None, pick])[:, :, 0] for pick in picks])
    low, high = np.quantile(again, _INTERVAL, axis=0)
    figures = np.stack([estimates, low, high], axis=1).reshape(len(_COLUMNS), len(groups))
    index = pd.Index(list(groups), name="factor")
    return pd.DataFrame(dict(zip(_COLUMNS, figures, strict=True)), index=index)


def _estimate(outputs: Floats) -> Floats:
    """Return first-order and total indices (2 × groups × samples), points along the last axis."""
    centred = outputs - outputs[:2].mean(axis=(0, 2), keepdims=True)
    a, b, mixed = centred[0], centred[1], centred[2:]
    variance = (centred[:2] ** 2).mean(axis=(0, 2))
    floor = _ROUNDING * (outputs[:2] ** 2).mean(axis=(0, 2))
    variance = np.where(variance > floor, variance, np.nan)
    first = (b * (mixed - a)).mean(axis=2) / variance
    total = ((a - mixed) ** 2).mean(axis=2) / (2 * variance)
    return np.array([first, total])


def sensitivity(
    values: Any,
    scheme: Scheme,
    *,
    unit: str | None = None,
    points: int = 256,
    weight_noise: float = 0.25,
    methods: Methods = METHODS,
    standard_errors: Any = None,
    leave_out: bool = True,
    data_threshold: float = 0.6,
    floor: float = 1.0,
    seed: int = 0,
) -> pd.DataFrame:
    """Return how much each choice matters for the ranking on the root.

    The output explained is the mean distance of all ranks from the declared ones or, given a
    unit, its own rank; a run that leaves a unit without a score counts as no shift. Choices as in
    `rank_ranges`, those without an alternative left out: 'weights' (of the children of `node`,
    together), 'normalise' and 'aggregate' (or 'method', where not all their combinations are
    allowed), 'left_out', 'sampling'. points: a power of two. Returns factor, node ('' but for
    weights), first, first_low, first_high, total, total_low, total_high (95 % intervals by
    resampling); NaN when nothing moves a rank, no row when nothing varies. Raises what
    `rank_ranges` raises, and `what_if_unknown` for a unit that is not there or has no score.
    """
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
    declared = found.declared.ranks().to_numpy(np.float64)
    if unit is not None and not found.declared.ranks().notna().get(unit, False):
        raise DataError("what_if_unknown", unit=unit, nodes="")
    plan = _plan(found, leave_out)
    groups = plan.groups

    def model(inputs: Floats) -> Floats:
        runs = plan.runs(inputs)
        output = np.empty(len(inputs))
        for chunk in found.chunks(len(inputs)):
            drawn = ranks(found.comparable(found.scheme.root, runs.part(chunk))).astype(float)
            drawn = np.where(drawn > 0, drawn, declared)
            if unit is None:
                output[chunk] = np.nanmean(np.abs(drawn - declared), axis=1)
            else:
                output[chunk] = drawn[:, found.units.get_loc(unit)]
        return output

    if not groups:
        return pd.DataFrame(columns=["factor", "node", *_COLUMNS], dtype=float)
    table = sobol_indices(model, groups, points=points, seed=seed).reset_index()
    parts = table["factor"].str.partition(":")
    return table.assign(factor=parts[0]).assign(node=parts[2])[
        ["factor", "node", *table.columns[1:]]
    ]


@dataclass(frozen=True)
class _Plan:
    """How numbers between 0 and 1 become runs. groups: choice -> its columns of the inputs."""

    found: Simulator
    groups: Mapping[str, list[int]]

    def runs(self, inputs: Floats) -> Runs:
        """Return one run per row."""
        found = self.found
        changes = np.full((len(inputs), len(found.scheme.nodes)), 0.5)
        for name, columns in self.groups.items():
            if name.startswith("weights:"):
                members = found.scheme.children[name.removeprefix("weights:")]
                changes[:, [found.places[child] for child in members]] = inputs[:, columns]
        left_out = self._pick(inputs, "left_out", len(found.blocks) + 1) - 1
        noise = self._pick(inputs, "sampling", _NOISES)
        if "sampling" not in self.groups:
            noise = noise - 1
        return Runs(found.weights(changes, left_out), self._method(inputs), noise)

    def _pick(self, inputs: Floats, name: str, among: int) -> Ints:
        """Return which of so many alternatives a choice takes; the first where it has none."""
        if name not in self.groups:
            return np.zeros(len(inputs), np.int64)
        return (inputs[:, self.groups[name][0]] * among).astype(np.int64)

    def _method(self, inputs: Floats) -> Ints:
        pairs = list(self.found.choices.methods)
        if "method" in self.groups:
            return self._pick(inputs, "method", len(pairs))
        first, second = _alternatives(pairs)
        normalise = self._pick(inputs, "normalise", len(first))
        aggregate = self._pick(inputs, "aggregate", len(second))
        place = np.array([[pairs.index((n, a)) for a in second] for n in first])
        return np.asarray(place[normalise, aggregate], dtype=np.int64)


def _alternatives(pairs: Sequence[tuple[str, str]]) -> tuple[list[str], list[str]]:
    return list(dict.fromkeys(n for n, _ in pairs)), list(dict.fromkeys(a for _, a in pairs))


def _plan(found: Simulator, leave_out: bool) -> _Plan:
    """Name the choices that have alternatives and give each its columns."""
    sizes: dict[str, int] = {}
    if found.choices.weight_noise > 0:
        for parent in reversed(found.scheme.upwards):
            if len(found.scheme.children[parent]) > 1:
                sizes[f"weights:{parent}"] = len(found.scheme.children[parent])
    pairs = found.choices.methods
    first, second = _alternatives(pairs)
    if len(set(pairs)) < len(first) * len(second):
        sizes["method"] = 1
    else:
        sizes |= {name: 1 for name, own in (("normalise", first), ("aggregate", second)) if own[1:]}
    if leave_out and found.blocks:
        sizes["left_out"] = 1
    if (found.choices.standard_errors.to_numpy() > 0).any():
        sizes["sampling"] = 1
    groups, start = {}, 0
    for name, size in sizes.items():
        groups[name] = list(range(start, start + size))
        start += size
    return _Plan(found, groups)
