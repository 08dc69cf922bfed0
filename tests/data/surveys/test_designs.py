"""A county's questionnaire: what may be asked, and its export read back without a question."""

import csv
import io
import json
import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from data import ingest
from data.contracts import CODES, TABLES
from data.errors import DataError
from data.store import Store
from data.surveys import designs, questionnaires
from data.surveys.designs import NOT_SCORED, SCALE, Design, Own, entries
from data.surveys.held_by_records import held
from data.surveys.question_bank import QUESTIONS, questions
from data.surveys.wjx import recognise
from data.words import Text
from tests.data.surveys.test_wjx import OWN as EXPORT
from tests.data.surveys.test_wjx import in_memory
from tests.metrics.reported_county import publish

COUNTY = "990101"
TOWNS = {"990101100": "甲镇", "990101101": "乙镇", "990101001": "丙街道"}
VILLAGES = {f"{code}{n:03}": (code, f"{name[0]}村{n}") for code, name in TOWNS.items()
            for n in (201, 202)}  # fmt: skip
OWN_QUESTIONS = (
    Own(Text("您去过党群服务中心吗？", "Have you been to the service centre?"), "yesno"),
    Own(Text("您对公交是否满意？", "Are you satisfied with buses?"), "sat5"),
    Own(Text("去年您去过几次？", "How many times last year?"), "count"),
)
WHOLE = Design(
    "2026-甲", Text("2026年调查", "Survey 2026"), "resident",
    tuple(question.question_id for question in questions("resident")), own=OWN_QUESTIONS,
)  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(tmp_path_factory.mktemp("designs")) as opened:
        towns = pd.DataFrame({"township_code": list(TOWNS), "name_zh": list(TOWNS.values())})
        towns = towns.assign(unit_type=["township", "township", "subdistrict"], county_code=COUNTY)
        villages = pd.DataFrame(
            [(code, town, name) for code, (town, name) in VILLAGES.items()],
            columns=["community_code", "township_code", "name_zh"],
        ).assign(kind="village")
        publish(opened, townships=towns, communities=villages)
        designs.keep(opened, WHOLE)
        yield opened


def answer(entry: designs.Entry, town: str, seeded: random.Random) -> str:
    if entry.use == "area":
        return TOWNS[town]
    if entry.use == "village":
        return seeded.choice([name for code, (of, name) in VILLAGES.items() if of == town])
    if entry.options:
        return seeded.choice(entry.options).zh
    return str(seeded.randrange(9)) if entry.use == "count" else "修路"


def export(design: Design, rows: int) -> bytes:
    """Write what 问卷星 would export of this questionnaire, by the texts of the options."""
    seeded = random.Random(7)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*EXPORT.split(","), *designs.header(design)])
    for n in range(1, rows + 1):
        town = seeded.choice(list(TOWNS))
        own = [n, f"2026/5/{1 + n % 28} 9:00:00", f"{60 + n}秒", "链接", "", f"192.0.2.{n}"]
        writer.writerow([*own, *(answer(entry, town, seeded) for entry in entries(design))])
    return text.getvalue().encode("gb18030")


VALUED = ("sat5", "yesno", "count")


def as_given(draft: ingest.Draft, file: Path) -> int:
    """The slow twin: compare every cell with what was read of it; return how many were."""
    assert draft.reading is not None
    answers = draft.reading.tables["survey_answers"]
    held = answers.set_index(["record", "question_id"])["value"].fillna("")
    rows = list(csv.reader(io.StringIO(file.read_bytes().decode("gb18030"))))
    told = {label.zh: str(5 - n) for n, label in enumerate(SCALE)}
    told |= {NOT_SCORED.zh: "", "是": "1", "否": "0"}
    compared = 0
    for record, row in enumerate(rows[1:], start=1):
        for entry, cell in zip(entries(WHOLE), row[len(EXPORT.split(",")) :], strict=True):
            if entry.use in VALUED:
                value = held[record, entry.code or f"Q{entry.number}"]
                assert value == told.get(cell, cell)
                compared += 1
    return compared


