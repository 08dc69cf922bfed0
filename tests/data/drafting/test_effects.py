"""What publishing would do, and what happened between versions."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from data import ingest
from data.contracts import TABLES
from data.drafting.effects import compare
from data.errors import DataError
from data.ingest import Options
from data.store import Change, Store
from tests.conftest import fill_towns
from tests.data.reading import in_this_process

HEADER = "community_code,township_code,name_zh,kind,lat,lon\n"
ONE = "990101100201,990101100,甲村,village,30.5,110.5\n"
TWO = "990101100202,990101100,乙村,village,30.5,110.5\n"
VILLAGE = pd.DataFrame(
    {
        "community_code": ["990101100201"], "township_code": ["990101100"], "name_zh": ["甲村"],
        "name_en": ["Jia"], "kind": ["village"],
    }
)  # fmt: skip
TWO_MOVED = "990101100202,990101100,乙村,village,30.6,110.5\n"


def draft(store: Store, tmp_path: Path, text: str, mode: str = "merge") -> ingest.Draft:
    file = tmp_path / "file.csv"
    file.write_text(HEADER + text, encoding="utf-8")
    return ingest.prepare(store, file, file.name, Options(mode=mode))  # type: ignore[arg-type]


def publish(store: Store, made: ingest.Draft) -> int:
    return ingest.publish(store, made, author="a", message="m", accept_valid=True)


def test_append_refuses_what_is_held_and_correct_what_is_not(towns: Store, tmp_path: Path) -> None:
    publish(towns, draft(towns, tmp_path, ONE))
    appended = draft(towns, tmp_path, ONE + TWO, "append")
    assert appended.problems[["record", "code"]].values.tolist() == [[1, "already_held"]]
    assert appended.effect[["new", "changed", "unchanged"]].values.tolist() == [[1, 0, 0]]
    corrected = draft(towns, tmp_path, ONE.replace("30.5", "30.7") + TWO, "correct")
    assert corrected.problems[["record", "code"]].values.tolist() == [[2, "not_held"]]
    assert corrected.effect[["new", "changed", "unchanged"]].values.tolist() == [[0, 1, 0]]
    publish(towns, corrected)
    held = towns.read("SELECT community_code, lat FROM communities")
    assert held.values.tolist() == [["990101100201", 30.7]]


def test_versions_are_compared_row_by_row(towns: Store, tmp_path: Path) -> None:
    first = publish(towns, draft(towns, tmp_path, ONE + TWO))
    second = publish(towns, draft(towns, tmp_path, TWO_MOVED, "replace"))
    found = compare(towns, first, second)
    assert found.values.tolist() == [["communities", 0, 1, 0, 1]]
    back = compare(towns, second, first)
    assert back.values.tolist() == [["communities", 1, 1, 0, 0]]
    assert compare(towns, second, second).empty


def test_a_version_that_never_was_is_refused(towns: Store) -> None:
    with pytest.raises(DataError) as refusal:
        compare(towns, 10_000, towns.version)
    assert refusal.value.code == "unknown_version"


def test_a_version_of_a_smaller_contract_is_compared_and_restored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    communities = TABLES["communities"]
    columns = tuple(c for c in communities.columns if c.name != "name_en")
    smaller = {**TABLES, "communities": replace(communities, columns=columns)}
    del smaller["drills"]
    with monkeypatch.context() as patch:
        for room in ("lake_tables", "publishing", "staging"):
            patch.setattr(f"data.storage.{room}.TABLES", smaller)
        with Store.open(tmp_path / "data") as before:
            fill_towns(before)
            first = before.publish(
                [Change("communities", VILLAGE.drop(columns="name_en"))], author="a", message="m"
            )
    with Store.open(tmp_path / "data") as store:
        second = store.publish([Change("communities", VILLAGE)], author="a", message="m")
        assert compare(store, first, second).values.tolist() == [["communities", 0, 1, 0, 0]]
        store.restore(first, author="a", message="m")
        held = store.read("SELECT name_zh, name_en FROM communities")
        assert held["name_zh"].tolist() == ["甲村"]
        assert held["name_en"].isna().all()


EXPORT = (
    "序号,提交答卷时间,所用时间,来源,来源详情,来自IP,1、您所在的乡镇（街道）,2、总体满意吗,"
    "3、请排序,4、您的建议\n"
)


def wave(store: Store, tmp_path: Path, *answers: str) -> ingest.Draft:
    rows = [
        f"{n},2025/3/{n} 9:00:00,{100 + n}秒,链接,,192.0.2.1,示例镇,一般,{answer}\n"
        for n, answer in enumerate(answers, start=1)
    ]
    (tmp_path / "wave.csv").write_text(EXPORT + "".join(rows), encoding="utf-8")
    with in_this_process():
        return ingest.prepare(store, tmp_path / "wave.csv", "wave.csv")


def test_who_comes_anew_no_longer_says_what_he_said_before(towns: Store, tmp_path: Path) -> None:
    """A blank overwrites no row: a withdrawn comment, place or mark must go by itself."""
    publish(towns, wave(towns, tmp_path, *["路→水,修路"] * 6, "路→水,修桥"))
    count = "SELECT (SELECT count(*) FROM survey_comments), (SELECT count(*) FROM survey_rankings)"
    assert towns.read(count).values.tolist() == [[7, 14]]
    assert len(towns.read("SELECT * FROM survey_marks WHERE flag = 'same_ip'")) == 7
    again = wave(towns, tmp_path, "水,", "路→水,修路", "水→路,修路")
    removed = again.effect.set_index("table")["removed"]
    assert (removed["survey_comments"], removed["survey_rankings"]) == (1, 1)
    marks = int(removed["survey_marks"])
    assert marks >= 2
    before = len(towns.read("SELECT * FROM survey_marks"))
    publish(towns, again)
    said = towns.read("SELECT respondent_id, comment FROM survey_comments ORDER BY 1")
    assert said["respondent_id"].tolist() == [f"r{n:06}" for n in range(2, 8)]
    placed = towns.read(
        'SELECT "option", place FROM survey_rankings WHERE respondent_id = $who',
        {"who": "r000001"},
    )
    assert placed.values.tolist() == [["水", 1]]
    assert len(towns.read("SELECT * FROM survey_marks")) == before - marks


def test_who_is_no_longer_in_a_survey_says_nothing_in_it(towns: Store, tmp_path: Path) -> None:
    """A list of respondents that is replaced takes along what the others of it said."""
    publish(towns, wave(towns, tmp_path, "路→水,修路", "路→水,修桥", "水→路,修塘"))
    asked = str(towns.read("SELECT any_value(survey_id) AS it FROM survey_meta")["it"].item())
    other = pd.DataFrame({"survey_id": ["else"], "respondent_id": ["r000003"], "question_id": "Q"})
    towns.publish(
        [Change("survey_comments", other.assign(comment="留下"))], author="a", message="m"
    )
    (tmp_path / "list.csv").write_text(
        f"survey_id,respondent_id,township_code\n{asked},r000001,990101100\n"
        f"{asked},r000002,990101100\n",
        encoding="utf-8",
    )
    options = Options(table="survey_respondents", mode="replace")
    with in_this_process():
        made = ingest.prepare(towns, tmp_path / "list.csv", "list.csv", options)
    removed = made.effect.set_index("table")["removed"]
    hanging = ("survey_answers", "survey_comments", "survey_rankings")
    assert [removed["survey_respondents"], *removed[list(hanging)]] == [1, 1, 1, 2]
    publish(towns, made)
    for name in hanging:
        left = towns.read(
            f"SELECT DISTINCT respondent_id AS who FROM {name} WHERE survey_id <> 'else'"  # noqa: S608
        )
        assert sorted(left["who"]) == ["r000001", "r000002"]
    assert towns.read("SELECT comment FROM survey_comments WHERE survey_id = 'else'").size == 1
    # The sums are those of the two who are left.
    assert towns.read("SELECT DISTINCT n FROM survey_counts")["n"].sum() == 2


def test_a_question_that_is_no_longer_asked_has_no_answers(towns: Store, tmp_path: Path) -> None:
    publish(towns, wave(towns, tmp_path, "路→水,修路", "路→水,修桥"))
    held = towns.read("SELECT * FROM survey_questions")
    kept = held[held["answer_type"].ne("text")]
    assert 0 < len(kept) < len(held)
    towns.publish([Change("survey_questions", kept, "replace")], author="a", message="m")
    assert towns.read("SELECT * FROM survey_comments").empty
    assert len(towns.read("SELECT * FROM survey_answers")) == 2
    assert len(towns.read("SELECT * FROM survey_rankings")) == 4
