"""Where names stand beside the marks of a scatter, so that none lies on another.

Greedy: mark by mark, from the most crowded, each name takes the side where it covers least.
Christensen, Marks and Shieber, ACM Trans. Graph. 14 (1995), section 4.1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
# Left, lower, right and upper edge in pixels; many are rows of a table.
Boxes = Floats

# Plotly's words for a side -> steps to the right and upwards.
SIDES = {
    "middle right": (1, 0), "middle left": (-1, 0), "top center": (0, 1), "bottom center": (0, -1),
    "top right": (1, 1), "top left": (-1, 1), "bottom right": (1, -1), "bottom left": (-1, -1),
}  # fmt: skip
# A name that would lie on others with more than this share of itself is left to the table.
_MOST_COVERED = 0.15
# Of a plot on a small office screen, pixels; on a wider one names stand further apart.
PLOT_WIDTH = 780
_NEAR = 6  # times the size of type
_APART = 0.15  # of the size of type: the least that is left free between two names
_THIN = 2  # half of a line, pixels
_WIDE_FROM = 0x2E80
_NARROW = 0.58  # of the width of a Chinese sign
_NARROW_NAMES = 0.52  # in words of mostly small letters


@dataclass(frozen=True)
class Frame:
    """A plot. x, y: the values at its ends; width, height: pixels; size: of type, pixels."""

    x: tuple[float, float]
    y: tuple[float, float]
    width: float
    height: float
    size: float

    def across(self, x: Any) -> Floats:
        """Return pixels from the left."""
        return (np.asarray(x, float) - self.x[0]) / (self.x[1] - self.x[0]) * self.width

    def up(self, y: Any) -> Floats:
        """Return pixels from below."""
        return (np.asarray(y, float) - self.y[0]) / (self.y[1] - self.y[0]) * self.height


def sides(
    x: Any,
    y: Any,
    names: Sequence[str],
    frame: Frame,
    *,
    low: Any = np.nan,
    high: Any = np.nan,
    corners: Sequence[str] = ("", "", "", ""),
    cut: tuple[float, float] = (np.nan, np.nan),
) -> list[str | None]:
    """Return on which of SIDES of its mark each name stands, None where there is no room for it.

    A blank name has no place. low, high: the ends of upright intervals through the marks, NaN for
    none. cut: where lines cross the plot, the upright and the level one. Names avoid both where
    they can, and never lie on marks, names or the words in the corners (top left, top right,
    then below).
    """
    across, up, mark = frame.across(x), frame.up(y), frame.size / 2
    ends = [np.where(np.isfinite(end), end, up) for end in (frame.up(low), frame.up(high))]
    marks = np.column_stack([across - mark, up - mark, across + mark, up + mark])
    taken = np.concatenate([marks, _corners(corners, frame)])
    intervals = np.column_stack([across - _THIN, ends[0], across + _THIN, ends[1]])
    lines = np.concatenate([intervals, _lines(cut, frame)])
    # A name beside the mark of another would be read as that one's.
    around = marks + frame.size * np.array([-1, -1, 1, 1])
    distance = np.hypot(across[:, None] - across, up[:, None] - up)
    crowd = (distance < _NEAR * frame.size).sum(axis=0)
    found: list[str | None] = [None] * len(names)
    for n in (n for n in np.argsort(-crowd, kind="stable") if names[n]):
        wide = width(names[n], _NARROW_NAMES) * frame.size
        boxes = _around(across[n], up[n], wide, frame.size)
        covered = _covered(boxes, taken, frame)
        avoided = np.concatenate([lines, np.delete(around, n, axis=0)])
        cost = covered + _covered(boxes, avoided, frame)
        best = int(np.argmin(np.where(covered <= _MOST_COVERED, cost, np.inf)))
        if covered[best] <= _MOST_COVERED:
            found[n] = list(SIDES)[best]
            taken = np.vstack([taken, boxes[best] + _APART * frame.size * np.array([-1, -1, 1, 1])])
    return found


def width(name: str, narrow: float = _NARROW) -> float:
    """Return how wide a name is, in sizes of its type; narrow: the width of a Latin letter."""
    return sum(1.0 if ord(sign) > _WIDE_FROM else narrow for sign in name)


def _corners(words: Sequence[str], frame: Frame) -> Boxes:
    """Return the boxes of words in the corners of a frame."""
    boxes = []
    for place, word in enumerate(words):
        wide = width(word) * frame.size
        left = frame.width - wide if place % 2 else 0.0
        low = 0.0 if place // 2 else frame.height - frame.size
        boxes.append((left, low, left + wide, low + frame.size))
    return np.array(boxes)


def _lines(cut: tuple[float, float], frame: Frame) -> Boxes:
    """Return the boxes of an upright and a level line, none where there is no cut."""
    across, up = float(frame.across(cut[0])), float(frame.up(cut[1]))
    upright = (across - _THIN, 0.0, across + _THIN, frame.height)
    lines = np.array([upright, (0.0, up - _THIN, frame.width, up + _THIN)])
    return lines[np.isfinite(cut)]


def _around(across: float, up: float, wide: float, size: float) -> Boxes:
    """Return the box of a name on each side of a mark."""
    steps = np.array(list(SIDES.values()), float)
    away = size * 0.6
    left = across - wide / 2 + steps[:, 0] * (wide / 2 + away)
    low = up - size / 2 + steps[:, 1] * (size / 2 + away)
    return np.column_stack([left, low, left + wide, low + size])


def _covered(boxes: Boxes, taken: Boxes, frame: Frame) -> Floats:
    """Return the share of each box that lies on what is taken, or outside the frame."""
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    whole = np.array([[0, 0, frame.width, frame.height]])
    outside = area - _shared(boxes, whole)[:, 0]
    return np.asarray((_shared(boxes, taken).sum(axis=1) + outside) / area)


def _shared(boxes: Boxes, others: Boxes) -> Floats:
    """Return the area that each box shares with each of others."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    return np.asarray(np.clip(high - low, 0, None).prod(axis=2))
