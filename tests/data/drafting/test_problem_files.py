"""The problems workbook: the record as it was, why it did not pass, and the way back."""

import io
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from data import ingest
from data.drafting import problem_files
from data.files import read_grid
from data.forms.own_parts import LINE, OTHER, REASON_EN, REASON_ZH, without_own
from data.ingest import Options
from data.store import Store
from tests.conftest import fill_towns
from tests.data.formats.test_kits import packed
from tests.data.surveys.test_wjx import in_memory

HEAD = "代码,所属乡镇,名称,类别,纬度,经度\n"
GOOD = "990101100201,990101100,甲村,village,30.5,110.5\n"
BAD = '990101100202,990101100,"=HYPERLINK(""x"")",hamlet,30.5,110.5\n'
SHORT = "990101100203,990101100,丙村\n"
COLUMNS = {"代码": "community_code", "所属乡镇": "township_code", "名称": "name_zh",
           "类别": "kind", "纬度": "lat", "经度": "lon"}  # fmt: skip
Made = tuple[Store, Path, ingest.Draft, bytes]
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("problems")
    store = Store.open(folder / "data")
    fill_towns(store)
    file = folder / "村.csv"
    file.write_text(HEAD + GOOD + BAD + SHORT, encoding="utf-8")
    draft = ingest.prepare(store, file, file.name, Options("communities", COLUMNS))
    return store, file, draft, problem_files.write(store, file, draft)


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_record_as_it_was_with_its_reasons(made: Made, tmp_path: Path) -> None:
    _, _, draft, content = made
    assert draft.rejected == 2
    file = tmp_path / "问题.xlsx"
    file.write_bytes(content)
    grid = read_grid(file, file.name)
    assert grid.header == (LINE, REASON_ZH, REASON_EN, *HEAD.strip().split(","))
    line, zh, en, *cells = (column[0].as_py() for column in grid.cells.columns)
    assert line == "3"
    assert "类别" in zh
    assert "village" in en
    # The record itself, cell by cell, the formula as text.
    assert cells == ["990101100202", "990101100", '=HYPERLINK("x")', "hamlet", "30.5", "110.5"]
    assert grid.cells.num_rows == 1
    assert grid.other_sheets == (OTHER,)
    others = read_grid(file, file.name, sheet=OTHER)
    assert [others.cells.column(n)[0].as_py() for n in (0, 5)] == ["4", SHORT.strip()]


def test_only_the_bad_cell_is_marked_and_nothing_is_a_formula(
    made: Made,
) -> None:
    inside = parts(made[3])
    sheet = ET.fromstring(inside["xl/worksheets/sheet1.xml"])
    assert not [f for name, xml in inside.items() if name.startswith("xl/worksheets/")
                for f in ET.fromstring(xml).iter(f"{MAIN}f")]  # fmt: skip
    assert not list(sheet.iter(f"{MAIN}hyperlink"))
    styles = {c.get("r"): c.get("s") for c in sheet.iter(f"{MAIN}c")}
    plain = styles["D2"]
    assert {cell for cell in ("D2", "E2", "F2", "G2", "H2", "I2") if styles[cell] != plain} == {
        "G2"
    }
    comments = [
        c.get("ref") for c in ET.fromstring(inside["xl/comments1.xml"]).iter(f"{MAIN}comment")
    ]
    assert comments == ["G2"]


def test_a_broken_rule_marks_the_cells_that_it_speaks_of(towns: Store, tmp_path: Path) -> None:
    file = tmp_path / "年度.csv"
    head = "乡镇代码,年度,常住人口,常住户数,流动人口数,已服务流动人口数\n"
    file.write_text(head + "990101100,2024,900,300,20,30\n", encoding="utf-8")
    draft = ingest.prepare(towns, file, file.name)
    assert draft.problems[["column", "code"]].values.tolist() == [["", "rule"]]
    inside = parts(problem_files.write(towns, file, draft))
    comments = ET.fromstring(inside["xl/comments1.xml"]).iter(f"{MAIN}comment")
    assert [each.get("ref") for each in comments] == ["H2", "I2"]


