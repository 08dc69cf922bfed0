"""From points of children to points of their parent, by mean, closeness or majority.

Every mean is one recipe, back(Σ w forth(x) / Σ w): forth and back are nothing for the arithmetic,
logarithm and exponential for the geometric, the reciprocal for the harmonic mean.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from data.errors import DataError
from metrics.composite.normalisation import NORMALISATIONS
from metrics.composite.outranking import closeness, copeland
from metrics.composite.scheme import Bools, Floats, Scheme
from metrics.frames import is_number

MEANS = ("arithmetic", "geometric", "harmonic")
AGGREGATIONS = (*MEANS, "topsis", "copeland")
# These need points above zero, which the floor sees to, but not for z-scores.
ABOVE_ZERO = ("geometric", "harmonic")
# A floor at full points would make all units alike.
TOP = 100
# Where there are points; True alone says everywhere, and costs nothing to carry.
Scored = Literal[True] | Bools
# One number where all units have the same: carrying it costs nothing.
Carried = Floats | float


def aggregations(scheme: Scheme, aggregate: str | Mapping[str, str]) -> dict[str, str]:
    """Return the method of every node with children.

    Raises DataError `method_unknown` for an unknown method or a node that has no children.
    """
    if not isinstance(aggregate, Mapping):
        methods = dict.fromkeys(scheme.upwards, aggregate)
    else:
        methods = {node: aggregate.get(node, "arithmetic") for node in scheme.upwards}
        stray = set(aggregate) - set(methods)
        if stray:
            raise DataError("method_unknown", method=", ".join(sorted(stray)))
    for method in methods.values():
        if method not in AGGREGATIONS:
            raise DataError("method_unknown", method=method)
    return methods


def check_methods(methods: Mapping[str, str], normalise: str, floor: float) -> None:
    """Refuse methods that cannot stand together, before anything is computed.

    Raises DataError `method_unknown`, `methods_clash`, `floor_invalid`.
    """
    if normalise not in NORMALISATIONS:
        raise DataError("method_unknown", method=normalise)
    for method in methods.values():
        if method in ABOVE_ZERO and normalise == "zscore":
            raise DataError("methods_clash", aggregate=method, normalise=normalise)
        if method in ABOVE_ZERO and not (is_number(floor) and 0 < floor < TOP):
            raise DataError("floor_invalid", floor=floor)


def forth(points: Floats, method: str, floor: float) -> Floats:
    """Return points as the mean of this method adds them up; NaN stays NaN."""
    if method == "arithmetic":
        return points
    raised = np.maximum(points, floor)
    return np.log(raised) if method == "geometric" else np.asarray(1 / raised)


def back(means: Floats, method: str) -> Floats:
    """Undo `forth` on a mean."""
    if method == "arithmetic":
        return means
    return np.exp(means) if method == "geometric" else np.asarray(1 / means)


def where_scored(points: Floats) -> Scored:
    """Say where there are points; True alone says everywhere, and costs nothing to carry."""
    return True if adds_up(points) else np.isfinite(points)


def adds_up(column: Floats) -> bool:
    """Say whether a column has a sum: if so, none of it is missing; a look at each takes longer."""
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(column.sum()))


def present_weight(weights: Floats, scored: Sequence[Scored]) -> Carried:
    """Return the weight of the children a unit has, by unit; one number where all have the same."""
    held: list[Carried] = [own * there for own, there in zip(weights, scored, strict=True)]
    return sum(held)


def mean(
    points: Sequence[Floats],
    weights: Floats,
    method: str,
    floor: float,
    scored: Sequence[Scored],
    present: Carried,
) -> Floats:
    """Return the mean of the children a unit has, by unit; NaN where their weight is nothing.

    scored: where each child has points. present: their `present_weight`.
    """
    top, part = np.zeros(len(points[0])), np.empty(len(points[0]))
    # Child by child, so that a unit's sum never depends on how many units there are.
    for weight, child, there in zip(weights, points, scored, strict=True):
        worth = forth(child, method, floor)
        top += np.multiply(worth if there is True else np.where(there, worth, 0), weight, out=part)
    return back(top / np.where(present > 0, present, np.nan), method)


def compared(points: Floats, weights: Floats, method: str) -> Floats:
    """Return what a method that compares units makes of children × units: topsis or copeland."""
    return 100 * closeness(points, weights) if method == "topsis" else copeland(points, weights)
