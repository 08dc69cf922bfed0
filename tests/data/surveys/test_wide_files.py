"""Survey files split into tables: what is certain is taken, the rest is asked."""

from unittest import mock

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

from data.errors import DataError
from data.files import read_grid
from data.formats.grid import Grid
from data.surveys import wide_files
from data.surveys.reading import SurveyMapping, SurveyReading
from data.surveys.wide_files import read_wide, read_wjx
from data.surveys.wjx import recognise
from tests.data.surveys.test_wjx import REAL, grids, in_memory

TOWNS = pd.DataFrame({"township_code": ["990101100", "990101101"], "name_zh": ["甲镇", "乙乡"]})
VILLAGES = pd.DataFrame(
    {
        "community_code": ["990101100201", "990101100202", "990101101201", "990101101202"],
        "township_code": ["990101100", "990101100", "990101101", "990101101"],
        "name_zh": ["东村", "西村", "东村", "南村"],
    }
)


def read(
    headers: list[str], *rows: list[str], villages: bool = False, **said: object
) -> SurveyReading:
    """Read an export with these question headers and rows."""
    own = ["序号", "提交答卷时间", "所用时间", "来自IP"]
    meta = [[str(n), f"2025/3/{n} 9:02:00", "1分20秒", f"192.0.2.{n}"] for n in range(1, 9)]
    grid = in_memory([*own, *headers], [[*m, *row] for m, row in zip(meta, rows, strict=False)])
    export = recognise(grid)
    assert export is not None
    communities = VILLAGES if villages else None
    return read_wjx(grid, export, SurveyMapping(**said), TOWNS, "s", communities)  # type: ignore[arg-type]


def values(reading: SurveyReading) -> dict[str, list[str]]:
    """Return question id -> answers in the order of records."""
    answers = reading.tables["survey_answers"]
    if "question_id" not in answers:
        return {}
    return {
        str(name): [str(v) for v in part.sort_values("record")["value"]]
        for name, part in answers.groupby("question_id", sort=False)
    }


def uses(reading: SurveyReading) -> dict[str, str]:
    return {u.question_id: u.use for u in reading.understood}


def codes(reading: SurveyReading) -> list[tuple[object, object]]:
    return [(p["record"], p["code"]) for p in reading.problems]


def test_a_minute_and_twenty_seconds_are_eighty() -> None:
    people = read(["1、总体"], ["一般"]).tables["survey_respondents"]
    assert people["started_at"].tolist() == ["2025-03-01 09:00:40"]


def test_townships_without_their_kind_are_found_and_another_kind_is_asked() -> None:
    names = ["城关镇", "河东乡", "城东街道"]
    held = pd.DataFrame({"township_code": ["1", "2", "3"], "name_zh": names})
    with mock.patch(f"{__name__}.TOWNS", held):
        reading = read(["1、所在乡镇/街道"], ["城关"], ["A.城关镇"], ["城关乡"], ["城关"])
    people = reading.tables["survey_respondents"]
    assert uses(reading) == {"Q1": "area"}
    assert people["township_code"].tolist() == ["1", "1", "", "1"]
    assert codes(reading) == [(3, "area_unknown")]


def test_text_and_ticks_give_the_same_answers() -> None:
    text = read(
        ["5、最关心（多选）"],
        ["道路┋其他〖路灯┋水〗"], ["饮水"], ["(跳过)"], ["道路 ┋ 饮水"], ["其他〖没有右括号"],
    )  # fmt: skip
    ticks = read(
        ["5、最关心（多选）(道路)", "5(饮水)", "5(其他：)"],
        ["1", "0", "1^路灯"], ["0", "1", "0"], ["-3", "-3", "-3"], ["１", "1", "０"],
        ["1", "", "0"],
    )  # fmt: skip
    wanted = {"Q5_道路": ["1", "0", "", "1"], "Q5_饮水": ["0", "1", "", "1"],
              "Q5_其他": ["1", "0", "", "0"]}  # fmt: skip
    for reading, code in ((text, "option_unclear"), (ticks, "ticks_partly")):
        assert {name: each[:4] for name, each in values(reading).items()} == wanted
        assert codes(reading) == [(5, code)]


