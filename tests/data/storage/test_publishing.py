"""What is published: files brought in as they are, answer for answer like rows written anew."""

import errno
import os
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.contracts import TABLES
from data.drafting.effects import compare
from data.errors import DataError
from data.keeping import backup, bring_back, verify
from data.storage import publishing
from data.storage.publishing import Mode
from data.store import Change, Store

TYPES = {"VARCHAR": pa.string(), "INTEGER": pa.int32()}
ALL = "SELECT * FROM survey_answers ORDER BY ALL"


@pytest.fixture(autouse=True)
def _every_file_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "LARGEST_SORTED", 0)


def answers(store: Store, survey: str, values: list[int | None], first: int = 0) -> Path:
    """Stage answers as an import does: typed, with the number of the record beside them."""
    columns = {
        "survey_id": [survey] * len(values),
        "respondent_id": [f"r{n}" for n in range(first, first + len(values))],
        "question_id": ["Q1"] * len(values),
        "value": values,
    }
    kinds = {c.name: TYPES[c.type] for c in TABLES["survey_answers"].columns}
    typed = {name: pa.array(columns[name], kind) for name, kind in kinds.items()}
    file = store.new_staging("draft-1") / "survey_answers.parquet"
    pq.write_table(pa.table({"record": pa.array(range(1, len(values) + 1)), **typed}), file)
    return file


def publish(
    store: Store, survey: str, values: list[int | None], first: int = 0, mode: Mode = "merge"
) -> int:
    change = Change("survey_answers", answers(store, survey, values, first), mode)
    return store.publish([change], author="a", message="m")


def held(folder: Path) -> list[Path]:
    return sorted((folder / "facts" / "main" / "survey_answers").glob("*"))


def story(store: Store) -> list[int]:
    """Add, correct and add, replace one survey of two, go back."""
    first = publish(store, "A", [1, 2, 3, None])
    second = publish(store, "A", [4, 4, 4], first=2)
    return [
        first,
        second,
        publish(store, "B", [5, 5]),
        publish(store, "A", [2], mode="replace"),
        store.restore(second, author="a", message="m"),
    ]


def test_files_brought_in_answer_like_rows_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The roll-up has a test of its own.
    monkeypatch.setattr(publishing, "roll_up", lambda *_: None)
    told = []
    for kept in (True, False):
        monkeypatch.setattr(publishing, "_as_it_will_be", lambda *_, kept=kept: kept)
        with Store.open(tmp_path / str(kept)) as store:
            numbers = story(store)
            past = [store.as_of(TABLES["survey_answers"], number) for number in numbers]
            told.append([store.read(f"FROM ({query}) ORDER BY ALL").to_dict() for query in past])
            told[-1].append(compare(store, numbers[2], numbers[3]).to_dict())
        found = verify(tmp_path / str(kept))
        assert found.sound
        assert found.unreferenced == 0
    assert told[0] == told[1]
    assert len(told[0][1]["value"]) == 5


def test_a_file_is_kept_as_it_was_checked_and_survives_copying_and_moving(tmp_path: Path) -> None:
    with Store.open(tmp_path / "data") as store:
        file = answers(store, "A", [1, None, 3])
        content = file.read_bytes()
        store.publish([Change("survey_answers", file)], author="a", message="m")
        # Whatever becomes of the staged file, even under its old name, the facts stay.
        answers(store, "A", [5, 5, 5])
        before = store.read(ALL)
        assert before["value"].fillna(0).tolist() == [1, 0, 3]
        assert [path.read_bytes() for path in held(store.folder)] == [content]
    (tmp_path / "data").rename(tmp_path / "moved")
    backup(tmp_path / "moved", tmp_path / "b.zip")
    bring_back(tmp_path / "returned", tmp_path / "b.zip")
    for place in ("moved", "returned"):
        with Store.open(tmp_path / place) as store:
            pd.testing.assert_frame_equal(store.read(ALL), before)


def test_what_does_not_come_about_leaves_no_file(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        change = Change("survey_answers", answers(store, "A", [1, 2, 3]))
        with store.rehearse([change]) as after:
            assert (len(after.read(ALL)), len(held(tmp_path))) == (3, 1)
        assert held(tmp_path) == []
        bad = Change("township_year", pd.DataFrame({"year": ["not a year"]}))
        with pytest.raises(Exception, match="not a year"):
            store.publish([change, bad], author="a", message="m")
        assert held(tmp_path) == []
        assert store.read(ALL).empty


def test_a_full_disk_is_refused_and_nothing_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(tmp_path) as store:
        change = Change("survey_answers", answers(store, "A", [1, 2, 3]))

        def half(_: Path, target: Path) -> None:
            target.write_bytes(b"PAR1")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with monkeypatch.context() as full:
            full.setattr("data.storage.lake.shutil.copyfile", half)
            with pytest.raises(DataError) as refused:
                store.publish([change], author="a", message="m")
        assert refused.value.code == "disk_is_full"
        assert (held(tmp_path), len(store.history())) == ([], 0)
        store.publish([change], author="a", message="m")
        assert len(store.read(ALL)) == 3


def test_a_file_of_other_types_is_read_as_the_contract_says(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        file = store.new_staging("draft-1") / "survey_answers.parquet"
        frame = pd.DataFrame({"survey_id": "A", "respondent_id": ["r1"], "question_id": "Q1"})
        frame.assign(value=3.0).to_parquet(file)
        store.publish([Change("survey_answers", file)], author="a", message="m")
        told = store.read("SELECT value, typeof(value) AS kind FROM survey_answers")
        assert told.values.tolist() == [[3, "INTEGER"]]


def test_statistics_tell_of_one_survey_only_where_every_row_has_it(tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    for values, told in (
        (["S", "S", "S"], "S"), (["S", "T", "S"], None), (["S", None, "S"], None), ([], None),
        (["S", "S", "T"], None), ([""], ""),
    ):  # fmt: skip
        table = pa.table({"survey_id": pa.array(values, pa.string())})
        pq.write_table(table, file, row_group_size=2)
        assert publishing._only_value(file, "survey_id") == told
        pq.write_table(table, file, write_statistics=False)
        assert publishing._only_value(file, "survey_id") is None
