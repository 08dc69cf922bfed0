"""What publishing would do, and what happened between versions."""

from pathlib import Path

import pytest

from data import ingest
from data.effects import compare
from data.errors import DataError
from data.ingest import Options
from data.store import Store

HEADER = "community_code,township_code,name_zh,kind,lat,lon\n"
ONE = "990101100201,990101100,甲村,village,30.5,110.5\n"
TWO = "990101100202,990101100,乙村,village,30.5,110.5\n"
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