def test_own_words_in_either_bracket_are_not_kept() -> None:
    reading = read(["5、最关心"], ["其他【路灯】┋道路【含桥】"], ["其他〖张三〗"])
    assert values(reading) == {"Q5_其他": ["1", "1"], "Q5_道路【含桥】": ["1", "0"]}


def test_a_matrix_by_code_is_not_imported_until_somebody_says_what_it_is() -> None:
    headers, rows = ["4、评价—治安", "4、环境"], [["1", "5"], ["2", "-3"], ["1", "(空)"]]
    reading = read(headers, *rows)
    assert (uses(reading), values(reading)) == ({"Q4_1": "unused", "Q4_2": "unused"}, {})
    assert reading.understood[0].options == ("1", "2")
    questions = {"Q4_1": {"bank": "R13"}, "Q4_2": {"use": "sat5"}}
    reading = read(headers, *rows, questions=questions)
    assert reading.labels["label"].tolist() == ["Q4=1", "Q4=2", "Q4=5"]
    assert set(reading.labels["state"]) == {"unclear"}
    assert codes(reading) == [(n, "label_unclear") for n in (1, 2, 3, 1)]
    labels = {"Q4=1": 5, "Q4=2": 4, "Q4=5": 1}
    reading = read(headers, *rows, questions=questions, labels=labels)
    assert codes(reading) == []
    assert values(reading) == {"R13": ["5", "4", "5"], "Q4_2": ["1", "", ""]}
    meta = reading.tables["survey_questions"].iloc[0]
    assert (meta["index_code"], meta["pair_dim"], meta["text_zh"]) == ("S4", "B5", "评价—治安")


def test_digits_of_one_question_say_nothing_of_another() -> None:
    reading = read(
        ["1、甲", "2、乙"], ["1", "1"],
        questions={"Q1": {"use": "sat5"}, "Q2": {"use": "sat5"}}, labels={"Q1=1": 5},
    )  # fmt: skip
    assert values(reading)["Q1"] == ["5"]
    assert [p["column"] for p in reading.problems] == ["2、乙"]


def test_yes_and_no_are_certain_and_codes_of_them_are_not() -> None:
    assert values(read(["3、走访过吗"], ["是"], ["否"], ["不清楚"], ["-2"])) == {
        "Q3": ["1", "0", "", ""]
    }
    said = {"Q3": {"bank": "R07"}}
    assert codes(read(["3、走访过吗"], ["1"], ["2"], questions=said)) == [
        (1, "label_unclear"), (2, "label_unclear"),
    ]  # fmt: skip
    labels = {"Q3=1": 1, "Q3=2": 0}
    assert values(read(["3、走访过吗"], ["1"], ["2"], questions=said, labels=labels)) == {
        "R07": ["1", "0"]
    }
    # Five points are none of a yes-or-no question.
    assert codes(read(["3、走访过吗"], ["1"], questions=said, labels={"Q3=1": 5})) == [
        (1, "label_unclear")
    ]


def test_rankings_and_open_answers_are_kept_with_personal_data_covered() -> None:
    reading = read(
        ["1、请排序", "2、请排序(路)", "2(水)", "3、您的建议"],
        ["路→水", "1", "2", "修路，找王书记13812345678"], ["水→路→水", "2", "1", "(空)"],
    )  # fmt: skip
    assert uses(reading) == {"Q1": "ranking", "Q2": "ranking", "Q3": "text"}
    comments, ranked = reading.tables["survey_comments"], reading.tables["survey_rankings"]
    assert comments[["record", "question_id", "comment"]].values.tolist() == [
        [1, "Q3", "修路,找【姓名】书记【电话】"],
    ]  # fmt: skip
    places = ranked[["record", "question_id", "option", "place"]].values.tolist()
    assert places == [
        [1, "Q1", "路", "1"], [1, "Q1", "水", "2"], [2, "Q1", "水", "1"], [2, "Q1", "路", "2"],
        [1, "Q2", "路", "1"], [1, "Q2", "水", "2"], [2, "Q2", "路", "2"], [2, "Q2", "水", "1"],
    ]  # fmt: skip
    asked = reading.tables["survey_questions"].set_index("question_id")["answer_type"].to_dict()
    assert asked == {"Q1": "ranking", "Q2": "ranking", "Q3": "text"}
    assert values(reading) == {}


