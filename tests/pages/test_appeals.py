"""A township contests a value on its page; the county decides on its own."""

from datetime import timedelta
from pathlib import Path

from streamlit.testing.v1 import AppTest

from data import clock
from data.words import catalogue
from tests.pages.county import assessed, said, visit

ZH = catalogue("zh")
TOWN = "990121105"


def press(app: AppTest, label: str) -> AppTest:
    next(b for b in app.button if b.label == label).click().run()
    assert not app.exception
    return app


def test_an_appeal_from_filing_to_decision(folder: Path) -> None:
    assessed(folder)
    app = visit("township", town=TOWN, year="2025")
    assert not app.exception
    refused = press(app, ZH["duty.file_appeal"])
    assert "申诉缺少种类、理由" in said(refused)
    app = visit("township", town=TOWN, year="2025")
    app.text_area[0].input("台账有误")
    app.text_input(key="contest-author").input("王某")
    filed = press(app, ZH["duty.file_appeal"])
    assert "作出决定之前，该数值不计分" in "\n".join(str(box.value) for box in filed.success)
    assert "因申诉或豁免暂不计分" in said(filed)
    county = visit("county_duty", year="2025")
    assert "1 件未决" in said(county)
    county.text_area[0].input("台账无误")
    county.text_input(key="decide-author").input("李评")
    refused = press(county, ZH["duty.publish_decision"])
    assert "申诉缺少种类、理由、结果或署名" in said(refused)
    assert refused.text_area[0].value == "台账无误"
    refused.radio(key="decide-outcome").set_value("rejected")
    decided = press(refused, ZH["duty.publish_decision"])
    assert "0 件未决" in said(decided)
    # The decision says at once what it moves: G6 of the year in which the appeal fell due.
    year = (clock.today() + timedelta(days=15)).year
    told = "\n".join(str(box.value) for box in decided.success)
    assert f"{year} 年申诉更正按期办结率（G6）：— → 100.0%" in told
    assert "2025 年综合得分：" in told
    assert "已决 1 件，其中按期 1 件，支持或部分支持 0 件" in said(decided)
