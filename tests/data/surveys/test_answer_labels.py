"""Labels of answers: the word decides, a mark or number that contradicts it is asked about."""

import pytest

from data.surveys.answer_labels import FAMILIES, label_scores, without_option, yes_no_scores

FIVE = ["非常满意", "满意", "基本满意", "不满意", "非常不满意"]


@pytest.mark.parametrize(
    "labels",
    [
        [f"{mark}.{word}" for mark, word in zip("ABCDE", FIVE, strict=True)],
        [f"{mark}、{word}" for mark, word in zip("ABCDE", FIVE, strict=True)],
        [f"（{mark}）{word}" for mark, word in zip("abcde", FIVE, strict=True)],
        [f"{mark}{word}" for mark, word in zip("①②③④⑤", FIVE, strict=True)],
        [f"{mark}{word}" for mark, word in zip("⑤④③②①", FIVE, strict=True)],
        [f"{n} {word}" for n, word in zip(range(5, 0, -1), FIVE, strict=True)],
        [f"{n}、{word}" for n, word in zip(range(1, 6), FIVE, strict=True)],
        [f"{word}({n}分)" for n, word in zip(range(5, 0, -1), FIVE, strict=True)],
        [f"{word}（{20 * n}分）" for n, word in zip(range(5, 0, -1), FIVE, strict=True)],
        [f"{word}{n}分" for n, word in zip(range(5, 0, -1), FIVE, strict=True)],
        [f"{n}分（{word}）" for n, word in zip(range(5, 0, -1), FIVE, strict=True)],
        [f"Ａ．{FIVE[0]}(5分)", f"B.{FIVE[1]}(4分)", *FIVE[2:]],
    ],
    ids=lambda labels: labels[0],
)
def test_marks_and_points_that_agree_are_passed_over(labels: list[str]) -> None:
    found = label_scores([*labels, "F.不了解", "不清楚(0分)"])
    assert [found.scores[label] for label in labels] == [5, 4, 3, 2, 1]
    assert (found.scores["F.不了解"], found.scores["不清楚(0分)"]) == (None, None)
    assert found.unclear == ()


@pytest.mark.parametrize(
    ("labels", "unclear"),
    [
        (["非常满意(1分)"], ["非常满意(1分)"]),
        (["非常满意(1分)", "非常不满意(5分)"], ["非常满意(1分)", "非常不满意(5分)"]),
        (["1分 非常满意"], ["1分 非常满意"]),
        (["非常满意(5分)", "满意(3分)", "一般"], ["非常满意(5分)", "满意(3分)"]),
        (["3 非常满意"], ["3 非常满意"]),
        (["1.非常满意", "5.非常满意"], ["1.非常满意", "5.非常满意"]),
        (["A.非常满意", "B.不满意", "C.满意"], ["A.非常满意", "B.不满意", "C.满意"]),
        (["A.非常满意", "A.满意", "一般"], ["A.非常满意", "A.满意"]),
        (["5分 非常满意(5分)"], ["5分 非常满意(5分)"]),
        (["非常满意(4.5分)", "满意"], ["非常满意(4.5分)"]),
    ],
)
def test_a_mark_that_contradicts_is_asked_about(labels: list[str], unclear: list[str]) -> None:
    assert list(label_scores(labels).unclear) == unclear


@pytest.mark.parametrize("labels", FAMILIES.values())
def test_each_scale_is_read_whole_and_where_nobody_chose_the_middle(labels: list[str]) -> None:
    assert list(label_scores(labels).scores.values()) == [5, 4, 3, 2, 1]
    rest = [labels[place] for place in (0, 1, 3, 4)]
    assert list(label_scores(rest).scores.values()) == [5, 4, 2, 1]


def test_three_points_are_not_the_middle_of_five() -> None:
    """满意 is the best of three, or the second of five: only a 非常满意 in the file tells."""
    labels = ["满意", "基本满意", "不满意"]
    assert label_scores(labels).scores == {"满意": 4, "基本满意": 3, "不满意": 2}
    assert label_scores(labels, ends_seen=False).scores == {"基本满意": 3}
    assert label_scores(["满意", "一般"], ends_seen=False).unclear == ("满意",)


def test_yes_and_no_carry_marks_too() -> None:
    assert yes_no_scores(["A.是", "B.否", "不清楚"]) == {"A.是": 1, "B.否": 0, "不清楚": None}
    assert yes_no_scores(["①是", "②否"]) == {"①是": 1, "②否": 0}
    assert yes_no_scores(["是(0分)", "否(1分)"]) == {}


@pytest.mark.parametrize(
    ("label", "bare"),
    [("A.男", "男"), ("①男", "男"), ("1、18-29岁", "18-29岁"), ("2.30-44岁", "30-44岁"),
     ("18-29", "18-29"), ("1.5", "1.5"), ("AB", "AB"), ("60+", "60+"), ("A.", "A.")],
)  # fmt: skip
def test_the_mark_of_an_option(label: str, bare: str) -> None:
    assert without_option(label) == bare


def test_one_family_is_scored() -> None:
    reading = label_scores(["非常满意", "一般", "非常不满意", "不太满意", "不清楚"])
    assert reading.scores == {
        "非常满意": 5,
        "一般": 3,
        "非常不满意": 1,
        "不太满意": 2,
        "不清楚": None,
    }
    assert reading.unclear == ()


def test_labels_of_another_family_are_asked_about() -> None:
    reading = label_scores(["非常满意", "比较满意", "一般", "不太满意", "满意", "很满意"])
    assert reading.scores["比较满意"] == 4
    assert reading.unclear == ("满意", "很满意")


def test_families_that_explain_equally_much_settle_only_what_they_agree_on() -> None:
    # 比较满意 says one family, 满意 another; both explain two of the three labels.
    reading = label_scores(["比较满意", "满意", "一般"])
    assert reading.unclear == ("比较满意", "满意")


def test_families_that_agree_need_no_question() -> None:
    assert label_scores(["非常满意", "非常不满意"]).scores == {"非常满意": 5, "非常不满意": 1}


def test_bare_digits_are_never_scored() -> None:
    reading = label_scores(["1", "5", "3"])
    assert reading.scores == {}
    assert reading.unclear == ("1", "5", "3")


def test_points_are_not_of_five_where_there_are_more() -> None:
    assert label_scores(["5分", "3分"]).scores == {"5分": 5, "3分": 3}
    assert label_scores(["5分", "3分", "6分"]).scores == {}
    assert label_scores(["没用过、不了解", "不了解/没用过"]).unclear == ()


def test_blanks_within_a_word_and_answers_beyond_the_scale() -> None:
    reading = label_scores(["非常 满意", "不满意", "说不清楚", "NA", "."])
    assert reading.scores == {"非常 满意": 5, "不满意": 2, "说不清楚": None}
    assert reading.unclear == ()