def test_a_header_that_is_only_a_number_has_a_name() -> None:
    reading = read(["2", "3", "3"], ["一般", "满意", "一般"])
    texts = reading.tables["survey_questions"]["text_zh"].tolist()
    assert texts == ["第2题", "第3题—1", "第3题—2"]


def test_one_odd_label_is_asked_and_does_not_hide_the_question() -> None:
    reading = read(["1、总体"], ["非常满意"], ["一般"], ["满意吧"])
    assert codes(reading) == [(3, "label_unclear")]
    assert values(reading)["Q1"] == ["5", "3", ""]


def test_two_townships_are_asked_about() -> None:
    headers = ["1、您的户籍所在乡镇", "2、您现居住的乡镇（街道）"]
    with pytest.raises(DataError) as refusal:
        read(headers, ["甲镇", "乙乡"])
    assert refusal.value.code == "areas_several"
    assert "Q1" in refusal.value.place.zh
    for said in ({"questions": {"Q2": {"use": "area"}}}, {"leave_out": frozenset({"Q1"})}):
        people = read(headers, ["甲镇", "乙乡"], **said).tables["survey_respondents"]
        assert people["township_code"].tolist() == ["990101101"]


def test_a_satisfaction_question_about_the_township_is_no_address() -> None:
    reading = read(["1、您所在的乡镇", "2、您对本乡镇的治理是否满意"], ["甲镇", "一般"])
    assert uses(reading) == {"Q1": "area", "Q2": "sat5"}
    assert codes(reading) == []


def test_attributes_are_of_the_respondent_and_only_when_one_question_asks() -> None:
    one = read(["1、您的性别", "2、您配偶的性别", "3、您的年龄段"], ["男", "女", "18～29周岁"])
    people = one.tables["survey_respondents"]
    assert (people["sex"].item(), people["age_band"].item()) == ("male", "18-29")
    assert uses(one) == {"Q1": "sex", "Q2": "unused", "Q3": "age_band"}
    two = read(["1、您的性别", "2、再次确认性别"], ["男", "女"])
    assert uses(two) == {"Q1": "unused", "Q2": "unused"}
    said = read(["1、您的性别", "2、再次确认性别"], ["男", "女"], questions={"Q2": {"use": "sex"}})
    assert said.tables["survey_respondents"]["sex"].tolist() == ["female"]


def test_villages_are_found_within_their_township_or_asked() -> None:
    headers = ["1、您所在的乡镇", "2、您所在的村（社区）"]
    rows = [["甲镇", "东村"], ["乙乡", "东村"], ["乙乡", "西村"], ["甲镇", "990101100202"],
            ["甲镇", "(空)"]]  # fmt: skip
    assert uses(read(headers, *rows))["Q2"] == "unused"
    reading = read(headers, *rows, villages=True)
    people = reading.tables["survey_respondents"]
    assert people["community_code"].tolist() == [
        "990101100201", "990101101201", "", "990101100202", "",
    ]  # fmt: skip
    assert codes(reading) == [(3, "village_unknown")]
    asked = reading.villages[reading.villages["state"] == "unknown"]
    assert asked["name"].tolist() == ["990101101/西村"]
    for code in ("990101101202", ""):
        reading = read(headers, *rows, villages=True, areas={"990101101/西村": code})
        assert codes(reading) == []
        assert reading.tables["survey_respondents"]["community_code"][2] == code


