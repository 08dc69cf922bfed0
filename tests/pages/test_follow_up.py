"""A finding is registered, overdue, done and checked; practices stand where they are needed."""

from pathlib import Path

import pandas as pd
from streamlit.testing.v1 import AppTest

from data.store import Change, Store
from data.words import catalogue
from tests.pages.county import assessed, panel_table, said, visit

ZH = catalogue("zh")
TOWN, OTHER = "990121105", "990121101"


def press(app: AppTest, form: str) -> AppTest:
    next(b for b in app.button if b.form_id.startswith(form)).click().run()
    assert not app.exception
    return app


def test_an_action_from_finding_to_check(folder: Path) -> None:
    assessed(folder)
    app = visit("follow_up", year="2025", town=TOWN)
    assert ZH["follow_up.no_actions"] in said(app)
    fields = {each.label.removesuffix("（必填）"): each for each in app.text_input}
    for label, text in {
        "发现的问题": "公开逾期", "责任单位": "经管站", "整改措施": "逐村核对",
        "发现日期": "2025-12-01", "整改期限": "2025-11-01",
    }.items():  # fmt: skip
        fields[label].input(text)
    app.text_input("actions-unit_code-indicator_id-author").input("李评")
    refused = press(app, "actions")
    assert "整改期限不能早于发现日期" in said(refused)
    fields = {each.label.removesuffix("（必填）"): each for each in app.text_input}
    fields["整改期限"].input("2026-01-31")
    kept = press(app, "actions")
    assert "逾期 1 项" in said(kept)
    assert "经管站" in said(visit("township", year="2025", town=TOWN))
    app = visit("follow_up", year="2025", town=TOWN)
    app.text_input("actions-done_on-author").input("李评")
    next(b for b in app.button if b.form_id == "actions-done_on").click().run()
    assert "已完成 1 项" in said(app)


def test_a_practice_of_another_place_stands_with_the_weakest_indicators(folder: Path) -> None:
    assessed(folder)
    rows = pd.DataFrame(
        {
            "practice_id": [f"x{n}" for n in range(3)], "unit_code": [OTHER, OTHER, TOWN],
            "indicator_id": ["B2.2", "C2", "B2.2"], "kind": "model", "title": "板凳会",
            "summary": "s", "evidence": "e", "started_on": pd.Timestamp("2025-03-01"),
        }
    )  # fmt: skip
    before = {"unit_code": [OTHER], "indicator_id": "B2.2", "year": 2024, "value": 20.0}
    with Store.open(folder) as store:
        changes = [Change("practices", rows), Change("reported_values", pd.DataFrame(before))]
        store.publish(changes, author="t", message="t")
    app = visit("follow_up", follow="practices")
    assert "共 3 个案例" in said(app)
    assert "20.0%（2024 年） → 55.0%（2025 年）" in set(panel_table(app, "change")["change"])
    weak = visit("township", year="2025", town=TOWN)
    assert ZH["follow_up.to_copy_title"] in "\n".join(str(h.value) for h in weak.header)
    assert "有 1 个做法可以借鉴" in said(weak) or "有 2 个做法可以借鉴" in said(weak)


def test_what_was_reported_as_met_is_looked_at_again(folder: Path) -> None:
    assessed(folder)
    rows = pd.DataFrame(
        {
            "unit_code": TOWN, "township_code": TOWN, "year": 2025, "checklist": "PARTY",
            "item_code": [f"PARTY-{n}" for n in range(1, 4)], "applicable": True, "passed": True,
        }
    )  # fmt: skip
    with Store.open(folder) as store:
        store.publish([Change("checklist_results", rows)], author="t", message="t")
    app = visit("follow_up", follow="rechecks", lang="en")
    assert "Not looked at yet: 3" in said(app)
    app = visit("follow_up", follow="rechecks")
    app.selectbox(f"rechecks-confirmed-checked_on-{TOWN}-confirmed").select("否")
    app.text_input("rechecks-confirmed-checked_on-author").input("李评")
    press(app, "rechecks")
    assert "共抽出 3 项，已复核 1 项，其中 0 项属实" in said(app)
