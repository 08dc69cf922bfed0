"""A ZIP of several tables: checked together, parents first, published as one version."""

import zipfile
from pathlib import Path

import pytest

from data import ingest
from data.contracts import TABLES
from data.errors import DataError
from data.formats import kits
from data.ingest import Options
from data.store import Store

TOWNS = "township_code,county_code,name_zh\n990101120,990101,丙镇\n990101121,990101,丁镇\n"
VILLAGES = (
    "community_code,township_code,name_zh,kind,lat,lon\n"
    "990101120201,990101120,甲村,village,30.5,110.5\n"
)
STRAY = "990101199201,990101199,乙村,village,30.5,110.5\n"


def packed(tmp_path: Path, members: dict[str, str | bytes], name: str = "kit.zip") -> Path:
    path = tmp_path / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for title, content in members.items():
            archive.writestr(title, content)
    return path


def prepare(store: Store, path: Path, **options: object) -> ingest.Draft:
    return ingest.prepare(store, path, path.name, Options(**options))  # type: ignore[arg-type]


def test_tables_that_need_each_other_come_in_together(towns: Store, tmp_path: Path) -> None:
    # The villages stand first in the archive; their township is in the other file.
    kit = packed(tmp_path, {
        "a/村.csv": VILLAGES, "b/镇.csv": TOWNS, "README.txt": "x", "填表说明.docx": b"PK",
        "通知.txt": "请各乡镇\n月底前上报\n",
    })  # fmt: skip
    made = prepare(towns, kit)
    assert made.problems.empty, made.problems
    assert list(made.accepted) == ["townships", "communities"]
    assert (made.kind, made.records_read, made.records_kept) == ("kit", 3, 3)
    assert any("README.txt、填表说明.docx、通知.txt" in word.zh for word in made.warnings)
    assert list(ingest.grids(towns, kit, made)) == ["a/村.csv", "b/镇.csv"]
    before = towns.version
    ingest.publish(towns, made, author="a", message="m")
    assert towns.version == before + 1
    held = towns.read("SELECT community_code FROM communities")["community_code"]
    assert held.tolist() == ["990101120201"]


def test_a_unit_may_stand_in_another_file_of_the_kit(towns: Store, tmp_path: Path) -> None:
    practices = (
        "practice_id,unit_code,indicator_id,kind,title,summary,evidence,started_on\n"
        "P1,990101120,C2,innovation,清单公开,逐项公开,核查记录,2025-03-01\n"
        "P2,990101199,C2,innovation,清单公开,逐项公开,核查记录,2025-03-01\n"
    )
    made = prepare(towns, packed(tmp_path, {"a.csv": practices, "b.csv": TOWNS}))
    assert list(made.accepted) == ["townships", "practices"]
    assert made.problems[["file", "record", "code"]].values.tolist() == [["a.csv", 2, "rule"]]


def test_a_problem_names_its_file(towns: Store, tmp_path: Path) -> None:
    made = prepare(towns, packed(tmp_path, {"村.csv": VILLAGES + STRAY, "镇.csv": TOWNS}))
    assert (made.problems["file"] == "村.csv").all()
    assert set(made.problems["record"]) == {2}
    assert made.records_kept == 3


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"a.csv": TOWNS, "b.csv": TOWNS}, "kit_doubled"),
        ({"a.csv": TOWNS, "b.exe": b"MZ"}, "kit_unknown_member"),
        ({"a.csv": TOWNS, "b.csv": b"\x89PNG\r\n\x1a\n" + bytes(50)}, "not_a_table"),
        ({"a.csv": TOWNS, "b.csv": "x,y\n1,2\n"}, "table_not_recognised"),
        ({"a.csv": TOWNS, "b.csv": "x\n1\n"}, "one_column"),
        ({"a.txt": "x\n1\n", "b.txt": "x\n1\n"}, "one_column"),
        ({"....csv": TOWNS}, "kit_unknown_member"),
        ({f"{n}.csv": "" for n in range(201)}, "kit_too_large"),
    ],
)
def test_a_kit_with_something_wrong_is_refused(
    towns: Store, tmp_path: Path, members: dict[str, str | bytes], code: str
) -> None:
    with pytest.raises(DataError) as refusal:
        prepare(towns, packed(tmp_path, members))
    assert refusal.value.code == code


def test_a_bomb_is_stopped_while_it_is_taken_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kits, "_LARGEST", 5 << 20)
    path = packed(tmp_path, {"a.csv": bytes(20 << 20)})
    with pytest.raises(DataError) as refusal:
        kits.unpack(path, "kit.zip", tmp_path)
    assert refusal.value.code == "kit_too_large"
    assert (tmp_path / "member-0").stat().st_size <= 5 << 20


def test_of_two_files_of_one_name_neither_is_lost(tmp_path: Path) -> None:
    path = packed(tmp_path, {"a.csv": TOWNS, "b.csv": VILLAGES})
    path.write_bytes(path.read_bytes().replace(b"b.csv", b"a.csv"))
    with pytest.raises(DataError) as refusal:
        kits.unpack(path, "kit.zip", tmp_path)
    assert refusal.value.code == "unreadable"


def test_names_of_members_are_never_paths(tmp_path: Path) -> None:
    path = packed(tmp_path, {"../../outside.csv": TOWNS, "..\\..\\outside.csv": TOWNS})
    (tmp_path / "in").mkdir()
    members, _ = kits.unpack(path, "kit.zip", tmp_path / "in")
    assert [member.path.parent for member in members] == [tmp_path / "in"] * 2
    assert not (tmp_path.parent / "outside.csv").exists()


def test_chinese_names_of_old_programs_are_read(tmp_path: Path) -> None:
    name = "镇表.csv".encode("gb18030")
    path = tmp_path / "k.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x" * (len(name) - 4) + ".csv", TOWNS)
    path.write_bytes(path.read_bytes().replace(b"x" * (len(name) - 4) + b".csv", name))
    members, _ = kits.unpack(path, "k.zip", tmp_path)
    assert [member.name for member in members] == ["镇表.csv"]


def test_parents_come_first_whatever_the_order() -> None:
    for order in (list(TABLES.values()), list(TABLES.values())[::-1]):
        names = [table.name for table in kits.parents_first(order)]
        assert sorted(names) == sorted(TABLES)
        for name in names:
            for key in TABLES[name].foreign_keys:
                if key.parent != name:
                    assert names.index(key.parent) < names.index(name)
