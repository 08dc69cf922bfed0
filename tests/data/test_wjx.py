"""问卷星 exports: structure by position, labels never guessed."""

import json
from pathlib import Path

import pytest

from data.files import Grid, read_grid
from data.wjx import WjxSurvey, label_scores, recognise

REAL = Path(__file__).parents[3] / "shared" / "real-input" / "wjx"
OWN = "序号,提交答卷时间,所用时间,来源,来源详情,来自IP"


def grid(tmp_path: Path, header: str, *rows: str) -> Grid:
    file = tmp_path / "export.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="gb18030")
    return read_grid(file, file.name)


def survey(tmp_path: Path, questions: str, *answers: str) -> tuple[WjxSurvey, Grid]:
    rows = [f"{n},2025/3/1 9:00:00,100秒,链接,,192.0.2.{n},{a}" for n, a in enumerate(answers, 1)]
    read = grid(tmp_path, f"{OWN},{questions}", *rows)
    found = recognise(read)
    assert found is not None
    return found, read


@pytest.mark.skipif(not REAL.exists(), reason="the real exports are not beside the project")
@pytest.mark.parametrize("name", ["05_code_2025_multiselect_first_stem.xlsx",
                                  "08_text_2025_satisfaction_matrix_gbk.csv",
                                  "13_made_township_gb18030.csv"])  # fmt: skip
def test_real_exports_are_read_as_somebody_else_says(name: str) -> None:
    expected = json.loads((REAL / "expected.json").read_text(encoding="utf-8"))[name]
    read = read_grid(REAL / name, name)
    found = recognise(read)
    assert found is not None
    assert (read.cells.num_rows, len(read.header)) == (expected["n_rows"], expected["n_columns"])
    assert [read.header[n] for n in found.meta_columns] == expected["meta_columns"]
    for question, said in zip(found.questions, expected["questions"], strict=True):
        assert (question.number, question.kind) == (said["qno"], said["type"])
        assert list(question.columns) == said["columns"]
        assert list(question.options) == said.get("options", list(question.options))
        assert list(question.items) == said.get("items", list(question.items))
        assert question.separator == said.get("sep", question.separator)
        assert question.personal == said.get("pii", False)


def test_columns_that_lost_their_stem_stay_with_their_question(tmp_path: Path) -> None:
    found, _ = survey(
        tmp_path, "4、请评价—调解,4、治安,5、最关心（多选）(道路),5(饮水)", "一般,非常满意,1,0"
    )
    matrix, multi = found.questions
    assert (matrix.kind, matrix.items, matrix.columns) == (
        "matrix_likert5",
        ("调解", "治安"),
        (6, 7),
    )
    assert (multi.kind, multi.options, multi.stem) == ("multi", ("道路", "饮水"), "最关心（多选）")


def test_repeated_headers_are_told_apart_by_position(tmp_path: Path) -> None:
    found, _ = survey(tmp_path, "1、请评价—甲,1、甲", "一般,非常满意")
    assert found.questions[0].columns == (6, 7)


@pytest.mark.parametrize(
    ("stem", "answer"), [("2、您的手机号", "13800000000"), ("2、怎么找到您", "user@example.com")]
)
def test_personal_columns_are_found_by_name_or_by_content(
    tmp_path: Path, stem: str, answer: str
) -> None:
    found, _ = survey(tmp_path, f"1、总体满意吗,{stem}", f"一般,{answer}")
    assert found.questions[1].personal
    assert found.personal == (5, 7)


def test_a_plain_table_is_no_export(tmp_path: Path) -> None:
    assert recognise(grid(tmp_path, "township_code,name_zh", "990101101,甲镇")) is None
    assert recognise(grid(tmp_path, "序号,提交答卷时间,所用时间,姓名", "1,2025/3/1,9秒,甲")) is None


def test_one_family_is_scored() -> None:
    reading = label_scores(["非常满意", "一般", "非常不满意", "不太满意", "不清楚"])
    assert reading.scores == {
        "非常满意": 5,
        "一般": 3,
        "非常不满意": 1,
        "不太满意": 2,
        "不清楚": None,
    }
    assert reading.unclear == ()


def test_labels_of_another_family_are_asked_about() -> None:
    reading = label_scores(["非常满意", "比较满意", "一般", "不太满意", "满意", "很满意"])
    assert reading.scores["比较满意"] == 4
    assert reading.unclear == ("满意", "很满意")


def test_families_that_explain_equally_much_settle_only_what_they_agree_on() -> None:
    # 比较满意 says one family, 满意 another; both explain two of the three labels.
    reading = label_scores(["比较满意", "满意", "一般"])
    assert reading.unclear == ("比较满意", "满意")


def test_families_that_agree_need_no_question() -> None:
    assert label_scores(["非常满意", "非常不满意"]).scores == {"非常满意": 5, "非常不满意": 1}


def test_bare_digits_are_never_scored() -> None:
    reading = label_scores(["1", "5", "3"])
    assert reading.scores == {}
    assert reading.unclear == ("1", "5", "3")


def test_flags_name_speeders_and_the_second_of_two_alike(tmp_path: Path) -> None:
    rows = [
        "1,2025/3/1 9:00:00,300秒,链接,,192.0.2.1,一般",
        "2,2025/3/1 9:10:00,300秒,链接,,192.0.2.1,一般",
        "3,2025/3/1 9:20:00,99秒,链接,,192.0.2.3,一般",
        "4,2025/3/1 9:30:00,100秒,链接,,192.0.2.4,一般",
        "5,2025/3/1 9:40:00,301,链接,,192.0.2.5,一般",
    ]
    read = grid(tmp_path, f"{OWN},1、总体满意吗", *rows)
    found = recognise(read)
    assert found is not None
    flags = found.flags(read).sort_values("record").values.tolist()
    assert flags == [[2, "same_ip_same_answers"], [3, "speeder"]]
