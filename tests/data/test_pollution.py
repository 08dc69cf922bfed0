"""Good and bad files as people send them: accepted right, or the record named; never in silence."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter
import xlwt

from data import ingest
from data.drafting import mappings
from data.errors import DataError
from data.store import Store
from tests.conftest import fill_towns
from tests.data.books import ods_cells, repacked
from tests.data.reading import in_this_process

HEAD = "facility_id,township_code,name_zh,services,is_comprehensive,status,area_total_m2"
ZH = "设施编号,乡镇代码,名称,服务种类,综合服务设施,状态,总面积（平方米）"
ONE = "F1,990101100,甲站,legal,true,operating,1200"
TWO = "F2,990101101,乙站,legal;psych,false,idle,"
BARE = ZH.replace("（平方米）", "")
HECTARES = f"{ONE}\n{TWO}\n".replace("1200", "0.12")
NAMED = f"{ZH},乡镇名称\n{ONE},示例镇\n{TWO},样例\n"
TRUTH = [
    ["F1", "990101100", "甲站", "legal", True, "operating", 1200.0],
    ["F2", "990101101", "乙站", "legal;psych", False, "idle", None],
]

GOOD = {
    "numbered rows": f"序号,{HEAD}\n1,{ONE}\n2,{TWO}\n",
    "index of a program": f",{HEAD}\n0,{ONE}\n1,{TWO}\n",
    "empty columns": f"{HEAD},,\n{ONE},,\n{TWO},,\n",
    "empty rows at the end": f"{HEAD}\n{ONE}\n{TWO}\n,,,,,,\n,,,,,,\n",
    "a mark behind each record": f"{HEAD}\n{ONE},\n{TWO},\n",
    "a mark behind the headings": f"{HEAD},\n{ONE}\n{TWO}\n",
    "an empty line between": f"{HEAD}\n{ONE}\n\n{TWO}\n",
    "an empty row between": f"{HEAD}\n{ONE}\n,,,,,,\n{TWO}\n",
    "title, units, total": f"统计表,,,,,,\n填报单位：某县,,,,,,单位：个\n{ZH}\n{ONE}\n{TWO}\n"
    "合计,,,,,,1200\n填表人：甲,,,,,,\n",
    "words for codes": f"{ZH}\nF1,990101100,甲站,legal,是,运行中,1200\n"
    "F2,990101101,乙站,legal;psych,否,闲置,\n",
    "thousands": f'{HEAD}\nF1,990101100,甲站,legal,TRUE,operating,"1,200"\n{TWO}\n',
    "wide digits": f"{HEAD}\nF1,９９０１０１１００,甲站,legal,1,operating,１２００\n{TWO}\n",
    "unit in the cell": f"{HEAD}\nF1,990101100,甲站,legal,√,operating,1200㎡\n{TWO}\n",
    "other unit": f"{ZH}\nF1,990101100,甲站,legal,√,operating,0.12公顷\n{TWO}\n",
    "codes as numbers": f"{HEAD}\nF1,990101100.0,甲站,legal,1.0,operating,1200.0\n"
    "F2,990101101.0,乙站,legal;psych,0.0,idle,nan\n",
    "text kept from Excel": f'{HEAD}\n"=""F1""","=""990101100""",甲站,legal,Y,运行中,1200\n{TWO}\n',
    "an apostrophe before codes": f"{HEAD}\nF1,'990101100,甲站,legal,y,operating,'1200\n{TWO}\n",
    "remarks, and who filled it in": f"{HEAD},备注,填表人\n{ONE},好,张\n{TWO},,\n",
    "marks of what must be filled in": f"{ZH}\n{ONE}\n{TWO}\n".replace("状态", "*状态（必填）"),
    "several services in words": f"{HEAD}\n{ONE}\n{TWO}\n".replace(
        "legal;psych", "公共法律服务、psych"
    ),
    "wide semicolons": f"{HEAD}\n{ONE}\n{TWO}\n".replace("legal;psych", "legal；心理疏导"),
    "signs for no data": f"{HEAD}\n{ONE}\nF2,990101101,乙站,legal;psych,无,idle,—\n",
    "inches": f'{HEAD}\n{ONE}\n{TWO}\nF3,990101101,5" 管,legal,否,idle,\n',
    "no-break blanks": f"{HEAD}\nF1\u00a0,\u00a0990101100,甲站,legal,是,运行中,1200\u3000\n{TWO}\n",
    "a unit above the table": f"统计表,,,,,,\n填报：某县,,,,,,单位：个、公顷\n{BARE}\n{HECTARES}",
    "a unit in the title": f"统计表（公顷）,,,,,,\n{BARE}\n{HECTARES}",
    "a unit in a note": f"{BARE}\n{HECTARES}注：1.面积单位为公顷。,,,,,,\n2.含在建的设施。,,,,,,\n",
    "units beneath the headings": f"{BARE}\n,,,,,,公顷\n{HECTARES}",
    "units and counted columns": f"{BARE}\n,,,,,,公顷\n甲,乙,丙,1,2,3,4\n{HECTARES}",
    "a heading's own unit is first": f"统计表（公顷）,,,,,,\n{ZH}\n{ONE}\n{TWO}\n",
    "a unit of something else": f"统计表,,,,,,单位：万人\n{BARE}\n{ONE}\n{TWO}\n",
    "counted columns": f"{ZH}\n甲,乙,丙,丁,1,2,3\n{ONE}\n{TWO}\n",
    "the number of a form": f"统计表,,,,,,\n,,,,,表    号：,某 1 表\n{ZH}\n{ONE}\n{TWO}\n",
    "a year alone above": f"2025\n{HEAD}\n{ONE}\n{TWO}\n",
    "a year alone above, filled up": f"2025,,,,,,\n{HEAD}\n{ONE}\n{TWO}\n",
    "an empty row and column first": f",,,,,,,\n,{ZH}\n,{ONE}\n,{TWO}\n",
    "a total of the county": f"{ZH}\n{ONE}\n{TWO}\n全县合计,,,,,,1200\n",
    "names beside codes": NAMED,
    "names behind their county": NAMED.replace("示例镇", "某县示例镇").replace(
        "样例\n", "某县样例乡\n"
    ),
    "grouped headings": f"{BARE}\n".replace("总面积", "面积（公顷）/总面积") + HECTARES,
    "what a system says above": f"导出人,张三\n时间,2025-03-01 10:00:00\n{HEAD}\n{ONE}\n{TWO}\n",
    "a sentence above": f"本表由系统生成,请勿修改\n\n{ZH}\n{ONE}\n{TWO}\n",
    "three rows of headings": "设施编号,乡镇代码,基本情况,,,,面积情况\n"
    ",,名称,服务种类,人员情况,,面积（公顷）\n,,,,综合服务设施,状态,总面积\n" + HECTARES,
    "codes of twelve digits": f"{HEAD}\n{ONE}\n{TWO}\n".replace("990101100", "990101100000"),
    "numbers that begin anew": f"序号,{HEAD}\n1,{ONE}\n1,{TWO}\n",
    "rows of a frame that was cut": f"Unnamed: 0,{HEAD}\n4,{ONE}\n9,{TWO}\n",
    "no data, as programs write it": f"{HEAD}\n{ONE}\n{TWO}.\n",
    "narrow blanks in thousands": f"{HEAD}\n{ONE}\n{TWO}\n".replace("1200", "1\u202f200"),
    "yes and no of a database": f"{HEAD}\n{ONE}\n{TWO}\n".replace("true", "t").replace(
        "false", "f"
    ),
    "files joined with their marks": f"\ufeff{HEAD}\n{ONE}\n\ufeff{HEAD}\n{TWO}\n",
}
BAD = {
    "files joined without a header": (f"\ufeff{HEAD}\n{ONE}\n\ufeff{TWO}\n", 2, "unseen"),
    "a lost mark": (f'{HEAD}\n{ONE}\nF2",990101101,乙站,legal,否,idle,\n', 2, "stray_quote"),
    "a mark in a code": (f'{HEAD}\n{ONE}\nF"2,990101101,乙站,legal,否,idle,\n', 2, "stray_quote"),
    "a mark in a word": (f'{HEAD}\n{ONE}\nF2,990101101,乙"站,legal,否,idle,\n', 2, "stray_quote"),
    "a decimal comma": (f'{HEAD}\n{ONE}\nF2,990101101,乙站,legal,否,idle,"3,5"\n', 2, "type"),
    "a mark by itself": (f'{HEAD}\n{ONE}\nF2,990101101, ",legal,否,idle,\n', 2, "stray_quote"),
    "a field too many": (f"{HEAD}\n{ONE}\nF2,990101101,x,乙站,legal,否,idle,\n", 2, "ragged"),
    "a lost sign": (f"{HEAD}\n{ONE}\nF2,990101101,乙\ufffd,legal,否,idle,\n", 2, "unseen"),
    "a code as Excel shortens it": (
        f"{HEAD}\n{ONE}\nF2,9.90101E+08,乙站,legal,否,idle,\n", 2, "pattern",
    ),
    "another's name beside a code": (NAMED.replace("样例", "示例街道"), 2, "name_of_another"),
    "a long code in short": (f"{HEAD}\n{ONE}\n{TWO.replace('F2', '6.5E+11')}\n", 2, "shortened"),
    "a number beyond all numbers": (f"{HEAD}\n{ONE}\n{TWO}1e400\n", 2, "type"),
    "one in another unit": (f"{BARE}（公顷）\n{HECTARES.strip()}1e306\n", 2, "type"),
    "more digits than are read": (
        f"{BARE}（公顷）\n{HECTARES.strip()}{'9' * 5000}\n", 2, "type",
    ),
    "a mark behind one": (f"{HEAD}\n{ONE}\nF2,990101101,乙站,legal,否,idle,,\n", 2, "ragged"),
    "no data where some must be": (f"{HEAD}\n{ONE}\nF2,990101101,乙站,legal,—,idle,\n", 2, "type"),
}  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store.open(tmp_path_factory.mktemp("pollution") / "data")
    fill_towns(opened)
    with in_this_process():
        yield opened


