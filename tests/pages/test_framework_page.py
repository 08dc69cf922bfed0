"""A framework is changed on its page: tried, signed, in force, undone."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.errors import DataError
from data.words import Text, catalogue
from metrics.assessment.framework import LIGHT
from metrics.assessment.framework_edit import propose, publish, table_of
from pages.shared import results
from pages.shared.methods.framework_panels import read
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
    # Where what is scored is not the same in all years, every page with a score says so.
    store = results.open_store("own")
    own = propose(store, table_of(LIGHT), "own-2025", Text("本县体系", "Ours"), 2025)
    publish(store, own, author="李评", reason="试行")
    shown = said(visit("assessment", year="2025"))
    by_year = "2024 年及以前“起步指标（12\\+5）”、2025 年起“本县体系”"
    assert f"指标体系：本县体系。各年度所用：{by_year}。" in shown
    assert "各年都按“本县体系”计算" in shown


HEAD = "card,indicator_id,name_zh,weight,target\n"


def test_an_edited_table_is_read_as_office_programs_save_it() -> None:
    for encoding in ("utf-8-sig", "gb18030"):
        rows = read((HEAD + "township,C2,财务公开, 5 ,\n,,,,\n").encode(encoding), "a.csv")
        assert rows["weight"].tolist() == [5.0]
        assert rows["target"].isna().all()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (HEAD + "township,C2,公开,5,80%\n", "“C2”的“80%”不是数字"),
        (HEAD + "township,C2,公开,五,\n", "“C2”的“五”不是数字"),
        ("card,weight\nx,1\n", "缺少列：indicator_id"),
        ("", "逗号"),
        (HEAD + "township,C2,公开,党务,5,80\\n", "逗号"),
        ("PK\0\0", "Excel"),
    ],
)
def test_a_table_with_words_for_numbers_is_refused_in_words(content: str, said: str) -> None:
    with pytest.raises(DataError) as caught:
        read(content.encode(), "a.csv")
    assert said in str(caught.value)
