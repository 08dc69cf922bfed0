"""Marks on questionnaires: by hand, and laws."""

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from data.surveys import quality_flags
from data.surveys.quality_flags import (
    duplicate_answers,
    many_blanks,
    same_address,
    same_address_answers,
    straight_line,
    too_fast,
)


def rows(frame: pd.DataFrame) -> list[list[object]]:
    assert list(frame.columns) == ["record", "flag", "value"]
    return frame.values.tolist()


def numbers(count: int) -> pd.Series:
    return pd.Series(range(1, count + 1), dtype="int64")


def test_fast_is_under_a_third_of_the_median() -> None:
    # The median of the four known times is 300; 99 < 100, and 100 is not under 100.
    seconds = pd.Series([300.0, 300, 99, float("nan"), 600])
    assert rows(too_fast(numbers(5), seconds)) == [[3, "speeder", 0.33]]
    assert rows(too_fast(numbers(3), pd.Series([300.0, 300, 100]))) == []
    assert rows(too_fast(numbers(2), pd.Series([0.0, 0]))) == []


def test_the_same_answer_throughout_is_marked_from_five_questions_on() -> None:
    scored = pd.DataFrame(
        [["一般"] * 5 + [""], ["一般"] * 4 + ["", ""], ["一般"] * 5 + ["满意"], [""] * 6]
    )
    assert rows(straight_line(numbers(4), scored)) == [[1, "straight_line", 5.0]]


def test_blanks_are_counted_among_what_was_asked() -> None:
    answers = pd.DataFrame([["a", "", "-2", "-3"], ["a", "b", "", "(跳过)"], ["-3"] * 4])
    # First: 2 of 3 asked; second: 1 of 3; third: nothing was asked.
    assert rows(many_blanks(numbers(3), answers)) == [[1, "many_blanks", 2 / 3]]


def test_an_address_is_marked_from_five_on_whatever_place_stands_behind_it() -> None:
    address = pd.Series(["192.0.2.1(浙江-甲市)"] * 4 + ["192.0.2.1（乙省）", "192.0.2.2", "", ""])
    assert rows(same_address(numbers(8), address)) == [[n, "same_ip", 5.0] for n in range(1, 6)]


def test_the_later_of_two_alike_is_marked() -> None:
    answers = pd.DataFrame({"q": ["一般", "一般", "满意", "一般", "一般"]})
    address = pd.Series(["a(x)", "a(y)", "a", "", ""])
    assert rows(same_address_answers(numbers(5), address, answers)) == [
        [2, "same_ip_same_answers", 2.0]
    ]
    assert rows(duplicate_answers(numbers(5), answers)) == []
    long = pd.DataFrame(
        [["1"] * 10, ["1"] * 10, ["1"] * 9 + ["2"], ["1"] * 10, [""] * 10, [""] * 10]
    )
    assert rows(duplicate_answers(numbers(6), long)) == [
        [2, "duplicate_answers", 3.0], [4, "duplicate_answers", 3.0]
    ]  # fmt: skip


def test_nobody_is_marked_in_an_empty_file() -> None:
    nobody = pd.DataFrame(columns=["a", "b"], dtype=object)
    none = pd.Series(dtype=object)
    found = quality_flags.flags(
        numbers(0), nobody, scored=["a"], seconds=none.astype(float), address=none.astype(str)
    )
    assert rows(found) == []
    assert rows(quality_flags.flags(numbers(2), pd.DataFrame(index=range(2)))) == []


ROWS = st.lists(st.sampled_from(["1", "2", "", "-3"]), min_size=11, max_size=11)
# Rows drawn from few, so that some are alike; the first of them is a straight line.
ANSWERS = st.lists(ROWS, min_size=1, max_size=3).flatmap(
    lambda few: st.lists(st.sampled_from([["2"] * 11, *few]), min_size=1, max_size=8)
)


@settings(max_examples=25, deadline=None)
@given(ANSWERS, st.randoms(use_true_random=False))
def test_the_order_of_questions_changes_no_mark(answers, random) -> None:
    frame = pd.DataFrame(answers, columns=list("abcdefghijk"))
    names = list(frame.columns)
    before = quality_flags.flags(numbers(len(frame)), frame, scored=names)
    random.shuffle(names)
    after = quality_flags.flags(numbers(len(frame)), frame[names], scored=names)
    assert rows(before) == rows(after)
    # A slow twin of the duplicates.
    later = [
        n + 1 for n, row in enumerate(answers)
        if row in answers[:n] and sum(a not in ("", "-3") for a in row) >= 10
    ]  # fmt: skip
    assert before.loc[before["flag"] == "duplicate_answers", "record"].tolist() == later
    line = [
        n + 1 for n, row in enumerate(answers)
        if sum(a in ("1", "2") for a in row) >= 5 and len(set(row) & {"1", "2"}) == 1
    ]  # fmt: skip
    assert before.loc[before["flag"] == "straight_line", "record"].tolist() == line
