"""Import: exactly right, or refused with the place named."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from data import ingest
from data.errors import DataError
from data.ingest import Options
from data.store import Store
from data.surveys.reading import SurveyMapping
from metrics import command_line
from tests.data.geography.test_shapefiles import BOW_TIE, box, layer, zipped

ROOT = Path(__file__).parents[2]
COMMUNITIES = "community_code,township_code,name_zh,kind,lat,lon\n"
RIGHT = "990101100201,990101100,甲村,village,30.5,110.5\n"


def write(tmp_path: Path, text: str, encoding: str = "utf-8", name: str = "file.csv") -> Path:
    file = tmp_path / name
    file.write_bytes(text.encode(encoding))
    return file


def draft(store: Store, file: Path, **options: object) -> ingest.Draft:
    return ingest.prepare(store, file, file.name, Options(**options))  # type: ignore[arg-type]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_one_table_in_four_encodings(towns: Store, tmp_path: Path, encoding: str) -> None:
    made = draft(towns, write(tmp_path, COMMUNITIES + RIGHT, encoding))
    assert (made.records_read, made.records_kept) == (1, 1)
    assert made.problems.empty
    version = ingest.publish(towns, made, author="李评", message="")
    held = towns.read("SELECT community_code, name_zh, lat FROM communities")
    assert held.values.tolist() == [["990101100201", "甲村", 30.5]]
    newest = towns.history()[0]
    assert (newest.number, newest.author) == (version, "李评")
    assert newest.details["sha256"] == made.sha256


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("990101100202,990101100,乙村,village,110.5,30.5", "lat", "swapped"),
        ("990101100202,990101100,乙村,village,0,0.0", "lon", "no_place"),
        ("990101100202,990101100,,village,30.5,110.5", "name_zh", "required"),
        ("99010110020,990101100,乙村,village,30.5,110.5", "community_code", "pattern"),
        ("990101100202,990101100,乙村,hamlet,30.5,110.5", "kind", "code"),
        ("990101100202,990101100,乙村,village,北纬三十,110.5", "lat", "no_angle"),
        ("990101109202,990101109,乙村,village,30.5,110.5", "township_code", "orphan"),
        ("990101101202,990101100,乙村,village,30.5,110.5", "", "rule"),
        ("990101100201,990101100,甲村,village,30.5,110.5", "community_code", "duplicate_key"),
        ("990101100202,990101100,乙,村,village,30.5,110.5", "", "ragged"),
        ("990101100202,990101100,乙村,village,30.5", "", "ragged"),
    ],
)
def test_a_wrong_record_is_named_and_never_published(
    towns: Store, tmp_path: Path, row: str, column: str, code: str
) -> None:
    made = draft(towns, write(tmp_path, COMMUNITIES + RIGHT + row + "\n"))
    found = made.problems[(made.problems["code"] == code) & (made.problems["column"] == column)]
    assert 2 in set(found["record"])
    assert 3 in set(found["line"])
    assert found["reason_zh"].str.len().min() > 4
    with pytest.raises(DataError) as refusal:
        ingest.publish(towns, made, author="a", message="m")
    assert refusal.value.code == "rejected_records"
    assert towns.read("SELECT count(*) AS n FROM communities")["n"].item() == 0
    if made.records_kept:
        ingest.publish(towns, made, author="a", message="m", accept_valid=True)
        assert towns.read("SELECT community_code FROM communities")["community_code"].tolist() == [
            "990101100201"
        ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "not_a_table"),
        (b"a,b\n1,2\n", "table_not_recognised"),
        (b"community_code,township_code,name_zh\n1,2,3\n", "table_not_recognised"),
        (b'a,b\n"1,2\n3,4\n', "quote_unclosed"),
        (b"one\ntwo\n", "one_column"),
        (b'{"type": "FeatureCollection"', "not_geojson"),
        (b'{"type": "FeatureCollection", "features": []}', "no_features"),
        (b"PAR1\x00\x15 but no footer", "unreadable"),
        (b"PAR1 is how this line begins", "one_column"),
        (b"PK\x03\x04 but no workbook", "unreadable"),
        (b"a,b\n1,\x00\n", "not_text"),
    ],
)
def test_a_file_that_is_none_is_refused_and_nothing_is_lost(
    towns: Store, tmp_path: Path, content: bytes, code: str
) -> None:
    version = towns.version
    file = tmp_path / "bad.csv"
    file.write_bytes(content)
    with pytest.raises(DataError) as refusal:
        draft(towns, file)
    assert refusal.value.code == code
    assert towns.version == version


def test_rows_that_are_no_records_are_named(towns: Store, tmp_path: Path) -> None:
    title, total = "示例县村（社区）名单,,,,,\n", "合计,,,,1,\n"
    made = draft(towns, write(tmp_path, title + COMMUNITIES + RIGHT + total))
    assert (made.records_read, made.records_kept) == (1, 1)
    told = made.report()["left_out"]
    assert [(each["line"], each["kind"]) for each in told] == [(1, "title"), (4, "total")]
    assert "第 1 (标题)、4 (合计) 行" in made.warnings[-1].zh
    assert "1 (title), 4 (total)" in made.warnings[-1].en


def test_unknown_columns_are_refused_unless_left_out(towns: Store, tmp_path: Path) -> None:
    text = "township_code,name_zh,county_code,楼层\n990101102,丙镇,990101,好\n"
    file = write(tmp_path, text)
    with pytest.raises(DataError):
        draft(towns, file)
    made = draft(towns, file, table="townships", columns={"楼层": None})
    assert made.records_kept == 1


def test_chinese_headings_and_labels_are_understood(towns: Store, tmp_path: Path) -> None:
    text = "乡镇（街道）代码,名称,县（市、区）代码,单位类型\n990101002,新街道,990101,街道\n"
    made = draft(towns, write(tmp_path, text, "gb18030"))
    ingest.publish(towns, made, author="a", message="m")
    held = towns.read("SELECT unit_type FROM townships WHERE township_code = '990101002'")
    assert held["unit_type"].item() == "subdistrict"


def test_unit_type_is_derived_from_the_code(towns: Store, tmp_path: Path) -> None:
    text = "township_code,name_zh,county_code\n990101002,新街道,990101\n990101205,新乡,990101\n"
    ingest.publish(towns, draft(towns, write(tmp_path, text)), author="a", message="m")
    held = towns.read(
        "SELECT unit_type FROM townships WHERE name_zh LIKE '新%' ORDER BY township_code"
    )
    assert held["unit_type"].tolist() == ["subdistrict", "township"]


def test_the_effect_counts_new_changed_unchanged_and_removed(towns: Store, tmp_path: Path) -> None:
    head = "township_code,year,resident_pop,households\n"
    first = head + "990101100,2025,10,4\n990101101,2025,20,8\n"
    ingest.publish(towns, draft(towns, write(tmp_path, first)), author="a", message="m")
    second = head + "990101100,2025,10,4\n990101001,2025,30,9\n"
    made = draft(towns, write(tmp_path, second), mode="replace")
    assert made.effect.iloc[0].to_dict() == {
        "table": "township_year", "new": 1, "changed": 0, "unchanged": 1, "removed": 1,
    }  # fmt: skip
    third = head + "990101100,2025,11,4\n"
    made = draft(towns, write(tmp_path, third))
    assert made.effect.iloc[0][["new", "changed", "unchanged"]].tolist() == [0, 1, 0]


def test_parquet_is_read_like_csv(towns: Store, tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"township_code": ["990101100"], "year": [2025], "resident_pop": [10.0], "households": [4]}
    )
    file = tmp_path / "facts.parquet"
    frame.to_parquet(file, index=False)
    made = draft(towns, file)
    assert (made.encoding, made.records_kept) == ("parquet", 1)
    half = tmp_path / "half.parquet"
    frame.assign(resident_pop=10.5).to_parquet(half, index=False)
    assert draft(towns, half).problems["code"].tolist() == ["type"]


def test_gcj02_points_are_converted_and_it_is_said(towns: Store, tmp_path: Path) -> None:
    made = draft(towns, write(tmp_path, COMMUNITIES + RIGHT), crs="GCJ02")
    assert "GCJ02" in made.warnings[0].zh
    ingest.publish(towns, made, author="a", message="m")
    held = towns.read("SELECT lon, lat FROM communities").iloc[0]
    assert held["lon"] != 110.5
    assert abs(held["lon"] - 110.5) < 0.01


EXPORT_HEAD = (
    "序号,提交答卷时间,所用时间,来源,来源详情,来自IP,"
    "1、您所在的乡镇（街道）,2、总体满意吗,3、您的建议\n"
)


def export_row(number: int, town: str, answer: str) -> str:
    return f"{number},2025/3/{number} 9:00:00,100秒,链接,,192.0.2.{number},{town},{answer},修路\n"


def test_questions_that_are_not_imported_are_named_by_their_words(
    towns: Store, tmp_path: Path
) -> None:
    asked = "您家到最近的公交站走路大约需要多少分钟（请填整数）"
    text = EXPORT_HEAD.replace("您的建议", asked)
    rows = [export_row(n, "示例镇", "一般").replace("修路", str(n)) for n in range(1, 4)]
    made = draft(towns, write(tmp_path, text + "".join(rows), "utf-8"))
    (said,) = (word for word in made.warnings if "没有导入（含" in word.zh)
    assert "Q3“您家到最近的公交站走路大约需要多少分钟（…”" in said.zh
    assert "Q3 '您家到最近的公交站走路大约需要多少分钟（…'" in said.en


def test_a_survey_export_is_split_and_what_is_not_certain_is_asked(
    towns: Store, tmp_path: Path
) -> None:
    rows = [("示例镇", "非常满意"), ("样例乡 ", "一般"), ("示例镇", "比较满意"),
            ("（空）", "一般"), ("某某镇", "不太满意"), ("示例街道", "很满意"),
            ("示例街道", "不清楚")]  # fmt: skip
    text = EXPORT_HEAD + "".join(export_row(n, *row) for n, row in enumerate(rows, 1))
    file = write(tmp_path, text, "gb18030")
    made = draft(towns, file)
    assert made.kind == "survey"
    assert made.problems[["record", "code"]].values.tolist() == [
        [4, "area_blank"], [5, "area_unknown"], [6, "label_unclear"],
    ]  # fmt: skip
    assert (made.records_read, made.records_kept) == (7, 4)
    assert any("来自IP" in word.zh for word in made.warnings)

    mapping = SurveyMapping(
        labels={"很满意": 5}, areas={"某某镇": "990101101"}, questions={"Q2": {"index_code": "S1"}}
    )
    made = draft(towns, file, survey=mapping)
    assert made.records_kept == 6
    ingest.publish(towns, made, author="a", message="m", accept_valid=True)
    answers = towns.read(
        "SELECT r.township_code, a.value FROM survey_answers a "
        "JOIN survey_respondents r USING (survey_id, respondent_id) ORDER BY respondent_id"
    )
    assert answers["value"].fillna(0).astype(int).tolist() == [5, 3, 4, 2, 5, 0]
    sums = towns.read("SELECT sum(n) AS n, sum(swy) AS swy FROM survey_sums WHERE item = 'S1'")
    assert sums.iloc[0].tolist() == [5, 100 + 50 + 75 + 25 + 100]
    assert "192.0.2" not in json.dumps(made.report(), ensure_ascii=False, default=str)


def test_marks_only_the_file_gives_are_kept_without_the_address(
    towns: Store, tmp_path: Path
) -> None:
    rows = [export_row(n, "示例镇" if n != 3 else "（空）", "一般") for n in range(1, 8)]
    text = EXPORT_HEAD + "".join(
        row.replace(f"192.0.2.{n}", "192.0.2.9") for n, row in enumerate(rows, 1)
    )
    made = draft(towns, write(tmp_path, text), survey=SurveyMapping(labels={"x": 1}))
    ingest.publish(towns, made, author="a", message="m", accept_valid=True)
    held = towns.read("SELECT * FROM survey_marks ORDER BY respondent_id, flag")
    shared = held[held["flag"] == "same_ip"]
    # The third was refused, and so was its mark; seven came from one address.
    assert shared["respondent_id"].tolist() == [f"r{n:06}" for n in (1, 2, 4, 5, 6, 7)]
    assert set(shared["value"]) == {7.0}
    assert "192.0.2" not in held.to_csv()


def test_a_plain_wide_file_is_split(towns: Store, tmp_path: Path) -> None:
    text = "township_code,sex,weight,R01,R03\n990101100,男,2,5,1\n990101101,女,1,,0\n"
    file = write(tmp_path, text, name="wave-2025.csv")
    meta = {"start_on": "2025-05-01", "end_on": "2025-06-01"}
    made = draft(towns, file, survey=SurveyMapping(survey=meta))
    assert made.problems.empty, made.problems
    ingest.publish(towns, made, author="a", message="m")
    sums = towns.read("SELECT item, n, sw, swy FROM survey_sums ORDER BY item")
    assert sums.values.tolist() == [
        ["R01", 1, 2.0, 200.0], ["S1", 1, 2.0, 200.0], ["pair:A", 1, 2.0, 200.0],
    ]  # fmt: skip


WORDS = {
    1: "非常不满意",
    2: "不太满意",
    3: "一般",
    4: "比较满意",
    5: "非常满意",
    8: "不了解",
    9: "拒答",
}


def test_an_spss_survey_passes_like_a_wide_file(towns: Store, tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "township_code": [100.0, 101, 1, 100],
            "sex": [1.0, 2, 9, 1],
            "weight": [2.0, 1, 1.5, 1],
            "R01": [5.0, 8, 9, 2],
            "R02a": [5.0, 4, 3, 99],
            "R03": [1.0, 0, 1, float("nan")],
        }
    )
    file = tmp_path / "wave-2025.sav"
    pyreadstat.write_sav(
        frame, file,
        variable_value_labels={
            "township_code": {100: "示例镇", 101: "样例乡", 1: "示例街道"},
            "sex": {1: "男", 2: "女"}, "R01": WORDS, "R03": {1: "是", 0: "否"},
        },
        missing_ranges={"sex": [9], "R01": [8, 9], "R02a": [99]},
    )  # fmt: skip
    meta = {"start_on": "2025-05-01", "end_on": "2025-06-01"}
    made = draft(towns, file, survey=SurveyMapping(survey=meta))
    assert made.problems.empty, made.problems
    assert (made.kind, made.encoding, made.records_kept) == ("survey", "sav", 4)
    assert any("缺失" in word.zh and "3" in word.zh for word in made.warnings)
    ingest.publish(towns, made, author="a", message="m")
    answers = towns.read(
        "SELECT question_id, string_agg(coalesce(value::VARCHAR, '-'), ' ' ORDER BY respondent_id)"
        " FROM survey_answers GROUP BY 1 ORDER BY 1"
    )
    assert answers.values.tolist() == [
        ["R01", "5 - - 2"], ["R02a", "5 4 3 -"], ["R03", "1 0 1 -"],
    ]  # fmt: skip
    people = towns.read("SELECT township_code, sex FROM survey_respondents ORDER BY respondent_id")
    assert people["township_code"].tolist() == ["990101100", "990101101", "990101001", "990101100"]
    assert people["sex"].isna().tolist() == [False, False, True, False]


def test_labels_that_are_not_certain_are_asked(towns: Store, tmp_path: Path) -> None:
    """1 may be the best: a scale of which only the ends are labelled is not read by its digits."""
    frame = pd.DataFrame({"township_code": ["990101100"] * 3, "R01": [1.0, 3, 5]})
    file = tmp_path / "wave.sav"
    labels = {"R01": {1: "非常满意", 5: "非常不满意"}}
    pyreadstat.write_sav(frame, file, variable_value_labels=labels)
    meta = {"start_on": "2025-05-01", "end_on": "2025-06-01"}
    made = draft(towns, file, survey=SurveyMapping(survey=meta))
    assert made.problems[["record", "code"]].values.tolist() == [[2, "label_unclear"]]
    made = draft(towns, file, survey=SurveyMapping(survey=meta, labels={"(3)": 3}))
    assert made.problems.empty
    assert made.reading is not None
    assert made.reading.tables["survey_answers"]["value"].tolist() == ["5", "3", "1"]


def test_an_spss_table_is_checked_like_any_other(towns: Store, tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"township_code": ["990101100", "990101101"], "year": [2025.0, 2025],
         "resident_pop": [10.0, -1], "households": [4.0, 4]}
    )  # fmt: skip
    file = tmp_path / "facts.sav"
    pyreadstat.write_sav(frame, file, missing_ranges={"resident_pop": [-1]})
    made = draft(towns, file)
    assert (made.options.table, made.records_read) == ("township_year", 2)
    # -1 is no population: it is missing, and said to be.
    assert "-1" not in made.problems["value"].tolist()
    assert any("1" in word.en and "missing" in word.en for word in made.warnings)
    staged = pd.read_parquet(made.accepted["township_year"])
    assert staged["resident_pop"].dropna().tolist() == [10]


def square(code: str, x: float, y: float) -> dict[str, object]:
    ring = [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]]
    return {
        "type": "Feature",
        "properties": {"code": code, "name": "甲"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def test_boundaries_are_imported_and_swapped_ones_refused(towns: Store, tmp_path: Path) -> None:
    good = {"type": "FeatureCollection", "features": [square("990101100", 110, 30)]}
    made = draft(towns, write(tmp_path, json.dumps(good)))
    ingest.publish(towns, made, author="a", message="m")
    assert towns.read("SELECT unit_code, level FROM boundaries").values.tolist() == [
        ["990101100", "township"]
    ]
    swapped = {"type": "FeatureCollection", "features": [square("990101100", 30, 110)]}
    with pytest.raises(DataError) as refusal:
        draft(towns, write(tmp_path, json.dumps(swapped)))
    assert refusal.value.code == "lonlat_swapped"
    metres = {"type": "FeatureCollection", "features": [square("990101100", 500000, 3400000)]}
    with pytest.raises(DataError) as refusal:
        draft(towns, write(tmp_path, json.dumps(metres)))
    assert refusal.value.code == "outside_china"


def test_zipped_boundaries_are_imported(towns: Store, tmp_path: Path) -> None:
    parts = layer(("990101100", [box(110, 30)]), ("990101101", [BOW_TIE]), encoding="gbk")
    made = draft(towns, zipped(tmp_path, parts))
    assert (made.kind, made.encoding, made.records_read, made.records_kept) == (
        "boundaries", "gb18030", 2, 1,
    )  # fmt: skip
    assert made.problems["code"].tolist() == ["boundary_invalid"]
    ingest.publish(towns, made, author="a", message="m", accept_valid=True)
    held = towns.read("SELECT unit_code, name_zh FROM boundaries")
    assert held.values.tolist() == [["990101100", "示例镇"]]


def test_the_command_line_reports_in_json(
    towns: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    towns.close()
    monkeypatch.setenv("ZHIXIAO_DATA", str(tmp_path / "data"))
    good, bad = write(tmp_path, COMMUNITIES + RIGHT), write(tmp_path, "a,b\n1,2\n", name="bad.csv")

    def call(*arguments: object) -> tuple[int, dict[str, object]]:
        code = command_line.main([*map(str, arguments), "--json"])
        return code, json.loads(capsys.readouterr().out)

    done = subprocess.run(
        [sys.executable, "-c", "import sys; from metrics.command_line import main; "
         "sys.exit(main(sys.argv[1:]))", "import", str(good), "--check-only", "--json"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    code, report = done.returncode, json.loads(done.stdout)
    assert (code, report["published"], report["rows_accepted"]) == (0, False, 1)
    code, report = call("import", good)
    assert (code, report["published"], report["table"]) == (0, True, "communities")
    for file in (tmp_path / "units.sav", zipped(tmp_path, layer(("990101100", [box(110, 30)])))):
        if file.suffix == ".sav":
            frame = pd.DataFrame({"township_code": ["990101107"], "name_zh": "新镇",
                                  "county_code": "990101"})  # fmt: skip
            pyreadstat.write_sav(frame, file)
        code, report = call("import", file, "--encoding", "gb18030")
        assert (code, report["published"], report["rows_accepted"]) == (0, True, 1), report
    row = "990101100203,990101100,臺村,village,30.6,110.6\n"
    code, report = call(
        "import", write(tmp_path, COMMUNITIES + row, "big5", "big5.csv"), "--encoding", "big5"
    )
    assert (code, report["encoding"], report["rows_accepted"]) == (0, "big5", 1)
    code, report = call("import", bad)
    assert (code, report["error"]) == (2, "table_not_recognised")
    code, report = call("import", tmp_path / "nowhere.csv")
    assert (code, report["error"]) == (2, "file_missing")


WAVE = (
    "序号,提交答卷时间,所用时间,来源,来源详情,来自IP,1、您所在的乡镇（街道）,"
    "2、您对村（社区）干部工作的满意度\n"
)


def wave(tmp_path: Path, name: str, year: int) -> Path:
    lines = [
        f"{n},{year}/3/{n} 9:00:00,{100 + n}秒,链接,,192.0.2.{n},示例镇,"
        f"{('非常满意', '很赞')[n % 2]}\n"
        for n in range(1, 9)
    ]
    return write(tmp_path, WAVE + "".join(lines), name=name)


def test_the_next_wave_knows_what_was_decided_for_the_last(towns: Store, tmp_path: Path) -> None:
    first, second = wave(tmp_path, "一.csv", 2024), wave(tmp_path, "二.csv", 2025)
    unclear = draft(towns, first)
    assert unclear.reading is not None
    assert "unclear" in set(unclear.reading.labels["state"])
    said = SurveyMapping(labels={"很赞": 5}, questions={"Q2": {"index_code": "S1"}})
    decided = draft(towns, first, survey=said)
    ingest.publish(towns, decided, author="a", message="m")
    again = draft(towns, second)
    assert again.options.survey.labels["很赞"] == 5
    assert "请核对" in again.warnings[0].zh
    assert again.records_kept == 8
    ingest.publish(towns, again, author="a", message="m")
    held = towns.read("SELECT survey_id, index_code FROM survey_questions WHERE question_id = 'Q2'")
    assert sorted(held.values.tolist()) == [["一", "S1"], ["二", "S1"]]
    taken_back = draft(towns, second, survey=SurveyMapping(questions={"Q2": {}}))
    assert taken_back.options.survey.questions == {"Q2": {}}


def test_a_respondent_refused_is_named_once_not_with_every_answer(
    towns: Store, tmp_path: Path
) -> None:
    lines = "1,2025/3/1 9:00:00,100秒,链接,,192.0.2.1,,非常满意\n"
    made = draft(towns, write(tmp_path, WAVE + lines))
    assert set(made.problems["code"]).isdisjoint({"orphan"})
    assert set(made.problems["record"]) == {1}
