"""Whatever is copied or remembered, a version answers as its files do."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.contracts import TABLES
from data.storage import copies
from data.storage.copies import named
from data.store import Change, Store
from tests.conftest import TOWNS, fill_towns

TOWN = TABLES["townships"]
SETTING = TABLES["settings"]
NAMES = "SELECT name_zh FROM townships ORDER BY name_zh"


def rename(store: Store, place: int, name: str) -> None:
    rows = TOWNS.iloc[[place]].assign(name_zh=name)
    store.publish([Change("townships", rows)], author="t", message="t")


def setting(store: Store, value: str) -> None:
    rows = pd.DataFrame({"name": ["minimum_base"], "value": [value]})
    store.publish([Change("settings", rows)], author="t", message="t")


def names(store: Store) -> list[str]:
    return list(store.read(NAMES)["name_zh"])


def in_the_files(store: Store, version: int) -> list[str]:
    """Ask the lake itself, by the query of a version, past every copy."""
    with store._plain_cursor() as cursor:
        rows = cursor.execute(f"FROM ({store.as_of(TOWN, version)})").df()
    return sorted(rows["name_zh"])


ACT = st.one_of(
    st.tuples(st.just("rename"), st.integers(0, 2), st.text("甲乙丙丁", min_size=1, max_size=2)),
    st.tuples(st.just("setting"), st.integers(30, 33), st.just("")),
    st.tuples(st.just("look back"), st.integers(0, 9), st.just("")),
    st.tuples(st.just("restore"), st.integers(0, 9), st.just("")),
)


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(acts=st.lists(ACT, max_size=6))
def test_every_version_answers_as_its_files_do(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, int, str]]
) -> None:
    with Store.open(tmp_path_factory.mktemp("store")) as store:
        fill_towns(store)
        looked_at = [store]
        for act, number, word in acts:
            versions = [version.number for version in store.history()]
            chosen = versions[number % len(versions)]
            if act == "rename":
                rename(store, number, word)
            elif act == "setting":
                setting(store, str(number))
            elif act == "look back":
                looked_at.append(store.at(chosen))
            else:
                store.restore(chosen, author="t", message="t")
            for at in looked_at:
                assert names(at) == in_the_files(store, at.version)
                assert sorted(at.read_once(NAMES)["name_zh"]) == names(at)


def test_an_answer_outlives_what_does_not_touch_it(towns: Store) -> None:
    before = towns.read_once(NAMES)
    setting(towns, "40")
    assert towns._copies.written(towns.version, NAMES) < towns.version
    assert names(towns) == list(before["name_zh"])
    rename(towns, 0, "改名镇")
    assert "改名镇" in set(towns.read_once(NAMES)["name_zh"])


def test_a_large_table_is_read_where_it_lies(towns: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    many = pd.concat([TOWNS.assign(township_code=f"9901{n:05}") for n in range(20)])
    many = many.assign(township_code=[f"9901{n:05}" for n in range(len(many))])
    towns.publish([Change("townships", many, "replace")], author="t", message="t")
    monkeypatch.setattr(copies, "LARGEST_COPY", len(many) - 1)
    assert len(names(towns)) >= len(many)
    assert not towns._copies._copied
    monkeypatch.undo()
    assert len(names(towns)) >= len(many)
    assert [table for table, _ in towns._copies._copied] == ["townships"]


def test_a_rehearsal_sees_what_it_changed_and_what_it_did_not(towns: Store) -> None:
    setting(towns, "40")
    both = "SELECT name_zh, value FROM townships, settings"
    changes = [Change("townships", TOWNS.head(1).assign(name_zh="改名镇"))]
    with towns.rehearse(changes) as after:
        assert "改名镇" in names(after)
        assert set(after.read_once(both)["value"]) == {"40"}
        assert "改名镇" in set(after.read_once(both)["name_zh"])
        assert after.settings()["minimum_base"] == "40"
    assert "改名镇" not in names(towns)
    assert "改名镇" not in set(towns.read_once(both)["name_zh"])


def test_only_what_was_written_in_between_is_looked_at_and_restored(towns: Store) -> None:
    start = towns.version
    setting(towns, "40")
    assert towns.rewritten(start, towns.version) == [SETTING]
    assert towns.rewritten(towns.version, start) == [SETTING]
    rename(towns, 0, "改名镇")
    changed = towns.version
    towns.restore(start, author="t", message="t")
    assert towns.rewritten(changed, towns.version) == [
        table for table in TABLES.values() if table in (TOWN, SETTING)
    ]
    assert names(towns) == sorted(TOWNS["name_zh"])


def test_the_tables_of_a_query_are_found_by_their_names() -> None:
    assert named('WITH a AS (FROM lake."townships") FROM a JOIN settings') == {
        "townships",
        "settings",
    }
    assert named("SELECT 1 AS townships_held") == frozenset()


def test_a_moved_folder_opens_with_the_same_answers(towns: Store, tmp_path: Path) -> None:
    held = names(towns)
    towns.close()
    (tmp_path / "data").rename(tmp_path / "moved")
    with Store.open(tmp_path / "moved") as moved:
        assert names(moved) == held
