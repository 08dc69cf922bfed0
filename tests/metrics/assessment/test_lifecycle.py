"""What a framework may let go, and weights that are read and never applied."""

from collections.abc import Iterator

import numpy as np
import pytest

from data.errors import DataError
from data.scope import Scope
from data.store import Store
from metrics.assessment.framework import LIGHT
from metrics.assessment.lifecycle import removals
from metrics.assessment.township_card import card
from metrics.assessment.weight_readouts import by_data, by_judgement, judged
from tests.metrics.reported_county import TOWNS, publish, reported, towns

TENS = {code: 10.0 * (place + 1) for place, code in enumerate(TOWNS)}
FULL_ALL = {"C2": 100.0, "D9": 100.0}
# One of ten below full marks is not 'over 95 %'; and full marks in one year are no ceiling.
NEARLY = {code: 80.0 if code == TOWNS[0] else 100.0 for code in TOWNS}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    now = FULL_ALL | {"B4.1": 1.0, "E2": NEARLY, "F3": 90.0} | dict.fromkeys(
        ["B2.2", "B2.5", "B3.2", "D1", "D6", "D7"], TENS
    )  # fmt: skip
    with Store.open(tmp_path_factory.mktemp("lifecycle")) as opened:
        publish(opened, townships=towns(), reported_values=reported(now))
        before = {"C2": 100.0, "D9": NEARLY, "E2": NEARLY}
        publish(opened, reported_values=reported(before, 2024))
        publish(opened, reported_values=reported({"B5.3": {TOWNS[0]: 50.0}}, 2022))
        yield opened


def test_only_what_is_full_twice_or_never_seen_is_proposed(store: Store) -> None:
    found = removals(store, Scope(2025)).set_index("indicator_id")
    township = found[found["card"].eq("township")]
    assert township["why"].to_dict() == {"C2": "saturated"}
    c2 = township.loc["C2"]
    assert (c2["year_before"], c2["year"], c2["full_before"], c2["full"]) == (2024, 2025, 1, 1)
    assert c2["units"] == 10
    # The county never reported its duties; D1 is owed by townships here.
    assert set(found.loc[found["card"].eq("county"), "why"]) == {"unused"}


def test_weights_of_the_data_are_shares_and_say_what_they_would_move(store: Store) -> None:
    found = by_data(store, Scope(2025))
    assert set(found["method"]) <= {"entropy", "critic"}
    for _, rows in found.groupby("method"):
        assert rows["weight"].sum() == pytest.approx(100)
        assert rows["declared"].sum() == pytest.approx(100)
    before = card(store, Scope(2025)).overview["score"]
    # A read-out: the score of the framework is what it was.
    assert card(store, Scope(2025)).overview["score"].tolist() == before.tolist()


def test_judgements_above_the_diagonal_decide_and_the_rest_follows(store: Store) -> None:
    blocks = list(LIGHT.groups("township"))
    declared = np.array(list(LIGHT.groups("township").values()))
    perfect = declared[:, None] / declared[None, :]
    junk_below = np.where(np.tri(len(blocks), k=0, dtype=bool), 7.0, perfect)
    table, ratio = by_judgement(store, Scope(2025), upper=tuple(map(tuple, junk_below)))
    assert ratio == pytest.approx(0, abs=1e-9)
    # Judgements that repeat the declared weights give them back and move nobody.
    assert table["weight"].tolist() == pytest.approx(table["declared"].tolist())
    assert set(table["bands_changed"]) == {0}


def test_judgements_that_contradict_each_other_are_refused_unless_confirmed() -> None:
    circle = ((1.0, 9.0, 1 / 9), (1.0, 1.0, 9.0), (1.0, 1.0, 1.0))
    with pytest.raises(DataError) as caught:
        judged(circle, ["a", "b", "c"])
    assert caught.value.code == "ahp_inconsistent"
    assert judged(circle, ["a", "b", "c"], confirmed=True).consistency_ratio > 0.1
    with pytest.raises(DataError) as caught:
        judged(((1.0, 2.0),), ["a", "b"])
    assert caught.value.code == "ahp_shape"
