"""The questionnaire page: chosen by link or tick, own questions checked, saved for its export."""

from pathlib import Path

import pandas as pd
from streamlit.testing.v1 import AppTest

from data.contracts import TABLES
from data.surveys import designs
from data.words import catalogue
from tests.pages.conftest import Look
from tests.pages.county import fill, panel_table, said, visit

ZH = catalogue("zh")


def asked(app: AppTest) -> pd.DataFrame:
    return panel_table(app, "pairs_with")


def press(app: AppTest, label: str) -> AppTest:
    next(b for b in app.button if b.label == label).click().run()
    assert not app.exception
    return app


def test_a_questionnaire_from_the_link_to_the_saved_design(folder: Path) -> None:
    fill(folder)
    app = visit("questionnaire", ask="R01.R13.R07", person_resident="sex")
    assert not app.exception
    table = asked(app)
    assert list(table["code"]) == ["", "R01", "R07", "R13", ""]
    assert table["index"].iloc[3] == "S4 安全与应急信心"
    # What the survey will not give is said before it is held.
    shown = said(app)
    assert "共 **5** 题，其中计入满意度指数 2 题" in shown
    assert "S2 服务体验满意度、S3 参与获得感、S5 公开公正感、S6 数字便利与适老感" in shown
    assert "97 份约 ±10 分" in shown.replace("\\", "")
    app.checkbox(key="ask-R07").uncheck().run()
    assert list(asked(app)["code"]) == ["", "R01", "R13", ""]
    assert app.query_params["ask"] in ("R01.R13", ["R01.R13"])
    press(app, ZH["questionnaire.save_button"])
    assert ZH["questionnaire.saved"].format(survey="2026\\-满意度") in [
        box.value for box in app.success
    ]
    [kept] = designs.kept(folder).values()
    assert (kept.survey_id, kept.questions) == ("2026-满意度", ("R01", "R13"))
    assert (kept.people, kept.village) == (("sex",), False)
    # It is open now, and opens again as it was saved, by its own link.
    assert app.selectbox(key="form").value == "2026-满意度"
    again = visit("questionnaire", form="2026-满意度")
    assert list(asked(again)["code"]) == ["", "R01", "R13", ""]


def test_an_own_question_is_checked_before_it_is_asked(look: Look) -> None:
    look(fill)
    app = visit("questionnaire")
    field = next(f for f in app.text_input if f.label == ZH["questionnaire.text_zh"])
    field.input("您村常住人口有多少？")
    next(s for s in app.selectbox if s.label == ZH["questionnaire.kind"]).select("count")
    press(app, ZH["questionnaire.add"])
    [refused] = [box.value for box in app.error]
    assert TABLES["township_year"].label.zh in refused
    assert TABLES["township_year"].column("resident_pop").label.zh in refused
    # To verify the record is a reason, and stands in the table.
    reason = next(f for f in app.text_input if f.label == ZH["questionnaire.reason"])
    reason.input("核实统计台账")
    press(app, ZH["questionnaire.add"])
    assert not app.error
    assert asked(app)["reason"].tolist().count("核实统计台账") == 1
    press(app, ZH["questionnaire.remove"])
    # Without a question of their own nobody has a reason to give.
    assert "reason" not in asked(app)


def test_nothing_chosen_is_refused_and_cadres_are_asked_other_questions(look: Look) -> None:
    look(fill)
    app = visit("questionnaire", audience="cadre")
    assert list(asked(app)["code"])[1:] == [f"K0{n}" for n in range(1, 9)]
    press(app, ZH["questionnaire.none"])
    assert any(ZH["errors.design_empty.problem"] in box.value for box in app.error)
