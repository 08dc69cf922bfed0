"""Sharing as people meet it: the panel, its link, and the view the link restores."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import Visit
from tests.browser.test_shell import STREAMLITS_OWN
from tests.pages.test_map_files import page

pytestmark = pytest.mark.browser


def test_a_view_is_shared_frozen_for_a_room_and_restored(visit: Visit) -> None:
    visit.go("/coverage?town=990121100&lat=30.2000&lng=106.3000&z=11")
    visit.page.get_by_role("button", name="分享").click()
    visit.idle()
    panel = visit.page.get_by_role("dialog")
    panel.get_by_text("冻结").click()
    visit.idle()
    panel.get_by_text("会场显示").click()
    visit.idle()
    expect(panel.get_by_role("img", name="二维码")).to_be_visible()
    expect(panel.get_by_role("button", name="复制")).to_be_visible()
    link = panel.locator("code").inner_text()
    assert re.search("town=990121100.*v=[0-9]+[.].*present=yes|present=yes.*v=[0-9]+[.]", link)
    assert "lat=30.2000&lng=106.3000&z=11" in link
    assert [broken for broken in visit.axe() if broken[0] not in STREAMLITS_OWN] == []
    visit.go(link.removeprefix(visit.url))
    expect(visit.page.get_by_text("冻结视图：数据版本")).to_be_visible()
    expect(visit.page.get_by_test_id("stSidebar")).to_be_hidden()
    visit.page.get_by_role("link", name="退出会场显示").click()
    visit.idle()
    expect(visit.page.get_by_test_id("stSidebar")).to_be_visible()
    expect(visit.page).to_have_url(re.compile("v=[0-9]"))
    visit.page.get_by_role("link", name="回到最新数据").click()
    expect(visit.page.get_by_text("冻结视图：数据版本")).to_have_count(0)
    expect(visit.page).not_to_have_url(re.compile("v=|present|step"))


def test_the_page_of_a_map_opens_from_a_file_and_runs_no_name(
    window: BrowserContext, tmp_path: Path
) -> None:
    file = tmp_path / "map.html"
    file.write_text(page(), encoding="utf-8")
    opened = window.new_page()
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(file.as_uri())
    expect(opened.locator("path.leaflet-interactive")).to_have_count(4)
    opened.locator(".leaflet-zxMarks-pane path").first.hover()
    expect(opened.locator(".zx-tip")).to_contain_text("<img src=http://x.example/a")
    assert opened.evaluate("window.ran") is None
    assert asked == [file.as_uri()]
    opened.close()


def test_kept_views_are_shown_by_the_arrow_keys_each_as_it_was_kept(visit: Visit) -> None:
    for path in ("/satisfaction", "/coverage?town=990121105"):
        visit.go(path)
        visit.page.get_by_role("button", name="分享").click()
        visit.idle()
        visit.page.get_by_role("button", name="加入演示").click()
        visit.idle()
    visit.go("/present")
    visit.page.get_by_role("link", name="开始演示").click()
    visit.idle()
    expect(visit.page.get_by_text("第 1 步，共 2 步")).to_be_visible()
    visit.page.evaluate("window.zxStays = true")
    visit.page.keyboard.press("ArrowRight")
    visit.idle()
    expect(visit.page).to_have_url(re.compile("/coverage.*town=990121105"))
    visit.page.keyboard.press("ArrowLeft")
    visit.idle()
    expect(visit.page.get_by_text("第 1 步，共 2 步")).to_be_visible()
    # What a later view had chosen does not linger in an earlier one.
    expect(visit.page).not_to_have_url(re.compile("town"))
    assert visit.page.evaluate("window.zxStays")
    # A page that is asked for and does not come is opened by its address: no room waits for it.
    lost = "(e) => { e.preventDefault(); e.stopPropagation(); }"
    visit.page.evaluate(f"document.addEventListener('click', {lost}, true)")
    visit.page.keyboard.press("ArrowRight")
    expect(visit.page.get_by_text("第 2 步，共 2 步")).to_be_visible()
    assert visit.page.evaluate("window.zxStays") is None
