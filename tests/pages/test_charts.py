import pandas as pd
import pytest

from pages.shared import charts
from pages.shared.assessment import assessment_charts
from pages.shared.satisfaction import survey_charts
from pages.shared.words import people, t

TOWNS = pd.DataFrame(
    {
        "estimate": [70.0, 90.0, 80.0],
        "low": [60.0, 85.0, 70.0],
        "high": [78.0, 104.0, 90.0],
        "n": [40, 50, 60],
        "standing": ["below", "above", "same"],
    }
)
WORDS = {"above": "higher", "same": "no difference", "below": "lower"}


def test_dots_stand_from_the_highest_down_with_their_intervals_cut_at_the_scale() -> None:
    figure = charts.dots(["A", "B", "C"], TOWNS, axis="Score", words=WORDS)
    assert list(figure.layout.yaxis.categoryarray) == ["B", "C", "A"]
    drawn = {
        y: (x - minus, x + plus)
        for trace in figure.data
        if trace.mode == "markers"
        for x, y, plus, minus in zip(
            trace.x, trace.y, trace.error_x.array, trace.error_x.arrayminus, strict=True
        )
    }
    assert drawn == {"A": (60.0, 78.0), "B": (85.0, 100.0), "C": (70.0, 90.0)}


def test_a_mark_leads_to_its_own_unit() -> None:
    towns = TOWNS.assign(unit_code=["a", "b", "c"], band_1=[0.2, 1, 0], band_2=[0.8, 0, 1])
    dots = charts.dots(["A", "B", "C"], towns, axis="Score", words=WORDS)
    led = {y: code for each in dots.data for y, code in zip(each.y, each.meta or (), strict=False)}
    assert led == {"A": "a", "B": "b", "C": "c"}
    bars = assessment_charts.band_shares(
        ["A", "B", "C"], towns, words=["1", "2"], axis="%", large=False
    )
    assert [list(zip(each.y, each.meta, strict=True)) for each in bars.data] == [
        [("A", "a"), ("B", "b"), ("C", "c")]
    ] * 2
    # Where no unit is known, a mark leads nowhere.
    plain = charts.dots(["A", "B", "C"], TOWNS, axis="Score", words=WORDS)
    assert not any(each.meta for each in plain.data)


def test_dots_say_by_shape_and_word_what_they_say_by_colour() -> None:
    figure = charts.dots(["A", "B", "C"], TOWNS, axis="Score", words=WORDS)
    marks = [trace for trace in figure.data if trace.mode == "markers"]
    assert len({trace.marker.symbol for trace in marks}) == 3
    assert {trace.name for trace in marks} == set(WORDS.values())


def test_likert_bars_keep_every_share_and_label_only_those_with_room() -> None:
    shares = pd.DataFrame([{f"share{n}": s for n, s in enumerate((4, 16, 30, 40, 10), start=1)}])
    figure = charts.likert(["Q?"], shares, words=["1", "2", "3", "4", "5"], beside=["n = 30"])
    drawn = {trace.name: (abs(trace.x[0]), trace.text[0]) for trace in figure.data}
    assert drawn == {
        "1": (4, ""), "2": (16, "16%"), "3": (30, "30%"), "4": (40, "40%"), "5": (10, "10%"),
    }  # fmt: skip
    assert {trace.name for trace in figure.data if trace.x[0] < 0} == {"1", "2"}


def test_bands_say_their_counts_best_band_on_top() -> None:
    figure = charts.bands(["good", "weak"], [2, 0], axis="units")
    assert list(figure.data[0].x) == [2, 0]
    assert list(figure.data[0].text) == ["<b>2</b>", "<b>0</b>"]
    assert figure.layout.yaxis.autorange == "reversed"


def test_large_type_is_larger() -> None:
    drawn = [charts.bands(["A"], [1], axis="", large=large) for large in (False, True)]
    sizes = [figure.layout.template.layout.font.size for figure in drawn]
    assert sizes[0] >= 16
    assert sizes[1] > sizes[0]


@pytest.mark.parametrize("text", ["<img src=x onerror=alert(1)>", "甲<b>镇</b>"])
def test_names_are_shown_letter_by_letter(text: str) -> None:
    assert "<" not in charts.label(text, 400)


def test_names_of_neighbours_lie_on_different_sides() -> None:
    table = pd.DataFrame({"performance": [70.0, 70.1, 90.0], "importance": [0.3, 0.3, 0.1]})
    table = table.assign(code=["A", "B", "C"], name="?", corner="keep")
    corners = dict.fromkeys(("improve", "keep", "later", "enough"), "")
    figure = survey_charts.quadrant(table, axes=("x", "y"), corners=corners, centre=(80, 0.2))
    sides = figure.data[1].textposition
    assert sides[0] != sides[1]


def test_a_measure_word_joins_a_number_of_ten_thousands() -> None:
    assert t("satisfaction.respondents", n=people(499_000), towns=3).startswith("49.9 万位")
