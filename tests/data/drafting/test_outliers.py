"""Values that stand out against the last period: by hand, by laws, and with their evidence."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import ingest
from data.drafting.outliers import standing_out
from data.store import Change, Store

CODES = [f"990101{n}" for n in range(100, 112)]


def test_by_hand() -> None:
    # All grow by about 2 %; one was typed with a digit too many, one fell to a third.
    then = np.array([1000.0, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 1500])
    now = then * 1.02
    now[3], now[8] = 41000, 3000
    found, median = standing_out(now, then)
    assert np.flatnonzero(found).tolist() == [3, 8]
    assert median == pytest.approx(np.log(1.02), abs=1e-3)


def test_what_is_within_the_noise_of_small_counts_does_not_stand_out() -> None:
    then = np.array([2.0, 1, 3, 2, 0, 4, 1, 2, 3, 2])
    now = np.array([4.0, 0, 2, 3, 1, 2, 2, 1, 5, 6])
    assert not standing_out(now, then)[0].any()
    now[5] = 900
    assert np.flatnonzero(standing_out(now, then)[0]).tolist() == [5]


def test_zero_missing_and_few_units() -> None:
    then = np.full(10, 500.0)
    now = np.full(10, 510.0)
    now[0], now[1], then[2] = 0.0, np.nan, -1.0
    assert np.flatnonzero(standing_out(now, then)[0]).tolist() == [0]
    assert not standing_out(now[:7], then[:7])[0].any()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=8, max_size=40))
def test_order_does_not_matter_and_at_most_half_stand_out(
    pairs: list[tuple[int, int]],
) -> None:
    now, then = np.array(pairs, dtype=float).T
    found, _ = standing_out(now, then)
    order = np.argsort(np.random.default_rng(len(pairs)).random(len(pairs)))
    assert standing_out(now[order], then[order])[0].tolist() == found[order].tolist()
    # More than half of the values lie within 3.5 x 1.4826 median deviations.
    assert found.sum() <= len(pairs) / 2


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    towns = pd.DataFrame({"township_code": CODES, "name_zh": [f"{n}镇" for n in range(12)],
                          "county_code": "990101"})  # fmt: skip
    facts = pd.DataFrame({"township_code": CODES, "year": 2024, "households": 400,
                          "resident_pop": range(1200, 1320, 10)})  # fmt: skip
    with Store.open(tmp_path_factory.mktemp("held")) as store:
        changes = [Change("townships", towns), Change("township_year", facts)]
        store.publish(changes, author="a", message="m")
        yield store


def warned(store: Store, file: Path, year: int, first: int) -> list[str]:
    rows = [f"{code},{year},{1210 + 10 * n if n else first},401" for n, code in enumerate(CODES)]
    text = "\n".join(["township_code,year,resident_pop,households", *rows, ""])
    file.write_text(text, encoding="utf-8")
    made = ingest.prepare(store, file, file.name)
    assert made.records_kept == len(CODES)  # a warning refuses nothing
    return [warning.zh for warning in made.warnings]


def test_the_warning_names_unit_values_and_what_is_usual(held: Store, tmp_path: Path) -> None:
    assert warned(held, tmp_path / "a.csv", 2025, 1210) == []
    (warning,) = warned(held, tmp_path / "b.csv", 2026, 12100)
    assert "“常住人口”2026 年与 2024 年相比，1 个单位" in warning
    assert "0镇 1,200 → 12,100" in warning
    assert "中位数为 +1%" in warning
    assert warned(held, tmp_path / "c.csv", 2023, 12100) == []  # nothing earlier is held
