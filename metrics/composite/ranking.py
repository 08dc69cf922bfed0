"""Ranks of many score tables at once: 1 the best, ties share the smallest, no score has rank 0."""

from typing import Any

import numpy as np
import numpy.typing as npt

from metrics.composite.scheme import DECIMALS, Floats, Ints

Ranks = npt.NDArray[np.unsignedinteger[Any]]
# A row without a score in one run; it stands behind all that have one.
_LAST = np.iinfo(np.int64).max
_LONG = 2000
_BITS = 63


def rank_type(units: int) -> type[np.uint16] | type[np.uint32]:
    """Return the smallest kind of number that holds every rank and the mark for none."""
    return np.uint16 if units < np.iinfo(np.uint16).max else np.uint32


def rounded(scores: Floats) -> Ints:
    """Return scores in units of 1e-9, best first when sorted; those without one come last."""
    missing = ~np.isfinite(scores)
    with np.errstate(invalid="ignore"):
        keys = np.rint(scores * -(10.0**DECIMALS)).astype(np.int64)
    keys[missing] = _LAST
    return keys


def ranks(scores: Floats) -> Ranks:
    """Return the ranks along each row (runs × units) after rounding to 1e-9; 0 without a score."""
    keys = rounded(scores)
    if keys.shape[1] >= _LONG:
        return np.array([_placed(own[None], *_sorted(own))[0] for own in keys])
    order = np.argsort(keys, axis=1, kind="stable")
    return _placed(keys, order, np.take_along_axis(keys, order, axis=1))


def _placed(keys: Ints, order: Ints, ordered: Ints) -> Ranks:
    """Give every key the place of the first that equals it."""
    order, ordered = np.atleast_2d(order, ordered)
    kind = rank_type(keys.shape[1])
    places = np.broadcast_to(np.arange(1, keys.shape[1] + 1, dtype=kind), keys.shape)
    first = ordered[:, 1:] != ordered[:, :-1]
    if not first.all():
        shared = np.where(np.insert(first, 0, True, axis=1), places, kind(0))
        places = np.maximum.accumulate(shared, axis=1)
    if (ordered[:, -1:] == _LAST).any():
        places = np.where(ordered == _LAST, kind(0), places)
    result = np.empty(keys.shape, kind)
    np.put_along_axis(result, order, places, axis=1)
    return result


def _sorted(keys: Ints) -> tuple[Ints, Ints]:
    """Return the order of one long row and the row in it, in half the time of a plain argsort.

    Key and place are sorted together as one whole number; equal keys keep their order. Keys that
    spread too far for that are sorted plainly.
    """
    places = (len(keys) - 1).bit_length()
    low = min(int(keys.min()), 0)
    high = int(keys.max(where=keys != _LAST, initial=low))
    if (high + 1 - low).bit_length() + places > _BITS:
        order = np.argsort(keys, kind="stable")
        return order, keys[order]
    # Those without a score stand behind all others.
    packed = np.minimum(keys, high + 1) - low << places
    packed |= np.arange(len(keys))
    packed.sort()
    order = packed & ((1 << places) - 1)
    return order, keys[order]