def test_the_corrected_file_comes_back_as_it_is(made: Made, tmp_path: Path) -> None:
    store, _, _, content = made
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    strings = members["xl/sharedStrings.xml"].replace(b">hamlet<", b">village<")
    file = packed(tmp_path, {**members, "xl/sharedStrings.xml": strings}, "改正.xlsx")
    draft = ingest.prepare(store, file, file.name, Options("communities", COLUMNS))
    assert draft.problems.empty, draft.problems
    assert (draft.records_read, draft.records_kept) == (1, 1)
    assert not draft.warnings


def test_a_unit_above_the_table_goes_with_the_rows(towns: Store, tmp_path: Path) -> None:
    """Its row is not among them: corrected and brought again, 10 would be ten yuan."""
    head = "乡镇（街道）代码,年度,常住人口,常住户数,治理运转支出"
    rows = "990101100,2025,约千,4,10\n990101101,2025,20,8,20\n"
    file = tmp_path / "年报.csv"
    file.write_text(f"年报,,,,单位：万元\n{head}\n{rows}", encoding="utf-8")
    draft = ingest.prepare(towns, file, file.name)
    content = problem_files.write(towns, file, draft)
    back = packed(tmp_path, {n: p.replace("约千".encode(), b"1000") for n, p in
                             parts(content).items()}, "改正.xlsx")  # fmt: skip
    again = ingest.prepare(towns, back, back.name)
    held = pd.read_parquet(again.accepted["township_year"])
    assert held["governance_spend_yuan"].tolist() == [100_000.0]


def test_columns_of_the_same_words_in_another_place_are_data() -> None:
    grid = in_memory(["编号", REASON_ZH, LINE, REASON_EN], [["1", "水", "2", "x"]])
    assert without_own(grid).header == grid.header


def test_a_kit_has_a_sheet_a_file(made: Made, tmp_path: Path) -> None:
    store = made[0]
    villages = "community_code,township_code,name_zh,kind,lat,lon\n" + BAD
    towns = "township_code,county_code,name_zh\n990102120,990101,丙镇\n"
    kit = packed(tmp_path, {"a/村.csv": villages, "镇.csv": towns})
    draft = ingest.prepare(store, kit, kit.name)
    book = ET.fromstring(parts(problem_files.write(store, kit, draft))["xl/workbook.xml"])
    assert [s.get("name") for s in book.iter(f"{MAIN}sheet")] == ["镇", "村"]


def test_what_says_who_answered_is_not_given_out(made: Made, tmp_path: Path) -> None:
    store = made[0]
    head = "序号,提交答卷时间,所用时间,来源,来源详情,来自IP,1、您所在的乡镇（街道）,2、总体满意吗\n"
    rows = "1,2025/3/1 9:00:00,100秒,链接,,192.0.2.77,不知何镇,满意\n"
    file = tmp_path / "答卷.csv"
    file.write_text(head + rows, encoding="utf-8")
    draft = ingest.prepare(store, file, file.name)
    content = parts(problem_files.write(store, file, draft))
    text = b"".join(content.values()).decode("utf-8", "replace")
    assert "不知何镇" in text
    assert "192.0.2.77" not in text


def test_a_row_and_its_note_are_as_high_as_all_their_reasons(towns: Store, tmp_path: Path) -> None:
    """Not every program makes room by itself for the second."""
    file = tmp_path / "设施.csv"
    head = "facility_id,township_code,name_zh,services,is_comprehensive,status\n"
    file.write_text(f"{head}F1,99,甲站,legal,也许,开着\n", encoding="utf-8")
    draft = ingest.prepare(towns, file, file.name)
    assert len(draft.problems) > 2
    inside = parts(problem_files.write(towns, file, draft))
    (row,) = (r for r in ET.fromstring(inside["xl/worksheets/sheet1.xml"]).iter(f"{MAIN}row")
              if r.get("r") == "2")  # fmt: skip
    assert row.get("customHeight") == "1"
    assert float(row.get("ht", 0)) >= 15 * len(draft.problems)
