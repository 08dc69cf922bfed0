"""A framework is changed on its page: tried, signed, in force, undone."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from data.words import catalogue
from tests.pages.county import assessed, said, visit
from tests.pages.test_appeals import press

ZH = catalogue("zh")


def chosen(app: AppTest) -> AppTest:
    app.radio(key="framework-choice").set_value("full-2026").run()
    assert not app.exception
    return app


def test_a_change_is_shown_first_then_signed_then_undone(folder: Path) -> None:
    assessed(folder)
    app = chosen(visit("framework", year="2025"))
    assert "会改变档次" in said(app)
    assert "采用时一并冻结" in said(app)
    # Nobody signed: refused in words, nothing changed.
    refused = press(app, ZH["framework.switch"])
    assert "缺少制定人" in said(refused)
    app = chosen(visit("framework", year="2025"))
    app.text_input(key="choose-author").input("李评")
    switched = press(app, ZH["framework.switch"])
    assert "现行的是“完整指标（33\\+23）”" in said(switched)
    switched.text_input(key="undo-author").input("李评")
    undone = press(switched, ZH["framework.undo"])
    assert "现行的是“起步指标（12\\+5）”" in said(undone)
    assert ZH["framework.undo"] not in [button.label for button in undone.button]
