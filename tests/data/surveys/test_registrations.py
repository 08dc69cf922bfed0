"""A registered survey keeps its registration when its answers arrive."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from data import ingest
from data.ingest import Draft, Options
from data.store import Change, Store
from data.surveys import registrations
from data.surveys.reading import SurveyMapping

REGISTERED = {
    "survey_id": "2025春",
    "title_zh": "二〇二五年春季居民满意度调查",
    "approval_no": "国统制〔2025〕1号",
    "mode": "face",
    "frame": "户籍与常住人口名册",
    "start_on": "2025-03-01",
    "end_on": "2025-03-31",
    "audience": "resident",
}
HEAD = "序号,提交答卷时间,所用时间,来源,来源详情,来自IP,1、您所在的乡镇（街道）,2、总体满意吗\n"


def answers(store: Store, folder: Path, month: int = 3, **survey: str) -> Draft:
    """Return the draft of an export of 问卷星 for the survey, with what was said of it."""
    file = folder / "答卷.csv"
    rows = [
        f"{n},2025/{month}/{n} 9:00:00,100秒,链接,,192.0.2.{n},示例镇,非常满意\n" for n in (2, 3)
    ]
    file.write_text(HEAD + "".join(rows), encoding="utf-8")
    said = SurveyMapping(survey={"survey_id": "2025春", **survey})
    return ingest.prepare(store, file, file.name, Options(survey=said))


def register(store: Store, **other: str) -> None:
    frame = pd.DataFrame([REGISTERED | other])
    for name in ("start_on", "end_on", "valid_until"):
        if name in frame:
            frame[name] = pd.to_datetime(frame[name])
    store.publish([Change("survey_meta", frame)], author="a", message="登记")


def test_answers_leave_the_registration_as_it_is(towns: Store, tmp_path: Path) -> None:
    register(towns)
    before = registrations.held(towns, "2025春")
    draft = answers(towns, tmp_path)
    # What nobody said (the kit's own guess that 问卷星 is online) contradicts nothing.
    assert not [w for w in draft.warnings if "登记" in w.zh]
    assert [w for w in draft.warnings if "还没有一道题计入指标" in w.zh]
    counted = replace(draft.options.survey, questions={"Q2": {"index_code": "S1"}})
    counting = ingest.prepare(towns, tmp_path / "答卷.csv", "答卷.csv", Options(survey=counted))
    assert not [w for w in counting.warnings if "计入指标" in w.zh]
    ingest.publish(towns, draft, author="a", message="m")
    assert registrations.held(towns, "2025春") == before == REGISTERED
    assert towns.read("SELECT count(*) AS n FROM survey_respondents")["n"].item() == 2


def test_what_is_missing_is_filled(towns: Store, tmp_path: Path) -> None:
    register(towns)
    draft = answers(towns, tmp_path, approved_by="国家统计局", valid_until="2026-12-31")
    ingest.publish(towns, draft, author="a", message="m")
    held = registrations.held(towns, "2025春")
    assert held == REGISTERED | {"approved_by": "国家统计局", "valid_until": "2026-12-31"}


def test_every_contradiction_is_said_and_changes_nothing(towns: Store, tmp_path: Path) -> None:
    register(towns)
    draft = answers(
        towns,
        tmp_path,
        month=4,
        mode="网络调查",
        approval_no="2",
        audience="居民",
        start_on="2025/4/1",
    )
    words = [w.zh for w in draft.warnings if "已登记" in w.zh]
    assert len(words) == 4  # mode, approval number, start and end; the audience is the same one
    assert any("面访" in w and "网络" in w for w in words)
    assert any("2025-03-31" in w and "2025-04-03" in w for w in words)
    ingest.publish(towns, draft, author="a", message="m")
    assert registrations.held(towns, "2025春") == REGISTERED


def test_a_survey_never_registered_takes_what_the_file_says(towns: Store, tmp_path: Path) -> None:
    draft = answers(towns, tmp_path, approval_no="7")
    assert draft.reading is not None
    assert not draft.reading.registered
    ingest.publish(towns, draft, author="a", message="m")
    held = registrations.held(towns, "2025春")
    assert (held["approval_no"], held["start_on"], held["mode"]) == ("7", "2025-03-02", "online")


def test_a_registration_that_breaks_the_contract_is_never_dropped_in_silence(
    towns: Store, tmp_path: Path
) -> None:
    register(towns)
    draft = answers(towns, tmp_path, valid_until="明年")
    assert draft.problems["code"].tolist() == ["type"]
    assert draft.records_kept == 0
