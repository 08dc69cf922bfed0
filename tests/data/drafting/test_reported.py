"""Values typed in: the path of a file, with the same checks."""

import pandas as pd
import pytest

from data import ingest
from data.drafting import reported
from data.errors import DataError
from data.store import Store

TOWN, OTHER, COUNTY = "990101100", "990101101", "990101"


def typed(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(reported.COLUMNS))


def test_typed_values_are_published_and_those_cleared_are_taken_back(towns: Store) -> None:
    first = typed(
        (TOWN, 90.0, 9.0, 10.0, "民政局"),
        (OTHER, 50.0, None, None, None),
        (COUNTY, None, None, None, None),
    )
    ingest.publish(towns, reported.draft(towns, "B2.2", 2025, first), author="李评", message="m")
    held = reported.held(towns, "B2.2", 2025)
    assert held["unit_code"].tolist() == [TOWN, OTHER]
    assert held["value"].tolist() == [90.0, 50.0]
    assert held["source"].iloc[0] == "民政局"
    cleared = first.assign(value=[80.0, None, None], num=[8.0, None, None])
    made = reported.draft(towns, "B2.2", 2025, cleared)
    assert made.effect.set_index("table").loc["reported_values", "removed"] == 1
    ingest.publish(towns, made, author="李评", message="m")
    assert reported.held(towns, "B2.2", 2025)["value"].tolist() == [80.0]
    assert reported.held(towns, "B2.2", 2024).empty


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ((TOWN, 90.0, 1.0, 10.0, None), "rule"),  # 1 of 10 is 10 %
        ((TOWN, 90.0, 9.0, None, None), "rule"),
        ((TOWN, 90.0, 0.0, 0.0, None), "rule"),
        (("990199100", 90.0, None, None, None), "rule"),  # no such township
        (("99", 90.0, None, None, None), "pattern"),
    ],
)
def test_a_value_that_cannot_be_right_is_named(
    towns: Store, row: tuple[object, ...], code: str
) -> None:
    made = reported.draft(towns, "B2.2", 2025, typed(row))
    assert made.records_kept == 0
    assert code in set(made.problems["code"])


def test_an_indicator_outside_the_register_is_refused(towns: Store) -> None:
    made = reported.draft(towns, "Z9", 2025, typed((TOWN, 1.0, None, None, None)))
    assert set(made.problems["code"]) == {"code"}
    assert len(made.problems["reason_zh"].iloc[0]) < 800


def test_nothing_typed_is_said(towns: Store) -> None:
    with pytest.raises(DataError, match="没有填写任何数值"):
        reported.draft(towns, "B2.2", 2025, typed((TOWN, None, None, None, None)))
