"""A file with two tables: the one that is wanted is read and the other named, or it is asked."""

from pathlib import Path

import pytest

from data import ingest
from data.drafting import problem_files
from data.errors import DataError
from data.store import Store
from tests.data.reading import in_this_process

FIRST = (
    "facility_id,township_code,name_zh,services,is_comprehensive,status\n"
    "F1,990101100,甲站,legal,true,operating\nF2,990101101,乙站,legal,true,operating\n"
)
TOWNS = "township_code,name_zh,name_en,county_code,unit_type\n990101100,示例镇,A,990101,township\n"
PEOPLE = "负责人,电话\n张三,123\n"


def padded(text: str) -> str:
    return "".join(f"{n}{',' * (5 - n.count(','))}\n" for n in text.splitlines())


def prepared(store: Store, tmp_path: Path, text: str, **said: object) -> ingest.Draft:
    file = tmp_path / "file.csv"
    file.write_text(text, encoding="utf-8")
    options = ingest.Options(**said)  # type: ignore[arg-type]
    with in_this_process():
        return ingest.prepare(store, file, file.name, options)


@pytest.mark.parametrize("text", [FIRST + "\n" + PEOPLE, FIRST + padded("\n" + PEOPLE)])
def test_what_stands_beneath_and_is_no_table_is_named(
    towns: Store, tmp_path: Path, text: str
) -> None:
    draft = prepared(towns, tmp_path, text)
    assert (draft.records_kept, len(draft.problems)) == (2, 0)
    assert "第 5 行起是另一张表（表头：负责人, 电话）" in draft.warnings[0].zh


def test_the_second_is_read_where_the_first_is_no_table(towns: Store, tmp_path: Path) -> None:
    text = padded(PEOPLE + "\n") + FIRST.replace("F2,990101101,乙站,legal", "F2,990101101,乙站,law")
    draft = prepared(towns, tmp_path, text)
    assert (draft.records_kept, draft.problems["line"].tolist()) == (1, [6])
    assert "只导入了第 4 行起的这一张" in draft.warnings[0].zh
    with in_this_process():
        assert problem_files.write(towns, tmp_path / "file.csv", draft)


@pytest.mark.parametrize(
    "text",
    [
        FIRST + "\n" + TOWNS,
        FIRST + padded("\n" + TOWNS),
    ],
)
def test_two_tables_are_asked_with_the_place_named(towns: Store, tmp_path: Path, text: str) -> None:
    with pytest.raises(DataError) as refusal:
        prepared(towns, tmp_path, text)
    assert refusal.value.code == "second_table"
    assert "第 5 行" in refusal.value.place.zh


@pytest.mark.parametrize("text", [FIRST + "\n" + PEOPLE, FIRST + padded("\n" + PEOPLE)])
def test_records_go_on_behind_a_row_of_words(towns: Store, tmp_path: Path, text: str) -> None:
    """What stands between is no table of its own: each of its rows is a problem."""
    draft = prepared(towns, tmp_path, text + FIRST.splitlines()[1].replace("F1", "F3") + "\n")
    assert draft.records_kept == 3
    assert set(draft.problems["line"]) == {5, 6}


def test_the_wanted_table_decides(towns: Store, tmp_path: Path) -> None:
    draft = prepared(towns, tmp_path, FIRST + padded("\n" + TOWNS), table="townships")
    assert [*draft.accepted] == ["townships"]
    assert draft.records_kept == 1


def test_records_of_words_behind_a_blank_row_are_records(towns: Store, tmp_path: Path) -> None:
    row = "甲,990101100,甲站,legal,true,operating"
    draft = prepared(towns, tmp_path, f"{FIRST}\n{row}\n{row.replace('甲', '乙')}\n")
    assert draft.records_kept == 4


def test_a_file_of_headings_says_so(towns: Store, tmp_path: Path) -> None:
    with pytest.raises(DataError) as refusal:
        prepared(towns, tmp_path, TOWNS.splitlines()[0] + "\n")
    assert refusal.value.code == "only_headings"


def test_a_file_of_no_text_says_so(towns: Store, tmp_path: Path) -> None:
    file = tmp_path / "file.csv"
    file.write_bytes(bytes((7 * n * n + 13 * n) % 256 for n in range(2000)))
    with in_this_process(), pytest.raises(DataError) as refusal:
        ingest.prepare(towns, file, file.name)
    assert refusal.value.code == "binary"