def test_the_export_of_a_designed_questionnaire_leaves_no_question_open(
    store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "350881459_按文本_导出.csv"
    file.write_bytes(export(WHOLE, 40))
    draft = ingest.prepare(store, file, file.name)
    assert draft.reading is not None
    assert draft.problems.empty
    assert draft.records_kept == 40
    assert set(draft.reading.labels["state"]) <= {"known", "not_scored", "chosen"}
    assert set(draft.reading.areas["state"]) <= {"found", "chosen"}
    assert set(draft.reading.villages["state"]) == {"found"}
    # Every question was read as it was designed.
    uses = [each.use for each in draft.reading.understood]
    assert sorted(uses) == sorted(entry.use for entry in entries(WHOLE))
    asked = draft.reading.tables["survey_questions"].set_index("question_id")
    stored = {q.question_id for q in questions("resident") if q.answer_type != "text"}
    assert stored < set(asked.index)
    assert asked.loc["R13", "index_code"] == "S4"
    assert asked.loc["R02d", "text_zh"].endswith("一视同仁？")
    meta = draft.reading.tables["survey_meta"].iloc[0]
    assert meta[["survey_id", "title_zh", "title_en", "audience"]].tolist() == [
        *("2026-甲", "2026年调查", "Survey 2026", "resident")
    ]
    people = draft.reading.tables["survey_respondents"]
    for name in designs.PEOPLE:
        known = {"true", "false"} if name == "has_disability" else {
            code.value for code in CODES[name]
        }  # fmt: skip
        assert set(people[name]) <= known
    assert as_given(draft, file) == 40 * sum(e.use in VALUED for e in entries(WHOLE))
    assert designs.awaited(store, designs.fingerprint(WHOLE)) == WHOLE
    ingest.publish(store, draft, author="t", message="t")
    points = store.read("SELECT question_id, max(value) AS v FROM survey_answers GROUP BY 1")
    highest = points.set_index("question_id")["v"]
    assert highest["R01"] == 5
    assert highest["R07"] == 1
    # The answers are there now: the same questionnaire again is another wave, of another id.
    assert designs.awaited(store, designs.fingerprint(WHOLE)) is None


def test_the_fingerprint_is_the_one_the_importer_finds() -> None:
    for design in (WHOLE, replace(WHOLE, village=False, people=(), own=())):
        found = recognise(in_memory([*EXPORT.split(","), *designs.header(design)], []))
        assert found is not None
        assert questionnaires.fingerprint(found.questions) == designs.fingerprint(design)
    changed = replace(WHOLE, questions=WHOLE.questions[1:])
    assert designs.fingerprint(changed) != designs.fingerprint(WHOLE)


def test_two_townships_of_one_name_are_told_apart() -> None:
    twins = [("990101100", "甲镇"), ("990102100", "甲镇"), ("990101101", "乙镇")]
    labels = [option.zh for option in entries(WHOLE, twins)[0].options]
    assert labels == ["甲镇（990101100）", "甲镇（990102100）", "乙镇"]
    assert designs.mapping(WHOLE, twins).areas["甲镇（990102100）"] == "990102100"


def test_questions_keep_the_order_of_the_bank_and_their_numbers() -> None:
    some = replace(WHOLE, questions=("R13", "R01"), own=(), village=True)
    asked = entries(some)
    assert [entry.code for entry in asked] == ["", "", "R01", "R13", "", "", "", ""]
    assert [entry.number for entry in asked] == list(range(1, 9))
    assert [entry.use for entry in asked][-4:] == list(designs.PEOPLE)


def test_nothing_in_the_bank_asks_for_what_records_hold() -> None:
    # Whether an official came is asked beside the record of visits, to verify it.
    found = {q.question_id for q in QUESTIONS if q.answer_type != "sat5" and held(q.text.zh)}
    assert found == set()


@pytest.mark.parametrize(
    ("text", "kind", "place"),
    [
        ("您村常住人口有多少？", "count", ("township_year", "resident_pop")),
        ("你们村是否有法律顾问？", "yesno", ("community_year", "legal_adviser_active")),
        ("去年村里开了几次协商会议？", "count", ("consultations", "held_on")),
        ("村干部今年走访了几户？", "count", ("community_year", "hh_visited_n")),
        ("您所在的小区有没有物业公司？", "yesno", ("community_year", "compounds_managed_n")),
        # By the label of the field alone.
        ("今年的群众跑动次数", "count", ("service_cases", "visits_n")),
    ],
)
def test_what_records_hold_is_refused_with_its_table_and_field(
    text: str, kind: str, place: tuple[str, str]
) -> None:
    own = Own(Text(text, ""), kind)  # type: ignore[arg-type]
    with pytest.raises(DataError) as refusal:
        designs.check_own(own)
    assert refusal.value.code == "question_held"
    table, name = place
    for side in ("zh", "en"):
        assert getattr(TABLES[table].label, side) in getattr(refusal.value.place, side)
        assert getattr(TABLES[table].column(name).label, side) in getattr(refusal.value.place, side)
    # To verify the record is a reason; an opinion is nothing records hold.
    designs.check_own(replace(own, reason="核实台账"))
    designs.check_own(replace(own, answer_type="sat5"))


@pytest.mark.parametrize(
    ("own", "code"),
    [
        (Own(Text(" ", ""), "text"), "question_blank"),
        (Own(Text("一\n二", ""), "text"), "question_blank"),
        (Own(Text("长" * 201, ""), "text"), "question_blank"),
        (Own(Text("您的姓名", ""), "text"), "question_personal"),
        (Own(Text("您的手机号", ""), "count"), "question_personal"),
    ],
)
def test_a_question_that_must_not_be_asked_is_refused(own: Own, code: str) -> None:
    with pytest.raises(DataError) as refusal:
        designs.check_own(own)
    assert refusal.value.code == code
    # Whether somebody can use a telephone is no question for its number.
    designs.check_own(Own(Text("您会用手机办事吗？", ""), "yesno"))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"survey_id": "a b"}, "design_unnamed"), ({"title": Text(" ", "x")}, "design_unnamed"),
        ({"questions": (), "own": ()}, "design_empty"), ({"questions": ("R99",)}, "bank_unknown"),
        ({"own": (Own(Text("您的姓名", ""), "text"),)}, "question_personal"),
    ],
)  # fmt: skip
def test_a_questionnaire_that_is_not_whole_is_refused(
    changes: dict[str, object], code: str
) -> None:
    with pytest.raises(DataError) as refusal:
        designs.check(replace(WHOLE, **changes))  # type: ignore[arg-type]
    assert refusal.value.code == code