def prepared(store: Store, folder: Path, text: str) -> ingest.Draft:
    (folder / "file.csv").write_text(text, encoding="utf-8")
    return ingest.prepare(store, folder / "file.csv", "file.csv")


def rows(draft: ingest.Draft) -> list[list[object]]:
    held = pd.read_parquet(draft.accepted["facilities"])[HEAD.split(",")].astype(object)
    found: list[list[object]] = held.where(held.notna(), None).values.tolist()
    return found


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_a_good_file_is_accepted_right(store: Store, tmp_path: Path, text: str) -> None:
    draft = prepared(store, tmp_path, text)
    assert draft.problems.empty, draft.problems
    assert rows(draft)[:2] == TRUTH
    assert len(rows(draft)) == (3 if '5"' in text else 2)


@pytest.mark.parametrize(("text", "record", "code"), BAD.values(), ids=BAD)
def test_a_bad_record_is_named(
    store: Store, tmp_path: Path, text: str, record: int, code: str
) -> None:
    draft = prepared(store, tmp_path, text)
    assert rows(draft) == TRUTH[:1]
    assert set(draft.problems["record"]) == {record}
    assert code in set(draft.problems["code"])


def test_a_list_of_townships_may_call_its_names_so(store: Store, tmp_path: Path) -> None:
    draft = prepared(
        store, tmp_path, "乡镇代码,乡镇名称,县代码\n990101103,山南镇,990101\n"
    )  # fmt: skip
    held = pd.read_parquet(draft.accepted["townships"])
    assert held[["township_code", "name_zh"]].values.tolist() == [["990101103", "山南镇"]]
    villages = "村代码,村名称,乡镇代码,乡镇名称,类别\n990101100201,东村,990101100,示例镇,village\n"
    draft = prepared(store, tmp_path, villages)
    assert pd.read_parquet(draft.accepted["communities"])["name_zh"].tolist() == ["东村"]


