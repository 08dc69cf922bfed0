"""What the templates ask, what they ask again, and that nothing is asked twice without a reason."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date

import pandas as pd
import pytest

from data.contracts import TABLES
from data.errors import DataError
from data.scope import Scope
from data.store import Change, Store
from metrics.duty import collection
from metrics.evaluate import evaluate_all
from tests.conftest import fill_towns

YEAR = Scope(year=2025)
CODE = "township.migrants_n"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Three townships, one of them with its facts of 2025: five of sixteen cells."""
    with Store.open(tmp_path_factory.mktemp("collection") / "data") as opened:
        fill_towns(opened)
        facts = {
            "township_code": "990101100", "year": 2025, "resident_pop": 900, "households": 300,
            "migrants_n": 0,
        }  # fmt: skip
        forms = [
            ("BB-1", "县民政局", "990101", CODE),
            ("BB-2", "县公安局", "990101", "流动人口数"),
            ("BB-3", "外县民政局", "990201", CODE),
            ("BB-4", "县统计局", "990101", "名称"),
        ]
        frame = pd.DataFrame(forms, columns=list(TABLES["form_fields"].column_names[:4]))
        opened.publish(
            [Change("township_year", pd.DataFrame([facts])), Change("form_fields", frame)],
            author="a", message="m",
        )  # fmt: skip
        yield opened


def test_cells_are_counted_by_hand(store: Store) -> None:
    counts = collection.meter(store, YEAR, ["township_year", "drills"]).set_index("table")
    # 3 townships x 16 columns; held: 5 of the first, code and year of the other two.
    wide = len(TABLES["township_year"].columns)
    assert wide == 16
    assert counts.loc["township_year"].tolist() == [3, 1, 48, 9, 39, 4, 0]
    # A register asks nothing until something happens.
    assert counts.loc["drills"].tolist() == [0, 0, 0, 0, 0, 0, len(TABLES["drills"].columns)]


def test_a_field_another_form_has_is_refused_until_a_reason_is_published(store: Store) -> None:
    county = Scope(year=2025, county="990101")
    found = collection.repeats(store, county, ["township_year"])
    declared = found[found["other"] == "community_year"]
    assert set(declared["column"]) == {"resident_pop", "households"}
    asked = found[found["column"] == "migrants_n"]
    # By the standard code and by the label; not the form of another county, not 名称.
    assert asked[["other", "code", "reason_zh"]].values.tolist() == [
        ["BB-1", CODE, ""], ["BB-2", CODE, ""],
    ]  # fmt: skip
    with pytest.raises(DataError) as refusal:
        collection.kit(store, county, ["township_year"])
    assert refusal.value.code == "asked_twice"
    assert "流动人口数" in refusal.value.problem.zh
    blank = {("township_year", CODE, "BB-1"): "口径不同", ("township_year", CODE, "BB-2"): " "}
    changes = collection.changes(found, blank, author="李评", day=date(2026, 1, 5))
    store.publish(changes, author="李评", message="m")
    with pytest.raises(DataError) as refusal:
        collection.require_reasons(collection.repeats(store, county, ["township_year"]))
    assert "BB-2" in refusal.value.problem.zh
    rest = {("township_year", CODE, "BB-2"): "公安口径只含办证的人"}
    changes = collection.changes(found, rest, author="李评", day=date(2026, 1, 5))
    store.publish(changes, author="李评", message="m")
    found = collection.repeats(store, county, ["township_year"])
    with zipfile.ZipFile(io.BytesIO(collection.kit(store, county, ["township_year"]))) as archive:
        assert archive.namelist() == ["01-乡镇（街道）年度基本情况-township_year.xlsx"]
    said = collection.explained(found)["township_year"]
    assert any("公安口径只含办证的人" in each.zh for each in said)


def test_identifiers_are_given_and_not_asked() -> None:
    names = {column.name for column in collection.asked(TABLES["community_year"])}
    assert names.isdisjoint({"community_code", "township_code", "year"})
    assert collection.field_code(TABLES["community_year"].column("households")) == (
        "community.households"
    )
    assert collection.field_code(TABLES["drills"].column("participants_n")) == (
        "drills.participants_n"
    )


def test_registered_templates_count_like_every_other_form(store: Store) -> None:
    before = evaluate_all(store, Scope(year=2025, county="990101"))
    store.publish([collection.registration(["township_year"], "990101")], author="a", message="m")
    after = evaluate_all(store, Scope(year=2025, county="990101"))

    def rate(table: pd.DataFrame) -> list[float]:
        row = table[table["indicator_id"].eq("F1")].iloc[0]
        return [float(row["num"]), float(row["den"])]

    own = len(collection.asked(TABLES["township_year"]))
    assert rate(before) == [0, 3]
    assert rate(after) == [1, 3 + own]  # township.migrants_n is asked by BB-1 as well
    # The program's own forms are no reason against themselves.
    assert not collection.repeats(store, YEAR, ["townships"])["other"].str.startswith("ZX-").any()


def test_what_is_missing_names_what_falls_away(store: Store) -> None:
    found = collection.disables(store, YEAR).set_index("table")
    assert found.loc["drills", "rows"] == 0
    assert "B4.1" in found.loc["drills", "indicators"]
    assert found.loc["township_year", "rows"] == 1
    assert collection.disables(store, Scope(year=2024)).set_index("table").loc[
        "township_year", "rows"
    ] == 0  # fmt: skip