def test_places_behind_the_units_above_are_read_and_told() -> None:
    headers = ["1、您所在的乡镇（街道）", "2、您所在的村（社区）"]
    reading = read(headers, ["某县甲镇", "甲镇东村"], ["某县乙乡", "甲镇西村"], villages=True)
    people = reading.tables["survey_respondents"]
    assert people["township_code"].tolist() == ["990101100", "990101101"]
    assert people["community_code"].tolist() == ["990101100201", ""]
    assert codes(reading) == [(2, "village_unknown")]
    assert "“某县”" in reading.said[0].zh


def test_ticks_and_blanks_are_chosen_and_not_and_a_blank_row_is_no_answer() -> None:
    headers = ["1、最关心(道路)", "1(饮水)"]
    reading = read(headers, ["√", ""], ["√", "√"], ["", ""])
    assert values(reading) == {"Q1_道路": ["1", "1", ""], "Q1_饮水": ["0", "1", ""]}
    assert "Q1" in reading.said[0].zh
    # A bare 1 beside blanks may be the first of five points, unless several may be chosen.
    assert values(read(headers, ["1", ""], ["1", "1"])) == {}
    told = read(["1、最关心（多选）(道路)", "1(饮水)"], ["1", ""], ["1", "1"])
    assert values(told) == {"Q1_道路": ["1", "1"], "Q1_饮水": ["0", "1"]}


def test_numbers_are_scored_in_the_direction_that_the_heading_says() -> None:
    stem = "1、请打分（1=非常满意，5=非常不满意）"
    reading = read([f"{stem}—治安", "1、调解"], ["1", "4"], ["2", "不了解"])
    assert values(reading) == {"Q1_1": ["5", "4"], "Q1_2": ["2", ""]}
    assert "1 → 5" in reading.said[0].zh
    # A person's word counts more.
    said = {"labels": {"Q1=1": 1}}
    assert values(read([f"{stem}—治安", "1、调解"], ["1", "4"], **said))["Q1_1"] == ["1"]


def test_without_townships_a_village_must_be_the_only_one_of_its_name() -> None:
    reading = read(["2、您所在的村（社区）"], ["南村"], ["东村"], villages=True)
    people = reading.tables["survey_respondents"]
    assert people["township_code"].tolist() == ["990101101", ""]
    assert codes(reading) == [(2, "village_unknown")]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"Q1": {"bank": "R99"}}, "bank_unknown"),
        ({"Q1": {"use": "stars"}}, "use_unknown"),
        ({"Q1": {"bank": "R13"}, "Q2": {"bank": "R13"}}, "bank_twice"),
        ({"Q3_路": {"bank": "R13"}}, "bank_mismatch"),
    ],
)
def test_what_cannot_be_meant_is_refused(said: dict[str, dict[str, str]], code: str) -> None:
    with pytest.raises(DataError) as refusal:
        read(["1、甲", "2、乙", "3、丙(路)", "3(水)"], ["一般", "满意", "1", "0"], questions=said)
    assert refusal.value.code == code


def test_personal_answers_stay_out_of_every_table_and_flag() -> None:
    reading = read(
        ["1、总体", "2、联系方式—称呼", "2、手机", "3、怎么找到您"],
        ["一般", "张三", "13800000000", "a@b.cn"],
    )
    assert reading.personal == ("来自IP", "2、联系方式—称呼", "2、手机", "3、怎么找到您")
    whole = "".join(frame.to_csv() for frame in reading.tables.values()) + str(reading.understood)
    whole += str(read(["4、事由"], ["其他〖张三〗"]).understood)
    for secret in ("张三", "13800000000", "a@b.cn", "192.0.2"):
        assert secret not in whole


