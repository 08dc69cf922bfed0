"""Sharing as people meet it: the panel, its link, and the view the link restores."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.test_shell import STREAMLITS_OWN

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
    assert re.search("town=990121100.*v=[0-9]+.*present=yes|present=yes.*v=[0-9]+", link)
    assert "lat=30.2000&lng=106.3000&z=11" in link
    assert [broken for broken in visit.axe() if broken[0] not in STREAMLITS_OWN] == []
    visit.go(link.removeprefix(visit.url))
    expect(visit.page.get_by_text("冻结视图：数据版本")).to_be_visible()
    expect(visit.page.get_by_test_id("stSidebar")).to_be_hidden()
    visit.page.get_by_role("link", name="退出会场显示").click()
    visit.idle()
    expect(visit.page.get_by_test_id("stSidebar")).to_be_visible()
    expect(visit.page).to_have_url(re.compile("v=[0-9]"))