def test_a_name_between_apostrophes_is_no_quoting(store: Store, tmp_path: Path) -> None:
    """No program quotes one cell of a column, without need, and not the others."""
    named = ONE.replace("甲站", "'甲站'")
    draft = prepared(store, tmp_path, f"{HEAD}\n{named}\n{TWO}\n")
    assert [row[2] for row in rows(draft)] == ["'甲站'", "乙站"]
    both = f"{HEAD}\n{named}\n{TWO.replace('乙站', chr(39) + '乙站' + chr(39))}\n"
    with pytest.raises(DataError) as refusal:  # here a column may be quoted, or not
        prepared(store, tmp_path, both)
    assert refusal.value.code == "dialect_ambiguous"


def test_columns_of_remarks_are_named(store: Store, tmp_path: Path) -> None:
    draft = prepared(store, tmp_path, GOOD["remarks, and who filled it in"])
    assert any("备注、填表人" in warning.zh for warning in draft.warnings)
    with pytest.raises(DataError) as refusal:  # what else is unknown is asked
        prepared(store, tmp_path, f"{HEAD},楼层\n{ONE},1\n{TWO},2\n")
    assert refusal.value.code == "table_not_recognised"


def test_a_heading_that_lost_a_sign_is_asked_about(store: Store, tmp_path: Path) -> None:
    """It may have said which: of �总面积 nobody knows what it was."""
    with pytest.raises(DataError) as refusal:
        prepared(store, tmp_path, f"{BARE}\n{ONE}\n{TWO}\n".replace("总面积", "\ufffd总面积"))
    assert refusal.value.code == "table_not_recognised"


