"""The registration of a survey: typed in, checked, and said beside its figures."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.words import catalogue
from tests.pages.county import fill, said, visit
from tests.pages.test_administration import as_role
from tests.pages.test_templates import at_templates

ZH = catalogue("zh")


def typed(app: AppTest, **fields: str) -> AppTest:
    """Type into the form of the survey that is open, and send it."""
    survey = next(b for b in app.selectbox if b.label == ZH["templates.survey_pick"]).value
    for name, value in fields.items():
        app.text_input(f"registration-{survey}-{name}").input(value)
    app.text_input(f"registration-author-{survey}").input("李评")
    return next(b for b in app.button if b.label == ZH["templates.survey_save"]).click().run()


def test_a_survey_is_unregistered_until_its_form_is_filled(folder: Path) -> None:
    fill(folder)
    assert ZH["satisfaction.unregistered"] in said(visit("satisfaction"))
    app = at_templates()
    assert "其中 **1** 项没有登记" in said(app)
    next(b for b in app.selectbox if b.label == ZH["templates.survey_pick"]).set_value(
        "S-2025"
    ).run()
    typed(app, end_on="2025-04-01", valid_until="明年")
    assert "有效期限" in said(app)
    typed(app, end_on="2025-05-20", valid_until="2026-12-31", approval_no="国统制2025-1号",
          contacted_n="200", field_org="县调查队")  # fmt: skip
    assert not app.exception
    words = said(visit("satisfaction")).replace("\\", "")
    assert "群众满意度调查" in words
    assert "已登记：国统制2025-1号" in words
    assert "应答率 60%" in words
    assert "县调查队" in words


def test_a_registration_needs_a_name_and_an_id(folder: Path) -> None:
    fill(folder)
    app = at_templates()
    next(b for b in app.button if b.label == ZH["templates.survey_save"]).click().run()
    assert ZH["upload.needs_author"] in said(app)
    typed(app, title_zh="一项调查")
    assert "没有填写调查编号" in said(app)


def test_who_is_signed_in_registers_under_their_own_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(folder)
    as_role(monkeypatch, folder, "administrator")
    app = at_templates()
    assert not [each for each in app.text_input if each.key == "registration-author-"]
    assert app.text_input("signed-registration-author-").value == "李管"
    next(b for b in app.button if b.label == ZH["templates.survey_save"]).click().run()
    assert "没有填写调查编号" in said(app)
