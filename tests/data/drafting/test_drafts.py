"""Uploads that wait, and mappings kept under a name: both outlive the process."""

import json
from pathlib import Path

import pytest

from data import ingest, saved
from data.drafting import drafts, mappings
from data.errors import DataError
from data.ingest import Options
from data.store import Store
from data.surveys.reading import SurveyMapping

ODD = "编码,所属,叫法,种类,纬,经\n990101100201,990101100,甲村,village,30.5,110.5\n"
COLUMNS = {
    "编码": "community_code", "所属": "township_code", "叫法": "name_zh", "种类": "kind",
    "纬": "lat", "经": "lon",
}  # fmt: skip


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "file.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_an_upload_and_what_was_said_outlive_the_process(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store") as store:
        upload = drafts.keep(store, "甲.csv", b"a,b\n1,2\n")
        drafts.remember(upload, {"table": "communities"})
    with Store.open(tmp_path / "store") as store:
        (again,) = drafts.waiting(store)
        assert (again.name, again.said) == ("甲.csv", {"table": "communities"})
        assert again.path.read_bytes() == b"a,b\n1,2\n"
        assert drafts.keep(store, "甲.csv", b"a,b\n1,2\n") == again
        drafts.discard(store, again)
        assert drafts.waiting(store) == []
        assert list((store.folder / "staging").iterdir()) == []


def test_publication_leaves_nothing_of_the_file_behind(towns: Store) -> None:
    upload = drafts.keep(towns, "村.csv", ODD.encode())
    made = ingest.prepare(towns, upload.path, upload.name, Options("communities", COLUMNS))
    assert len(list((towns.folder / "staging").glob(f"*{made.sha256[:16]}*"))) > 2
    ingest.publish(towns, made, author="a", message="m")
    assert list((towns.folder / "staging").glob(f"*{made.sha256[:16]}*")) == []


def test_a_half_written_upload_is_no_draft(towns: Store) -> None:
    staging = towns.folder / "staging"
    (staging / "upload-0123.99.half").write_bytes(b"a,")
    saved.write(staging / "upload-0123.json", {"name": "x", "sha256": "0", "time": "", "said": {}})
    assert drafts.waiting(towns) == []


def test_a_named_mapping_is_applied_to_the_next_file_of_the_same_header(
    towns: Store, tmp_path: Path
) -> None:
    file = write(tmp_path, ODD)
    with pytest.raises(DataError) as refusal:
        ingest.prepare(towns, file, file.name)
    assert refusal.value.code == "table_not_recognised"
    said = Options("communities", COLUMNS).to_mapping()
    mappings.save(towns.folder, "民政局的村表", ODD.splitlines()[0].split(","), said)
    made = ingest.prepare(towns, file, file.name)
    assert (made.records_kept, made.options.table) == (1, "communities")
    assert "民政局的村表" in made.warnings[0].zh
    other = write(tmp_path, ODD.replace("编码", "编号"))
    with pytest.raises(DataError):
        ingest.prepare(towns, other, other.name)


def test_a_name_used_again_replaces_and_the_newest_counts(tmp_path: Path) -> None:
    mappings.save(tmp_path, "a", ["x"], {"table": "townships"})
    mappings.save(tmp_path, "a", ["x"], {"table": "communities"})
    (only,) = mappings.named(tmp_path)
    assert only.said == {"table": "communities"}
    assert mappings.matching(tmp_path, ("x",)) == only
    assert mappings.matching(tmp_path, ("y",)) is None


@pytest.mark.parametrize("content", ["", "[1]", "{"])
def test_a_damaged_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(DataError) as refusal:
        saved.read(tmp_path / "a.json")
    assert refusal.value.code == "saved_unreadable"


def test_options_and_mapping_files_say_the_same() -> None:
    options = Options(
        table="communities", columns={"a": "lat", "b": None}, units={"a": "度"}, crs="GCJ02",
        mode="append", sheet="表1", delimiter=";", encoding="big5",
        survey=SurveyMapping({"survey_id": "s"}, {"Q1": {"index_code": "S1"}}, {"好": 5},
                             {"甲": "990101100"}, frozenset({"电话"})),
    )  # fmt: skip
    through = json.loads(json.dumps(options.to_mapping()))
    assert Options.from_mapping(through) == options
