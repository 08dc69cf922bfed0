"""A publication rehearsed: its consequences are those it has when it takes place."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from data.scope import Scope
from data.store import Change, Store
from metrics.assessment.township_card import card
from metrics.decisions.rehearsal import consequences
from tests.metrics.assessment.test_township_card import TOWNS, publish, reported


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "data") as opened:
        towns = pd.DataFrame({"township_code": TOWNS, "name_zh": TOWNS})
        publish(opened, townships=towns.assign(county_code="990101", unit_type="township"))
        publish(opened, reported_values=reported(without=("F3",)))
        yield opened


def f3(value: float) -> pd.DataFrame:
    table = reported()
    return table[table["indicator_id"].eq("F3")].assign(value=value)


def test_what_was_rehearsed_is_what_then_happens_and_leaves_no_trace(store: Store) -> None:
    before, version = card(store, Scope(2025)).overview.set_index("unit_code"), store.version
    change = [Change("reported_values", f3(90.0))]
    found = consequences(store, change)
    assert (store.version, len(store.history())) == (version, 2)
    assert found.year == 2025
    assert found.indicators.values.tolist() == [["F3", "gains", 0, 10, 10]]
    store.publish(change, author="a", message="m")
    after = card(store, Scope(2025)).overview.set_index("unit_code")
    said = found.bands.set_index("unit_code")
    for code in TOWNS:
        if code in said.index:
            assert said.loc[code, "score_before"] == before.loc[code, "score"]
            assert said.loc[code, "score_after"] == after.loc[code, "score"]
            assert said.loc[code, "band_after"] == after.loc[code, "band"]
        else:
            assert before.loc[code, "score"] == pytest.approx(after.loc[code, "score"], nan_ok=True)


def test_an_indicator_loses_its_data_and_the_same_rows_change_nothing(store: Store) -> None:
    table = reported(without=("F3",))
    emptied = table["indicator_id"].eq("C2")
    table.loc[emptied, "value"] = float("nan")
    # Every other row is published again as it is, and none of them is in the answer.
    found = consequences(store, [Change("reported_values", table)])
    assert found.indicators.values.tolist() == [["C2", "loses", 10, 0, 10]]


def test_others_see_only_what_is_published(store: Store) -> None:
    seen = []
    with store.rehearse([Change("reported_values", f3(90.0))]) as inside:
        count = "SELECT count(*) AS n FROM reported_values"
        other = threading.Thread(target=lambda: seen.append(store.read(count)["n"].item()))
        other.start()
        other.join()
        assert inside.read(count)["n"].item() == seen[0] + 10


def test_a_change_that_fails_leaves_the_store_usable(store: Store) -> None:
    wrong = f3(1.0).assign(value="x")
    with pytest.raises(Exception, match="x"):
        consequences(store, [Change("reported_values", wrong)])
    assert store.publish([Change("reported_values", f3(2.0))], author="a", message="m")
