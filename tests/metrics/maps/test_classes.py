"""Classes of a map: natural breaks against every possible cut, quantiles by hand, laws of both."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import DataError
from metrics.maps import catalogue, classes
from metrics.maps.catalogue import MEASURES

VALUES = st.lists(
    st.integers(-30, 30).map(lambda n: n / 4) | st.just(float("nan")), min_size=0, max_size=12
)


def spread(groups: list[np.ndarray]) -> float:
    return float(sum(((g - g.mean()) ** 2).sum() for g in groups))


def best(values: np.ndarray, count: int) -> float:
    """The least spread of all ways to cut sorted values, equal ones kept together."""
    held = np.sort(values)
    at = [n for n in range(1, len(held)) if held[n] > held[n - 1]]
    cuts = combinations(at, min(count - 1, len(at)))
    return min(spread(np.split(held, list(cut))) for cut in cuts)


@given(VALUES, st.integers(2, 5))
def test_natural_breaks_are_the_best_of_all_cuts(values: list[float], count: int) -> None:
    known = np.array([v for v in values if not np.isnan(v)])
    breaks = classes.cut(values, "jenks", count=count)
    if not len(known):
        assert breaks == ()
        return
    found = classes.place(known, breaks)
    groups = [known[found == k] for k in range(len(breaks) + 1)]
    assert all(len(group) for group in groups)
    assert len(groups) == min(count, len(set(known)))
    assert spread(groups) == pytest.approx(best(known, count), abs=1e-9)


@given(VALUES, st.sampled_from(["quantile", "jenks"]))
def test_every_value_lies_in_the_class_its_words_say(values: list[float], method: str) -> None:
    breaks = classes.cut(values, method)
    assert list(breaks) == sorted(set(breaks))
    for value, found in zip(values, classes.place(values, breaks), strict=True):
        if np.isnan(value):
            assert found == -1
            continue
        assert found == 0 or value >= breaks[found - 1]
        assert found == len(breaks) or value < breaks[found]


def test_by_hand() -> None:
    # Ten values in five classes of two; the cut is the roundest number that parts them.
    assert classes.cut([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], "quantile") == (3, 5, 7, 9)
    assert classes.cut([12.34, 12.36, 40, 80.1, 99], "quantile") == (12.36, 40, 80, 90)
    assert classes.cut([0, 0, 0, 0, 0, 0, 5], "quantile") == (5,)
    assert classes.cut([1, 2, 3, 50, 51, 52, 900], "jenks", count=3) == (50, 900)
    # Large numbers that differ little: sums of squares would swallow the gap.
    assert classes.cut([1e9 + v for v in (0, 1, 100, 101)], "jenks", count=2) == (1e9 + 100,)
    assert classes.cut([7.0], "jenks") == classes.cut([], "quantile") == ()
    assert classes.place([39.9999999999, 40, 95, np.nan], (40, 95)).tolist() == [1, 1, 2, -1]


def test_no_class_is_said_to_reach_beyond_what_there_can_be() -> None:
    said = catalogue.class_words(MEASURES["reach"], (97, 100), "zh")
    assert said == ["不足 97%", "97 至不足 100%", "100%"]
    supplies = MEASURES["supplies"]
    assert catalogue.class_words(supplies, supplies.breaks, "en")[-1] == "100%"
    assert catalogue.class_words(MEASURES["outside"], (97, 100), "en")[-1].endswith("and more")


def test_many_values_are_sampled_and_no_extreme_is_lost() -> None:
    values = np.concatenate([np.linspace(0, 1, 4000), np.linspace(10, 11, 4000)])
    assert 1 < classes.cut(values, "jenks", count=2)[0] <= 10.01


def test_another_method_is_refused() -> None:
    with pytest.raises(DataError) as refusal:
        classes.cut([1, 2], "fixed")
    assert refusal.value.code == "choice_unknown"
