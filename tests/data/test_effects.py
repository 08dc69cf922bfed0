"""What publishing would do, and what happened between versions."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from data import ingest
from data.contracts import TABLES
from data.effects import compare
from data.errors import DataError
from data.ingest import Options
from data.store import Change, Store
from tests.conftest import fill_towns

HEADER = "community_code,township_code,name_zh,kind,lat,lon\n"
ONE = "990101100201,990101100,甲村,village,30.5,110.5\n"
TWO = "990101100202,990101100,乙村,village,30.5,110.5\n"
VILLAGE = pd.DataFrame(
    {
        "community_code": ["990101100201"], "township_code": ["990101100"], "name_zh": ["甲村"],
        "name_en": ["Jia"], "kind": ["village"],
    }
)  # fmt: skip
TWO_MOVED = "990101100202,990101100,乙村,village,30.6,110.5\n"


def draft(store: Store, tmp_path: Path, text: str, mode: str = "merge") -> ingest.Draft:
    file = tmp_path / "file.csv"
    file.write_text(HEADER + text, encoding="utf-8")
    return ingest.prepare(store, file, file.name, Options(mode=mode))  # type: ignore[arg-type]


def publish(store: Store, made: ingest.Draft) -> int:
    return ingest.publish(store, made, author="a", message="m", accept_valid=True)


def test_append_refuses_what_is_held_and_correct_what_is_not(towns: Store, tmp_path: Path) -> None:
    publish(towns, draft(towns, tmp_path, ONE))
    appended = draft(towns, tmp_path, ONE + TWO, "append")
    assert appended.problems[["record", "code"]].values.tolist() == [[1, "already_held"]]
    assert appended.effect[["new", "changed", "unchanged"]].values.tolist() == [[1, 0, 0]]
    corrected = draft(towns, tmp_path, ONE.replace("30.5", "30.7") + TWO, "correct")
    assert corrected.problems[["record", "code"]].values.tolist() == [[2, "not_held"]]
    assert corrected.effect[["new", "changed", "unchanged"]].values.tolist() == [[0, 1, 0]]
    publish(towns, corrected)
    held = towns.read("SELECT community_code, lat FROM communities")
    assert held.values.tolist() == [["990101100201", 30.7]]


def test_versions_are_compared_row_by_row(towns: Store, tmp_path: Path) -> None:
    first = publish(towns, draft(towns, tmp_path, ONE + TWO))
    second = publish(towns, draft(towns, tmp_path, TWO_MOVED, "replace"))
    found = compare(towns, first, second)
    assert found.values.tolist() == [["communities", 0, 1, 0, 1]]
    back = compare(towns, second, first)
    assert back.values.tolist() == [["communities", 1, 1, 0, 0]]
    assert compare(towns, second, second).empty


def test_a_version_that_never_was_is_refused(towns: Store) -> None:
    with pytest.raises(DataError) as refusal:
        compare(towns, 10_000, towns.version)
    assert refusal.value.code == "unknown_version"


def test_a_version_of_a_smaller_contract_is_compared_and_restored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    communities = TABLES["communities"]
    columns = tuple(c for c in communities.columns if c.name != "name_en")
    smaller = {**TABLES, "communities": replace(communities, columns=columns)}
    del smaller["drills"]
    with monkeypatch.context() as patch:
        patch.setattr("data.store.TABLES", smaller)
        with Store.open(tmp_path / "data") as before:
            fill_towns(before)
            first = before.publish(
                [Change("communities", VILLAGE.drop(columns="name_en"))], author="a", message="m"
            )
    with Store.open(tmp_path / "data") as store:
        second = store.publish([Change("communities", VILLAGE)], author="a", message="m")
        assert compare(store, first, second).values.tolist() == [["communities", 0, 1, 0, 0]]
        store.restore(first, author="a", message="m")
        held = store.read("SELECT name_zh, name_en FROM communities")
        assert held["name_zh"].tolist() == ["甲村"]
        assert held["name_en"].isna().all()