def test_designs_are_kept_by_survey_and_damaged_ones_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(DataError):
        designs.keep(store, replace(WHOLE, survey_id="2028", questions=("R99",)))
    other = replace(WHOLE, survey_id="2027", questions=("R01",))
    designs.keep(store, other)
    assert designs.kept(store.folder) == {"2027": other, "2026-甲": WHOLE}
    with pytest.raises(DataError) as refusal:
        designs.keep(store, other, new=True)
    assert refusal.value.code == "design_exists"
    again = replace(other, people=("sex",))
    designs.keep(store, again)
    assert designs.kept(store.folder)["2027"] == again
    shutil.copytree(store.folder / "mappings", tmp_path / "mappings")
    file = next((tmp_path / "mappings" / "designs").glob("*.json"))
    content = json.loads(file.read_text(encoding="utf-8"))
    for broken in ({"own": [{}]}, {"title": 5}, {"questions": None}):
        file.write_text(json.dumps(content | broken), encoding="utf-8")
        with pytest.raises(DataError) as refusal:
            designs.kept(tmp_path)
        assert refusal.value.code == "design_damaged"
        assert file.name in refusal.value.place.zh


def test_what_was_decided_about_an_earlier_export_stays(store: Store) -> None:
    designs.keep(store, WHOLE)
    known = designs.fingerprint(WHOLE)
    first = questionnaires.recall(store.folder, known)
    assert first is not None
    decided = questionnaires.overlaid(
        first, replace(first, areas={"990101100/老村": "990101100201"})
    )
    questionnaires.remember(store.folder, known, decided)
    designs.keep(store, WHOLE)
    held_now = questionnaires.recall(store.folder, known)
    assert held_now is not None
    assert held_now.areas["990101100/老村"] == "990101100201"
