"""The sheet for answers comes back as a survey; the one for boundaries says what is asked."""

import io
from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from data import ingest
from data.forms import other_templates
from data.forms.own_parts import CODES, EXAMPLE, NOTES
from data.geography import placement
from data.geography.placement import Placement, Witness
from data.ingest import Options
from data.store import Change, Store
from data.surveys.question_bank import questions
from data.surveys.reading import SurveyMapping
from tests.data.reading import in_this_process


def sheets(content: bytes) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_the_sheet_for_answers_is_read_as_it_is(towns: Store, tmp_path: Path) -> None:
    content = other_templates.answers(towns)
    held = sheets(content)
    assert list(held) == ["答卷", NOTES, EXAMPLE, CODES]
    assert [row[0] for row in held[CODES]] == ["示例街道", "示例镇", "样例乡"]
    head, row = held["答卷"][0], held[EXAMPLE][2]
    pd.DataFrame([row], columns=[str(cell) for cell in head]).to_excel(
        tmp_path / "wave.xlsx", index=False, engine="xlsxwriter"
    )
    meta = {"start_on": "2025-05-01", "end_on": "2025-06-01"}
    options = Options(survey=SurveyMapping(survey=meta))
    with in_this_process():
        draft = ingest.prepare(towns, tmp_path / "wave.xlsx", "wave.xlsx", options)
    assert (draft.kind, draft.records_kept) == ("survey", 1), draft.problems
    assert draft.reading is not None
    person = draft.reading.tables["survey_respondents"].iloc[0]
    assert person["township_code"] == "990101001"
    answers = draft.reading.tables["survey_answers"].set_index("question_id")["value"]
    scored = {q.question_id: q.answer_type for q in questions("resident")}
    expected = {"sat5": "4", "yesno": "1", "count": "2"}
    asked = {name: expected[kind] for name, kind in scored.items() if kind != "text"}
    assert dict(answers) == asked


def test_a_township_gets_its_own_units(towns: Store) -> None:
    held = sheets(other_templates.boundaries(towns, "990101100"))
    assert [row[:2] for row in held["需要边界的单位"][1:]] == [
        ["990101", ""], ["990101100", "示例镇"],
    ]  # fmt: skip
    assert "EPSG" not in str(held[NOTES])
    assert len(held[NOTES]) == 6
    square = {"unit_code": ["990101100"], "level": "township", "geometry": [b"\1"]}
    towns.publish([Change("boundaries", pd.DataFrame(square))], author="a", message="m")
    after = sheets(other_templates.boundaries(towns))["需要边界的单位"]
    assert [row[2] for row in after[1:]] == ["否", "否", "是", "否"]


@pytest.mark.parametrize(
    ("suggested", "offered"),
    [
        ([], None),
        ([("GCJ02", 5), ("GCJ02", 9)], 9),
        ([("GCJ02", 5), ("GCJ02", 0)], 5),
        ([("GCJ02", 5), (None, 9)], None),
        ([("GCJ02", 5), ("BD09", 9)], None),
        ([("GCJ02", 5), (None, 0)], 5),
    ],
)
def test_a_kit_is_converted_only_where_all_its_tables_agree(
    suggested: list[tuple[str | None, int]], offered: int | None
) -> None:
    parts = [Placement(n, Witness("WGS84", 0.5, 0), (), system, 0) for system, n in suggested]
    found = placement.of_all([None, *parts])
    assert (found.points if found else None) == offered