def test_units_that_contradict_each_other_are_asked_about(store: Store, tmp_path: Path) -> None:
    with pytest.raises(DataError) as refusal:
        prepared(store, tmp_path, f"统计表,,,,,,单位：亩、公顷\n{BARE}\n{HECTARES}")
    assert (refusal.value.code, refusal.value.values["unit"]) == ("unit_unknown", "亩、公顷")


def test_a_heading_mapped_by_hand_keeps_its_unit(store: Store, tmp_path: Path) -> None:
    text = f"{BARE}\n{HECTARES}".replace("总面积", "占地（公顷）")
    (tmp_path / "file.csv").write_text(text, encoding="utf-8")
    said = ingest.Options(columns={"占地（公顷）": "area_total_m2"})
    assert rows(ingest.prepare(store, tmp_path / "file.csv", "file.csv", said)) == TRUTH
    said = ingest.Options(
        columns={"占地（公顷）": "area_total_m2"}, units={"占地（公顷）": "平方米"}
    )
    draft = ingest.prepare(store, tmp_path / "file.csv", "file.csv", said)
    assert rows(draft)[0][-1] == 0.12


def test_a_saved_mapping_does_not_outweigh_the_unit_a_file_says(
    store: Store, tmp_path: Path
) -> None:
    header = f"{BARE},楼层".split(",")
    told = {"table": "facilities", "columns": {"楼层": None}, "units": {"总面积": "平方米"}}
    mappings.save(store.folder, "设施", header, told)
    table = f"{BARE},楼层\n" + HECTARES.replace("\n", ",2\n")
    assert rows(prepared(store, tmp_path, table))[0][-1] == 0.12
    draft = prepared(store, tmp_path, f"统计表,,,,,,,单位：公顷\n{table}")
    assert rows(draft) == TRUTH
    assert any("公顷换算为平方米" in warning.zh for warning in draft.warnings)


CASES = "case_id,township_code,source,created_at,excluded,repeat_of"
DAYS = "consult_id,level,township_code,held_on,method"
CARE = "community_code,township_code,grp,month,registered_n,served_n"


@pytest.mark.parametrize("sign", ["—", "/", "无", "NULL", "nan"])
def test_no_first_case_is_no_repeat(store: Store, tmp_path: Path, sign: str) -> None:
    row = f"A1,990101100,hotline,2025-03-04 9:30 PM,否,{sign}"
    draft = prepared(store, tmp_path, f"{CASES}\n{row}\n")
    (held,) = pd.read_parquet(draft.accepted["service_cases"]).to_dict("records")
    assert (pd.isna(held["repeat_of"]), f"{held['created_at']}") == (True, "2025-03-04 21:30:00")


