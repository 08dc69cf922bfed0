"""Names beside marks: a case by hand, and laws that must hold wherever the marks lie."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pages.shared import label_places
from pages.shared.label_places import SIDES, Frame, sides

FRAME = Frame((0, 100), (0, 100), 800, 400, 16)
NONE = np.nan


def test_a_name_stands_to_the_right_unless_the_frame_ends_there() -> None:
    assert sides([50], [50], ["甲镇"], FRAME, low=[NONE], high=[NONE]) == ["middle right"]
    assert sides([99], [50], ["甲镇"], FRAME, low=[NONE], high=[NONE]) == ["middle left"]


def test_neighbours_take_different_sides_and_intervals_are_avoided() -> None:
    found = sides([50, 50.5], [50, 50], ["甲镇", "乙镇"], FRAME, low=[NONE] * 2, high=[NONE] * 2)
    assert None not in found
    assert found[0] != found[1]
    # An interval from end to end leaves no room above or below.
    upright = sides([1], [50], ["很长很长的名字" * 5], FRAME, low=[0], high=[100])
    assert upright == ["middle right"]


def test_names_avoid_the_lines_that_cross_the_plot() -> None:
    assert sides([20], [50], ["甲镇"], FRAME, cut=(80, 20)) == ["middle right"]
    assert sides([20], [50], ["甲镇"], FRAME, cut=(80, 50)) == ["top center"]
    assert sides([20], [50], ["甲镇"], FRAME, cut=(20, 50)) == ["top right"]


PLACES = st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=1, max_size=25)


@given(PLACES)
def test_no_name_lies_on_a_mark_or_on_another_name(places: list[tuple[float, float]]) -> None:
    x, y = np.array(places).T
    names = [f"第{n}镇" for n in range(len(places))]
    found = sides(x, y, names, FRAME, low=y - 3, high=y + 3)
    boxes = np.array(
        [
            label_places._around(FRAME.across(a), FRAME.up(b), 16 * label_places.width(n), 16)[
                list(SIDES).index(side)
            ]
            for a, b, n, side in zip(x, y, names, found, strict=True)
            if side
        ]
    ).reshape(-1, 4)
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    shared = label_places._shared(boxes, boxes)
    np.fill_diagonal(shared, 0)
    # Whoever came later lies on others with no more than the share that is allowed.
    assert (np.tril(np.maximum(shared, shared.T)).max(initial=0)) <= 0.15 * area.max(initial=1)
    outside = label_places._covered(boxes, np.empty((0, 4)), FRAME)
    assert outside.max(initial=0) <= 0.15
