"""How many people a survey asks: known figures, a case by hand, and the laws of the formula."""

import math
from collections.abc import Iterator

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import DataError
from data.scope import Scope
from data.store import Change, Store
from metrics.satisfaction.sample_size import Wish, half_width, needed, plan
from tests.conftest import fill_towns

FIVE = Wish(0.05)


def test_the_known_figure_of_five_points_at_95_percent() -> None:
    found = needed(FIVE)
    assert found.exact == pytest.approx(384.1459, abs=1e-4)  # 1.96 rounded gives 384.16
    assert (found.answers, found.contacts, found.everyone) == (385, 385, False)
    assert needed(Wish(0.05, level=0.99)).answers == 664
    # The three sizes that the survey guide names.
    assert [round(100 * half_width(FIVE, n)) for n in (96, 196, 385)] == [10, 7, 5]


@pytest.mark.parametrize(
    ("population", "published"),
    # Krejcie and Morgan (1970), Educational and Psychological Measurement 30, table 1.
    [(10, 10), (50, 44), (100, 80), (200, 132), (500, 217), (1_000, 278), (5_000, 357),
     (10_000, 370), (75_000, 382), (1_000_000, 384)],
)  # fmt: skip
def test_the_published_table(population: int, published: int) -> None:
    assert needed(FIVE, population).exact == pytest.approx(published, abs=0.5001)


def test_a_township_by_hand() -> None:
    # N 900, 7 points, design effect 1.5: 1.5 * 900 * 0.25 / ((0.07/1.959964)^2 * 899 + 0.25)
    found = needed(Wish(0.07, deff=1.5, response=0.6), 900)
    assert found.exact == pytest.approx(337.5 / (0.00127557 * 899 + 0.25), rel=1e-5)
    assert (found.answers, found.contacts) == (242, 404)
    assert needed(Wish(0.01, deff=3), 120).everyone


@given(margin=st.floats(0.01, 0.2), deff=st.floats(1, 5), population=st.integers(2, 2_000_000))
def test_needed_is_the_smallest_number_that_keeps_the_margin(
    margin: float, deff: float, population: int
) -> None:
    wish = Wish(margin, deff=deff)
    found = needed(wish, population)
    assert half_width(wish, found.answers, population) <= margin * (1 + 1e-6)
    if not found.everyone and found.answers > 1:
        assert half_width(wish, found.answers - 1, population) > margin * (1 - 1e-6)
    assert found.answers <= min(population, needed(wish).answers)


@pytest.mark.parametrize(
    "wish", [Wish(0), Wish(1), Wish(0.05, level=1), Wish(0.05, share=0), Wish(0.05, deff=0.5),
             Wish(0.05, response=0)],
)  # fmt: skip
def test_what_no_survey_has_is_refused(wish: Wish) -> None:
    with pytest.raises(DataError) as refusal:
        needed(wish)
    assert refusal.value.code == "sample_size_invalid"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Three townships of 1,000, 2,000 and 7,000 residents."""
    with Store.open(tmp_path_factory.mktemp("size") / "data") as opened:
        fill_towns(opened)
        codes = ["990101100", "990101101", "990101001"]
        facts = pd.DataFrame(
            {"township_code": codes, "year": 2024, "resident_pop": [1_000, 2_000, 7_000],
             "households": 1}
        )  # fmt: skip
        opened.publish([Change("township_year", facts)], author="a", message="m")
        yield opened


def test_each_township_gets_its_margin_and_the_county_a_narrower_one(store: Store) -> None:
    table = plan(store, Scope(year=2025), margin=0.05).set_index("unit_code")
    assert table.loc["990101100", ["population", "sample"]].tolist() == [1_000, 278]
    county = table.loc[""]
    assert county["sample"] == table.drop("")["sample"].sum()
    weights = {"990101100": 0.1, "990101101": 0.2, "990101001": 0.7}
    by_hand = math.sqrt(sum((w * table.loc[c, "half_width"]) ** 2 for c, w in weights.items()))
    assert county["half_width"] == pytest.approx(by_hand)
    assert county["half_width"] < 5 <= table.loc["990101001", "half_width"] + 0.02


def test_the_county_s_sample_is_divided_by_residents(store: Store) -> None:
    table = plan(store, Scope(year=2025), margin=0.05, whom="county").set_index("unit_code")
    assert table.loc["", "sample"] == needed(FIVE, 10_000).answers == 370
    assert table.drop("")["sample"].to_dict() == {
        "990101001": 259, "990101100": 37, "990101101": 74,
    }  # fmt: skip


def test_residents_that_are_not_known_are_not_guessed(store: Store) -> None:
    table = plan(store, Scope(year=2023), margin=0.05).set_index("unit_code")
    assert table["population"].isna().all()
    assert table.loc["990101100", "sample"] == 385
    assert math.isnan(table.loc["", "half_width"])