def test_flags_name_record_and_value() -> None:
    own = ["序号", "提交答卷时间", "所用时间", "来自IP", "1、总体满意吗"]
    times = ["300秒", "5分", "1分39秒", "100秒", "301"]
    rows = [[str(n), f"2025/3/{n}", time, f"192.0.2.{max(n, 2)}(甲市)", "一般"]
            for n, time in enumerate(times, 1)]  # fmt: skip
    grid = in_memory(own, rows)
    export = recognise(grid)
    assert export is not None
    flags = read_wjx(grid, export, SurveyMapping(), TOWNS, "s").flags
    assert flags.values.tolist() == [[2, "same_ip_same_answers", 2.0], [3, "speeder", 0.33]]


def test_a_wide_file_with_a_column_twice_is_refused() -> None:
    grid = in_memory(["township_code", "R01", "township_code"], [["990101100", "5", "990101101"]])
    with pytest.raises(DataError) as refusal:
        read_wide(grid, SurveyMapping(), TOWNS, "s")
    assert refusal.value.code == "wide_repeated"
    read_wide(in_memory(["township_code", "R01", "x", "x"], [["990101100", "5", "", ""]]),
              SurveyMapping(), TOWNS, "s")  # fmt: skip


def test_weights_beside_an_export_are_read_in_every_layout() -> None:
    own = ["序号", "提交答卷时间", "来自IP", "1、总体满意吗", "权数"]
    grid = in_memory(own, [["1", "2025/3/1", "192.0.2.1", "一般", "2.5"]])
    export = recognise(grid)
    assert export is not None
    exported = read_wjx(grid, export, SurveyMapping(), TOWNS, "s")
    plain = in_memory(["township_code", "R01", "权重"], [["990101100", "5", "2.5"]])
    for reading in (exported, read_wide(plain, SurveyMapping(), TOWNS, "s")):
        assert reading.tables["survey_respondents"]["weight"].tolist() == ["2.5"]


@pytest.mark.skipif(not REAL.exists(), reason="the real exports are not beside the project")
def test_the_real_township_export_asks_about_its_odd_record_only() -> None:
    name = "13_made_township_gb18030.csv"
    grid = read_grid(REAL / name, name)
    export = recognise(grid)
    assert export is not None
    names = sorted(set(grid.cells.column(6).to_pylist()))
    towns = pd.DataFrame({"name_zh": [n.strip() for n in names]}).drop_duplicates()
    towns["township_code"] = [f"99010110{n}" for n in range(len(towns))]
    reading = read_wjx(grid, export, SurveyMapping(), towns, "s")
    unclear = [p for p in reading.problems if p["code"] == "label_unclear"]
    assert {p["record"] for p in unclear} == {10}
    assert "same_ip_same_answers" in set(reading.flags["flag"])
    assert uses(reading) == {
        "Q1": "area", "Q2": "age_band", "Q3": "sat5", "Q4_1": "sat5", "Q4_2": "sat5",
        "Q4_3": "sat5", "Q5_道路": "yesno", "Q5_饮水": "yesno", "Q5_其他": "yesno", "Q6": "text",
    }  # fmt: skip


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(grids())
def test_whatever_the_export_only_refusals(grid: Grid) -> None:
    try:
        export = recognise(grid)
        if export is None:
            return
        reading = wide_files.read_wjx(grid, export, SurveyMapping(), TOWNS, "s", VILLAGES)
    except DataError:
        return
    told = {n for u in reading.understood for n in u.columns}
    assert told == {n for question in export.questions for n in question.columns}
    found = reading.tables["survey_answers"]
    assert set(found["value"].dropna()) <= {"", "0", "1", "2", "3", "4", "5"}


def test_points_and_blanks_as_programs_write_them() -> None:
    rows = [["990101100", "5.0", "NA"], ["990101101", "４", "1.0"], ["990101100", ".", "nan"]]
    reading = read_wide(
        in_memory(["township_code", "R01", "R03"], rows), SurveyMapping(), TOWNS, "s"
    )
    assert values(reading) == {"R01": ["5", "4", ""], "R03": ["", "1", ""]}
