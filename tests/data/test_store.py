"""The store: versions, undo, locks, hardening, one cursor a call."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from data.errors import DataError
from data.storage.staging import staged
from data.store import Change, Store, exists

ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "data") as opened:
        yield opened


def towns(*names: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "township_code": [f"99010110{n}" for n in range(len(names))],
            "name_zh": names,
            "county_code": "990101",
        }
    )


def publish(store: Store, frame: pd.DataFrame, mode: str = "merge") -> int:
    change = Change("townships", frame, mode)  # type: ignore[arg-type]
    return store.publish([change], author="李评", message="乡镇名单", details={"sha256": "ab"})


def names(store: Store) -> list[str]:
    return store.read("SELECT name_zh FROM townships ORDER BY township_code")["name_zh"].tolist()


def test_a_publication_is_a_version_with_author_message_and_details(store: Store) -> None:
    before = store.version
    number = publish(store, towns("甲镇", "乙乡"))
    assert number == store.version > before
    newest = store.history()[0]
    assert (newest.number, newest.author, newest.message) == (number, "李评", "乡镇名单")
    assert newest.details == {"sha256": "ab", "tables": ["townships"]}


def test_a_folder_that_was_moved_opens_with_all_it_holds(tmp_path: Path) -> None:
    with Store.open(tmp_path / "office") as first:
        publish(first, towns("甲镇", "乙乡"))
    (tmp_path / "office").rename(tmp_path / "county hall")
    with Store.open(tmp_path / "county hall") as moved:
        assert names(moved) == ["甲镇", "乙乡"]
        publish(moved, towns("甲街道"))
        assert names(moved) == ["甲街道", "乙乡"]


def test_merge_adds_and_corrects_and_keeps_the_rest(store: Store) -> None:
    publish(store, towns("甲镇", "乙乡"))
    publish(store, towns("甲街道"))
    assert names(store) == ["甲街道", "乙乡"]


def test_replace_removes_what_the_period_no_longer_has(store: Store) -> None:
    def facts(year: int, codes: list[str]) -> pd.DataFrame:
        return pd.DataFrame(
            {"township_code": codes, "year": year, "resident_pop": 10, "households": 4}
        )

    def save(frame: pd.DataFrame, mode: str) -> None:
        change = Change("township_year", frame, mode)  # type: ignore[arg-type]
        store.publish([change], author="a", message="m")

    save(facts(2024, ["990101100", "990101101"]), "merge")
    save(facts(2025, ["990101100", "990101101"]), "merge")
    save(facts(2025, ["990101100"]), "replace")
    held = store.read("SELECT year, count(*) AS n FROM township_year GROUP BY 1 ORDER BY 1")
    assert held.values.tolist() == [[2024, 2], [2025, 1]]


def test_a_failing_publication_changes_nothing(store: Store) -> None:
    publish(store, towns("甲镇"))
    version = store.version
    bad = pd.DataFrame({"township_code": ["990101100"], "year": ["not a year"]})
    with pytest.raises(duckdb.ConversionException):
        store.publish(
            [Change("townships", towns("丙镇")), Change("township_year", bad)],
            author="a",
            message="m",
        )
    assert names(store) == ["甲镇"]
    assert store.version == version


def test_an_earlier_version_answers_as_it_did_and_is_never_written_to(store: Store) -> None:
    first = publish(store, towns("甲镇"))
    base = Change("settings", pd.DataFrame({"name": ["minimum_base"], "value": ["50"]}))
    second = store.publish([base, Change("townships", towns("乙镇"))], author="a", message="m")
    past = store.at(first)
    assert (names(past), past.version) == (["甲镇"], first)
    assert (names(store), store.version) == (["乙镇"], second)
    assert past.read("SELECT count(*) AS n FROM boundaries")["n"].item() == 0
    # People's answers are protected as they are today, whatever was allowed then.
    assert past.settings()["minimum_base"] == "50"
    assert store.at(second) is store
    for write in (
        lambda: publish(past, towns("丙镇")),
        lambda: past.restore(first, author="a", message="m"),
        lambda: past.rehearse([]).__enter__(),
    ):
        with pytest.raises(DataError) as refused:
            write()
        assert refused.value.code == "version_is_past"
    with pytest.raises(DataError) as refused:
        store.at(99)
    assert refused.value.code == "unknown_version"
    assert names(store) == ["乙镇"]


def test_restore_brings_an_earlier_state_back_as_a_new_version(store: Store) -> None:
    first = publish(store, towns("甲镇"))
    second = publish(store, towns("乙镇", "丙镇"))
    third = store.restore(first, author="李评", message="撤销")
    assert names(store) == ["甲镇"]
    assert third > second
    assert [v.number for v in store.history()[:3]] == [third, second, first]
    store.restore(second, author="李评", message="重做")
    assert names(store) == ["乙镇", "丙镇"]


def test_restoring_an_unknown_version_is_refused(store: Store) -> None:
    with pytest.raises(DataError) as refusal:
        store.restore(999, author="a", message="m")
    assert refusal.value.code == "unknown_version"


def test_facts_survive_closing(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        publish(store, towns("甲镇"))
        version = store.version
    assert exists(tmp_path)
    with Store.open(tmp_path) as store:
        assert names(store) == ["甲镇"]
        assert store.version == version


def test_a_folder_in_use_is_refused_with_a_sentence(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from data.store import Store\n"
        "from data.errors import DataError\n"
        "try: Store.open(Path(sys.argv[1]))\n"
        "except DataError as error: print(error.code); sys.exit(2)\n"
    )
    with Store.open(tmp_path):
        other = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert (other.returncode, other.stdout.strip()) == (2, "store_in_use")


def test_a_file_that_is_no_catalog_is_refused(tmp_path: Path) -> None:
    (tmp_path / "catalog.ducklake").write_bytes(b"not a database at all" * 1000)
    with pytest.raises(DataError) as refusal:
        Store.open(tmp_path)
    assert refusal.value.code == "store_unreadable"


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "COPY (SELECT 1) TO '/tmp/never.csv'",
        "ATTACH '/tmp/never.db'",
        "INSTALL httpfs",
        "LOAD spatial",
        "SET enable_external_access = true",
        "SET threads = 1",
        "SELECT * FROM some_python_frame",
    ],
)
def test_the_engine_is_locked(store: Store, statement: str) -> None:
    some_python_frame = towns("甲镇")
    assert len(some_python_frame) == 1
    with pytest.raises(duckdb.Error):
        store.read(statement)


def test_a_query_over_its_time_is_stopped_and_the_next_one_runs(store: Store) -> None:
    with pytest.raises(DataError) as refusal:
        store.read("SELECT sum(a.range * b.range) FROM range(400000) a, range(400000) b", seconds=1)
    assert refusal.value.code == "query_too_long"
    assert store.read("SELECT 1 AS one")["one"].item() == 1


def test_threads_get_their_own_answers(store: Store) -> None:
    wrong: list[tuple[int, int]] = []

    def ask(number: int) -> None:
        for _ in range(20):
            answer = store.read("SELECT $number AS n", {"number": number})["n"].item()
            if answer != number:
                wrong.append((number, answer))

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_an_answer_kept_in_memory_is_of_the_newest_version_and_nobodys_to_change(
    store: Store,
) -> None:
    asked = "SELECT name_zh FROM townships ORDER BY township_code"
    publish(store, towns("甲"))
    first = store.read_once(asked)
    first["name_zh"] = "别人改的"
    assert store.read_once(asked)["name_zh"].tolist() == ["甲"]
    with store.rehearse([Change("townships", towns("丁", "戊"))]) as after:
        assert after.read_once(asked)["name_zh"].tolist() == ["丁", "戊"]
    assert store.read_once(asked)["name_zh"].tolist() == ["甲"]
    publish(store, towns("乙", "丙"))
    assert store.read_once(asked)["name_zh"].tolist() == ["乙", "丙"]


def test_what_is_made_once_is_made_again_for_another_version_or_where_it_is_large(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def make(which: str) -> list[str]:
        made.append(which)
        return [which]

    for _ in range(2):
        assert store.once("a", lambda: make("first"), len) == ["first"]
    publish(store, towns("甲"))
    assert store.once("a", lambda: make("second"), len) == ["second"]
    with store.rehearse([Change("townships", towns("乙"))]) as after:
        assert after.once("a", lambda: make("rehearsed"), len) == ["rehearsed"]
    monkeypatch.setattr("data.storage.asking.LARGEST_KEPT", 0)
    for _ in range(2):
        assert store.once("b", lambda: make("large"), len) == ["large"]
    assert made == ["first", "second", "rehearsed", "large", "large"]


def test_answers_kept_in_memory_differ_by_parameter(store: Store) -> None:
    asked = "SELECT $n + 1 AS n"
    assert [store.read_once(asked, {"n": n})["n"].item() for n in (1, 2, 1)] == [2, 3, 2]


def test_parameters_the_query_does_not_name_are_left_out(store: Store) -> None:
    answer = store.read("SELECT $year AS y", {"year": 2025, "township": None})
    assert answer["y"].item() == 2025


def test_macros_are_at_hand(store: Store) -> None:
    answer = store.read(
        "SELECT answer_points(NULL)[5] AS best, answer_points('mean')[1] AS worst, "
        "answer_points('customary')[NULL::INTEGER] AS none, "
        "hav_m(40.0, 116.0, 41.0, 116.0) AS one_degree"
    )
    assert answer[["best", "worst"]].values.tolist() == [[100.0, 0.0]]
    assert answer["none"].isna().item()
    # One degree of a great circle: pi * R / 180.
    assert answer["one_degree"].item() == pytest.approx(111195.0802, abs=1e-3)


def test_settings_have_defaults_and_can_be_changed(store: Store) -> None:
    assert store.settings()["minimum_base"] == "30"
    frame = pd.DataFrame({"name": ["minimum_base"], "value": ["10"]})
    store.publish([Change("settings", frame)], author="a", message="m")
    assert store.settings()["minimum_base"] == "10"


def test_each_publication_stages_under_a_name_of_its_own(store: Store) -> None:
    # Under one name, DuckDB now and then answered from the file that stood there before.
    change = Change(
        "survey_scoring", pd.DataFrame({"county_code": ["990101"], "from_year": [2025]})
    )
    places = []
    for _ in range(2):
        with staged(store.folder, [change]) as files:
            places.append(files[0])
    assert places[0] != places[1]


def test_columns_beside_an_answer_stay_with_their_rows_in_any_order(tmp_path: Path) -> None:
    """Pieces of a table are read at once; which comes first is not certain."""
    store = Store.open(tmp_path / "data")
    beside = pa.table({"record": [1, 2, 3], "word": ["a", "b", "c"]})
    file = store.new_staging("x") / "f.parquet"
    assert store.write_file("SELECT * FROM (VALUES (3, 30), (1, 10)) t(record, n)", file,
                            beside=beside.cast(pa.schema({"record": pa.int32(),
                                                          "word": pa.string()})))  # fmt: skip
    held = pd.read_parquet(file).sort_values("record")
    assert held[["record", "n", "word"]].values.tolist() == [[1, 10, "a"], [3, 30, "c"]]
