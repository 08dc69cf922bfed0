"""Numbers and stars are points only where it is declared which is best."""

import pytest

from data.surveys.number_scales import scale_of

UP, DOWN = {"5": 5, "4": 4, "1": 1}, {"5": 1, "4": 2, "1": 5}


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("总体满意吗（1-5分，5分为非常满意）", UP),
        ("总体满意吗（5=很满意，1=很不满意）", UP),
        ("总体（非常满意5分，满意4分，非常不满意1分）", UP),
        ("从 1（非常不满意）到 5（非常满意）", UP),
        ("总体满意吗（1=非常满意 2=满意 3=一般 4=不满意 5=非常不满意）", DOWN),
        ("总体（1非常满意2满意3一般4不满意5非常不满意）", DOWN),
        # Nothing says it, a range says both, a list says it of all; one end alone, when it is 1.
        ("总体满意吗", {}),
        ("总体满意吗（1-5为非常满意到非常不满意）", {}),
        ("总体满意吗（1 到 5 分为非常满意至非常不满意）", {}),
        ("总体（1、2、3、4、5为非常满意、满意、一般、不满意、非常不满意）", {}),
        ("总体（1、2、3、4、5：非常满意、满意、一般、不满意、非常不满意）", {}),
        ("总体满意吗（1为非常满意）", {}),
        ("总体满意吗（10分为非常满意）", {}),
        ("总体满意吗（1-5分，分数越高越好）", {}),
    ],
)
def test_the_heading_says_which_number_is_best(text: str, points: dict[str, int]) -> None:
    assert scale_of(text, {"5", "4", "1"}) == points


@pytest.mark.parametrize(
    ("text", "answers", "points"),
    [
        ("满意度", ["★★★★☆", "★☆☆☆☆"], [4, 1]),
        ("满意度", ["★★★★★", "★★"], [5, 2]),
        ("满意度", ["五星", "3颗星", "1星"], [5, 3, 1]),
        ("满意度", ["★★★★", "★★"], []),
        ("满意度（满分10星）", ["★★★★★", "★★"], []),
        ("满意度", ["☆☆☆☆☆", "★☆☆☆☆"], []),
        ("请您打分（满分5分）", ["4分", "3分"], [4, 3]),
        ("请您打分（1-5分）", ["5分", "3分"], [5, 3]),
        ("请您打分", ["5分", "3分"], []),
        ("参与度和满意度（满分5分）", ["5分", "3分"], []),
        ("请您打分（1分为非常满意，5分为非常不满意）", ["5分", "3分"], [1, 3]),
        ("请您打分（满分10分）", ["5分", "3分"], []),
        ("等待时间", ["5分", "3分"], []),
        ("总体（5分为非常满意）", ["5", "6"], []),
        ("总体（5分为非常满意）", ["5.0", "４", "不了解", ""], [5, 4]),
    ],
)
def test_stars_and_points(text: str, answers: list[str], points: list[int]) -> None:
    assert list(scale_of(text, answers).values()) == points
