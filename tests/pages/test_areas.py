"""What a township's own account sees on the pages: itself, whatever the link asks for."""

from pathlib import Path

import pytest

from data.access import accounts, frozen_links
from data.access.accounts import Account
from data.words import catalogue, say
from pages.shared import account, navigation, results
from pages.shared.meeting import reports
from tests.pages.county import assessed, said, visit
from tests.pages.test_appeals import press

ZH = catalogue("zh")
TOWN, OTHER = "990121105", "第2镇"
WORD = "长长的密码一二三四五六"


@pytest.fixture
def own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Account:
    """The account of one township of nine, signed in."""
    assessed(folder)
    monkeypatch.setattr(accounts, "_MEMORY_KB", 64)
    accounts.add(folder, "李管", "administrator", WORD)
    made = accounts.add(folder, "镇五", "viewer", WORD, TOWN)
    monkeypatch.setattr(account, "current", lambda: made)
    return made


def test_a_township_sees_itself_and_contests_its_own_values(own: Account) -> None:
    first = visit("overview", year="2025", town="990121102")  # the link of another one
    assert [each.value for each in first.title] == [ZH["township.title"]]
    words = said(first)
    assert "第5镇" in words
    outside = "链接要看的“第2镇”不在您账号的范围内"
    assert outside in "\n".join(str(box.value) for box in first.warning)
    assert OTHER not in words.replace(outside, "")
    assert f"只看 {TOWN}" in [text.value for text in first.get("text")]
    linked = {element.proto.page for element in first.get("page_link")}
    assert linked <= {"township", "reports", "methods"}
    town = visit("township", year="2025")
    town.text_area[0].input("台账有误")
    filed = press(town, ZH["duty.file_appeal"])
    assert "作出决定之前，该数值不计分" in "\n".join(str(box.value) for box in filed.success)
    assert results.open_store("own").history()[0].author == own.name


@pytest.mark.usefixtures("own")
def test_other_pages_stay_closed_and_its_report_is_its_own(folder: Path) -> None:
    for name in set(navigation.names()) - {"overview", *navigation.OF_AREA}:
        app = visit(name, year="2025")
        assert say("errors.outside_area.problem", "zh") in said(app), name
        assert not app.title, name
    # A frozen link that was handed out opens the account's own part of that version.
    store = results.open_store("own")
    code = frozen_links.make(folder, store.folder, store.version, "", "李管", 30)
    report = visit("reports", year="2025", report="county", v=code)
    assert f"冻结视图：数据版本 {store.version}" in said(report)
    assert not report.exception
    assert [each.value for each in report.header] == ["第5镇基层治理评估反馈单"]
    assert not [frame for frame in report.dataframe if OTHER in frame.value.to_string()]
    assert OTHER not in said(report)


def test_a_county_has_its_pages_and_reports(
    own: Account, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    county = accounts.set_area(folder, own.name, "990121")
    monkeypatch.setattr(account, "current", lambda: county)
    for name in navigation.OF_COUNTY:
        app = visit(name, year="2025", county="990122")  # the link of another county
        assert not app.exception, name
        assert not app.error, (name, said(app))
        assert app.title, name
    assert say("errors.outside_area.problem", "zh") in said(visit("coverage", year="2025"))
    for kind in reports.KINDS:
        made = visit("reports", year="2025", report=kind)
        assert not made.exception
        assert not made.error, said(made)