def test_a_month_is_no_day(store: Store, tmp_path: Path) -> None:
    draft = prepared(store, tmp_path, f"{DAYS}\nC1,township,990101100,2025-03,forum\n")
    assert draft.problems["code"].tolist() == ["type"]


@pytest.mark.parametrize(
    ("written", "read"),
    [("2025-03", "2025-03-01"), ("2025年3月", "2025-03-01"), ("202503", "2025-03-01"),
     ("2025/3", "2025-03-01"), ("2025.1", None), ("2025-03-31", None)],
)  # fmt: skip
def test_a_month_is_given_by_its_first_day(
    store: Store, tmp_path: Path, written: str, read: str | None
) -> None:
    row = f"990101100201,990101100,left_child,{written},5,3"
    draft = prepared(store, tmp_path, f"{CARE}\n{row}\n")
    own = draft.problems[~draft.problems["column"].eq("community_code")]
    assert own.empty == (read is not None)


def test_what_a_number_format_shows_is_read(store: Store, tmp_path: Path) -> None:
    """A code padded with noughts keeps them; 0.12公顷 is no 0.12 square metres."""
    with xlsxwriter.Workbook(tmp_path / "file.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, BARE.split(","))
        sheet.write_row(1, 0, ONE.split(","))
        sheet.write_number(1, 0, 7, book.add_format({"num_format": "0000"}))
        sheet.write_number(1, 6, 0.12, book.add_format({"num_format": '0.00"公顷"'}))
        sheet.write_row(2, 0, TWO.split(","))
        sheet.write_number(2, 0, 123456789012345678)
    draft = ingest.prepare(store, tmp_path / "file.xlsx", "file.xlsx")
    assert rows(draft) == [["0007", *TRUTH[0][1:]]]
    assert draft.problems[["record", "code"]].values.tolist() == [[2, "shortened"]]


def test_marks_that_break_cost_their_own_record(store: Store, tmp_path: Path) -> None:
    broken = 'F2,990101101,"乙"站",legal,否,idle,'
    draft = prepared(store, tmp_path, f"{HEAD}\n{ONE}\n{broken}\n{TWO}\n")
    assert rows(draft) == TRUTH
    assert (draft.records_read, draft.records_kept, draft.left_out) == (3, 2, ())
    (found,) = draft.problems.to_dict("records")
    assert (found["record"], found["line"], found["code"]) == (2, 3, "broken_quotes")
    assert found["value"] == broken


def workbook(folder: Path, *sheets: list[list[object]], merge: str = "", percent: str = "") -> Path:
    file = folder / "file.xlsx"
    with xlsxwriter.Workbook(file) as book:
        for rows_of_sheet in sheets:
            sheet = book.add_worksheet()
            for number, row in enumerate(rows_of_sheet):
                sheet.write_row(number, 0, row)
        if merge:
            sheet.merge_range(merge, rows_of_sheet[1]["ABCDEFG".index(merge[0])])
        if percent:
            sheet.write_number(percent, 0.853, book.add_format({"num_format": "0.0%"}))
    return file


def split(*lines: str) -> list[list[object]]:
    return [list(line.split(",")) for line in lines]


def test_what_a_workbook_shows_is_what_is_read(store: Store, tmp_path: Path) -> None:
    """A percentage is read as it is seen; notes and blanks far below are passed over."""
    values = split("unit_code,indicator_id,year,value", "990101100,A1,2025,")
    draft = ingest.prepare(store, workbook(tmp_path, values, percent="D2"), "file.xlsx")
    assert pd.read_parquet(draft.accepted["reported_values"])["value"].tolist() == [85.3]
    notes = [["本表由各乡镇填写"], ["请于月底前上报"]]
    table = [*split(HEAD, ONE, TWO), *[[]] * 12_000, [" "]]
    draft = ingest.prepare(store, workbook(tmp_path, notes, table), "file.xlsx")
    assert (draft.options.sheet, draft.problems.empty, rows(draft)) == ("Sheet2", True, TRUTH)


def merged_xls(folder: Path, lines: list[list[object]], area: tuple[int, ...]) -> Path:
    book = xlwt.Workbook()
    sheet = book.add_sheet("数据")
    top, bottom, left, right = area
    for r, line in enumerate(lines):
        for c, cell in enumerate(line):
            if not (top <= r <= bottom and left <= c <= right):
                sheet.write(r, c, cell)
    sheet.write_merge(*area, lines[top][left])
    book.save(str(folder / "file.xls"))
    return folder / "file.xls"


def merged_page(folder: Path, lines: list[list[object]], area: tuple[int, ...]) -> Path:
    top, bottom, left, right = area
    spans = f"rowspan={bottom - top + 1} colspan={right - left + 1}"
    inside = [
        f"<td {spans if (r, c) == (top, left) else ''}>{cell}"
        if (r, c) == (top, left) or not (top <= r <= bottom and left <= c <= right)
        else ""
        for r, line in enumerate(lines)
        for c, cell in enumerate(line)
    ]
    width = len(lines[0])
    body = "".join(f"<tr>{''.join(inside[n : n + width])}" for n in range(0, len(inside), width))
    page = f"<html><meta charset=gb2312><table>{body}</table></html>"
    (folder / "file.xls").write_text(page, encoding="gb18030")
    return folder / "file.xls"


def merged_xlsx(folder: Path, lines: list[list[object]], area: tuple[int, ...]) -> Path:
    top, bottom, left, right = area
    ends = f"{'ABCDEFG'[left]}{top + 1}:{'ABCDEFG'[right]}{bottom + 1}"
    return workbook(folder, lines, merge=ends)


def merged_ods(folder: Path, lines: list[list[object]], area: tuple[int, ...]) -> Path:
    top, bottom, left, right = area
    spans = f't:number-rows-spanned="{bottom - top + 1}" t:number-columns-spanned="'
    spans += f'{right - left + 1}"'

    def cell(r: int, c: int, value: object) -> str:
        inside = top <= r <= bottom and left <= c <= right
        if inside and (r, c) != (top, left):
            return "<t:covered-table-cell/>"
        return f"<t:table-cell {spans if inside else ''}><x:p>{value}</x:p></t:table-cell>"

    table = "".join(
        f"<t:table-row>{''.join(cell(r, c, value) for c, value in enumerate(line))}</t:table-row>"
        for r, line in enumerate(lines)
    )
    first = re.compile("<t:table-row>.*?HERE</t:table-row>")
    content = repacked(
        ods_cells("HERE"), "content.xml", lambda part: first.sub(table, part.decode()).encode()
    )
    (folder / "file.xls").write_bytes(content)
    return folder / "file.xls"


@pytest.mark.parametrize("made", [merged_xlsx, merged_xls, merged_page, merged_ods])
def test_what_a_merged_cell_covers_is_no_blank(
    store: Store, tmp_path: Path, made: Callable[..., Path]
) -> None:
    """It would be read as missing, while the sheet shows a value."""
    table = split(HEAD, ONE, TWO.replace("990101101", "990101100"))
    # A township beside two facilities is that of both.
    draft = ingest.prepare(store, made(tmp_path, table, (1, 2, 1, 1)), "file.xls")
    assert (len(draft.problems), [row[1] for row in rows(draft)]) == (0, ["990101100"] * 2)
    assert any("合并" in warning.zh for warning in draft.warnings)
    # An area beside two facilities is neither's; a name across two columns is not the second.
    draft = ingest.prepare(store, made(tmp_path, table, (1, 2, 6, 6)), "file.xls")
    assert draft.problems[["record", "column", "code"]].values.tolist() == [
        [2, HEAD.split(",")[6], "cell_merged"]
    ]
    draft = ingest.prepare(store, made(tmp_path, table, (1, 1, 2, 3)), "file.xls")
    assert draft.problems[["record", "column", "code"]].values.tolist() == [
        [1, "services", "cell_merged"]
    ]
