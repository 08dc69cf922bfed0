"""Goalposts worked by hand: targets, peers, and peers of peers."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.scope import Scope
from data.store import Store
from metrics.assessment.framework import FULL, LIGHT, Item
from metrics.assessment.goalposts import Posts, freeze_goalposts, peer_groups
from metrics.evaluate import Evaluation
from tests.metrics.reported_county import COUNTY, TOWNS, publish, reported, towns

TENS = {code: 10.0 * (n + 1) for n, code in enumerate(TOWNS)}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "data") as opened:
        publish(opened, townships=towns())
        yield opened


def posts(store: Store, year: int = 2025) -> Posts:
    return Posts(store, FULL, Evaluation(store, Scope(year)).units, year)


def item(name: str) -> Item:
    return next(i for i in FULL.items if i.indicator_id == name)


def test_half_of_a_target_is_worth_nothing(store: Store) -> None:
    goals = posts(store).goals(item("C2"))
    assert (set(goals.low), set(goals.high), set(goals.basis)) == ({50.0}, {100.0}, {"target"})
    values = pd.Series([50.0, 75, 120, 10], TOWNS[:4])
    assert goals.points(values)[TOWNS[:4]].tolist() == [0, 50, 100, 0]


def test_less_is_better_is_mirrored(store: Store) -> None:
    publish(store, reported_values=reported({"B2.7": TENS}))
    goals = posts(store).goals(item("B2.7"))
    assert (goals.low.iloc[0], goals.high.iloc[0]) == pytest.approx((91, 19))
    points = goals.points(pd.Series([91.0, 19.0, 55.0], TOWNS[:3]))
    assert points[TOWNS[:3]].tolist() == pytest.approx([0, 100, 50])
    own = Item("B2.7", "township", 5.0, target=10.0)
    mirrored = posts(store).goals(own)
    assert (mirrored.low.iloc[0], mirrored.high.iloc[0]) == (15, 10)


def test_a_target_of_none_needs_the_worst_of_the_townships(store: Store) -> None:
    publish(store, reported_values=reported({"G7": TENS}))
    goals = posts(store).county_goals(item("G7"), COUNTY)
    assert (goals.low[COUNTY], goals.high[COUNTY]) == pytest.approx((91, 0))
    assert goals.points(pd.Series([45.5], [COUNTY]))[COUNTY] == pytest.approx(50)
    assert np.isnan(posts(store).county_goals(item("G5"), COUNTY).low[COUNTY])


def test_the_earliest_year_with_values_is_the_base(store: Store) -> None:
    publish(store, reported_values=reported({"B2.2": TENS}, 2024))
    publish(store, reported_values=reported({"B2.2": 5.0}, 2025))
    goals = posts(store).goals(item("B2.2"))
    assert (goals.low.iloc[0], goals.high.iloc[0]) == pytest.approx((19, 91))
    assert set(goals.basis) == {"provisional"}


def test_close_peers_where_there_are_eight_of_them(store: Store) -> None:
    villages = [
        (f"{code}{n:03}", code, "村", "village", "220" if place < 9 else "111")
        for place, code in enumerate(TOWNS)
        for n in range(2)
    ]
    names = ["community_code", "township_code", "name_zh", "kind", "urban_rural_code"]
    publish(store, communities=pd.DataFrame(villages, columns=names))
    publish(store, reported_values=reported({"B2.2": TENS}))
    units = Evaluation(store, Scope(2025)).units
    groups = peer_groups(store, units, 2025)
    assert groups[TOWNS[0]] == ("township|rural", "township")
    assert groups[TOWNS[9]] == ("township|urban", "township")
    goals = posts(store).goals(item("B2.2"))
    # Nine rural townships, 10 to 90; the urban one is measured by all ten.
    assert (goals.low[TOWNS[0]], goals.high[TOWNS[0]]) == pytest.approx((18, 82))
    assert (goals.low[TOWNS[9]], goals.high[TOWNS[9]]) == pytest.approx((19, 91))


def test_thirds_by_residents(store: Store) -> None:
    people = {"township_code": TOWNS[:9], "year": 2025, "resident_pop": range(9, 0, -1)}
    villages = {"community_code": [f"{c}001" for c in TOWNS], "township_code": TOWNS}
    publish(
        store,
        township_year=pd.DataFrame(people).assign(households=1),
        communities=pd.DataFrame(villages).assign(
            name_zh="村", kind="village", urban_rural_code="220"
        ),
    )
    groups = peer_groups(store, Evaluation(store, Scope(2025)).units, 2025)
    assert [groups[code][0][-1] for code in TOWNS[:9]] == list("333222111")
    assert groups[TOWNS[9]][0] == "township|rural"  # nobody knows how many live there


def test_a_declared_group_is_the_only_one(store: Store) -> None:
    publish(store, townships=towns().assign(peer_group="hill"))
    units = Evaluation(store, Scope(2025)).units
    assert set(peer_groups(store, units, 2025).values()) == {("hill",)}


def test_frozen_goalposts_belong_to_a_framework(store: Store) -> None:
    publish(store, reported_values=reported({"B2.2": TENS, "B2.7": TENS}))
    light, full = (freeze_goalposts(store, 2025, each) for each in (LIGHT, FULL))
    assert set(light["framework"]) == {"light-2026"}
    assert (set(light["indicator_id"]), set(full["indicator_id"])) == ({"B2.2"}, {"B2.2", "B2.7"})


def test_once_frozen_nobody_changes_group_because_another_grew_or_came(store: Store) -> None:
    """Twenty-seven rural townships, in thirds of nine by residents with goalposts of their own."""
    codes = [f"9901012{n:02}" for n in range(27)]

    def of_year(year: int, people: list[float], among: list[str]) -> pd.DataFrame:
        return pd.DataFrame({"township_code": among, "year": year, "resident_pop": people})

    def rural(among: list[str]) -> dict[str, pd.DataFrame]:
        table = pd.DataFrame({"township_code": among, "name_zh": among, "county_code": COUNTY})
        villages = table[["township_code", "name_zh"]].assign(
            community_code=table["township_code"] + "001", kind="village", urban_rural_code="220"
        )
        return {"townships": table.assign(unit_type="township"), "communities": villages}

    people = [1000.0 * (n + 1) for n in range(27)]
    values = {code: float(n) for n, code in enumerate(codes)}
    publish(
        store, **rural(codes), township_year=of_year(2024, people, codes),
        reported_values=reported({"B2.2": values}, 2024),
    )  # fmt: skip
    publish(store, goalposts=freeze_goalposts(store, 2024, FULL))

    def found() -> pd.Series:
        low = posts(store).goals(item("B2.2")).low
        return low.reindex(codes)

    before = found()
    assert before.nunique() == 3
    # The smallest becomes the largest, and a new township comes: the others stay where they were.
    new = "990101299"
    grown = [99_000.0, *people[1:], 500.0]
    publish(store, **rural([new]), township_year=of_year(2025, grown, [*codes, new]))
    pd.testing.assert_series_equal(found(), before)
    # Who was not there has the peers of the setting, without a size.
    low = posts(store).goals(item("B2.2")).low
    assert low[new] == pytest.approx(np.quantile(range(27), 0.1))
