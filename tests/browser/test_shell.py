"""The shell as people meet it: links, language, type size, colours, keyboard, accessibility."""

import re

import pytest
from playwright.sync_api import WebSocketRoute, expect

from data.contracts import TABLES
from data.words import Language, say
from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser
PATHS = (
    "/", "/satisfaction", "/coverage", "/assessment", "/township?town=990121105", "/county_duty",
    "/follow_up", "/context", "/methods", "/questionnaire", "/framework", "/present", "/reports",
    "/upload", "/administration?room=keeping",
)  # fmt: skip
OTHERS = ("theme=dark", "size=large&lang=en")
# Streamlit's own: the uploader's section is a button with a role, see traps in its issue tracker.
STREAMLITS_OWN = {"aria-allowed-role", "nested-interactive", "presentation-role-conflict"}
OUR_ENGLISH = {"English", "语言 / Language"}
ENGLISH_WORDS = """() => {
  const found = new Set(), english = /[A-Za-z]{4,}/;
  for (const element of document.body.querySelectorAll("*")) {
    if (element.closest("style, script, iframe, noscript, code, svg")) continue;
    for (const name of ["aria-label", "title", "placeholder"]) {
      const said = element.getAttribute(name);
      if (said && english.test(said)) found.add(said);
    }
    if (element.closest("[data-testid=stIconMaterial], [role=img]")) continue;
    for (const node of element.childNodes)
      if (node.nodeType === Node.TEXT_NODE && english.test(node.nodeValue))
        found.add(node.nodeValue.trim());
  }
  return [...found];
}"""


def ground(visit: Visit) -> str:
    colour: str = visit.page.evaluate(
        "getComputedStyle(document.querySelector('.stApp')).backgroundColor"
    )
    return colour


def choose(visit: Visit, label: str, option: str) -> None:
    box = visit.page.get_by_label(label, exact=True)
    # A list that has just been opened closes when what is around it scrolls.
    box.scroll_into_view_if_needed()
    visit.page.wait_for_timeout(300)
    box.click()
    visit.page.get_by_role("option", name=option, exact=True).click()
    visit.idle()


def sidebar_link(visit: Visit, name: str) -> None:
    visit.page.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True).click()
    visit.idle()


def test_the_first_request_may_be_a_deep_link(visit: Visit) -> None:
    visit.go("/coverage?year=2024&town=990121100&lang=en")
    expect(visit.page.get_by_role("heading", name="Service coverage")).to_be_visible()
    expect(visit.page.get_by_text("2024").first).to_be_visible()
    expect(visit.page.get_by_role("dialog")).to_have_count(0)
    expect(visit.page).to_have_url(re.compile("town=990121100"))


def test_filters_survive_a_change_of_page_and_stand_in_the_link(visit: Visit) -> None:
    visit.go("/satisfaction")
    choose(visit, "年份", "2024 年")
    expect(visit.page).to_have_url(re.compile("year=2024"))
    sidebar_link(visit, "服务覆盖")
    expect(visit.page).to_have_url(re.compile(r"/coverage\?.*year=2024"))
    expect(visit.page.get_by_text("2024 年").first).to_be_visible()


def test_the_browsers_way_back_undoes_a_choice(visit: Visit) -> None:
    visit.go("/satisfaction?year=2024")
    choose(visit, "单位类型", "街道")
    expect(visit.page).to_have_url(re.compile("type=subdistrict"))
    visit.page.go_back()
    visit.idle()
    expect(visit.page).not_to_have_url(re.compile("type"))
    expect(visit.page).to_have_url(re.compile("year=2024"))
    expect(visit.page.get_by_label("单位类型")).to_have_value("乡镇和街道")


def test_an_old_link_falls_back_with_a_word(visit: Visit) -> None:
    visit.go("/satisfaction?year=1066&item=S99")
    expect(visit.page.get_by_text("1066")).to_be_visible()
    expect(visit.page.get_by_text("S99")).to_be_visible()
    expect(visit.page).not_to_have_url(re.compile("1066"))


def test_language_changes_at_once_and_for_screen_readers_too(visit: Visit) -> None:
    document = visit.page.locator("html")
    visit.go("/satisfaction")
    expect(document).to_have_attribute("lang", "zh-CN")
    visit.page.get_by_role("radio", name="English").click()
    visit.idle()
    expect(visit.page.get_by_role("heading", name="Residents' satisfaction")).to_be_visible()
    expect(document).to_have_attribute("lang", "en")
    expect(visit.page).to_have_url(re.compile("lang=en"))


def test_large_type_enlarges_everything(visit: Visit) -> None:
    size = "parseFloat(getComputedStyle(document.documentElement).fontSize)"
    visit.go("/satisfaction")
    visit.page.wait_for_function(f"{size} === 18")
    visit.go("/satisfaction?size=large")
    visit.page.wait_for_function(f"{size} >= 22")


def test_a_mark_of_a_figure_opens_its_township(visit: Visit) -> None:
    visit.go("/satisfaction?year=2025")
    mark = visit.page.locator(".st-key-figure-satisfaction-S1 .points path.point").first
    mark.scroll_into_view_if_needed()
    mark.click(force=True)
    expect(visit.page).to_have_url(re.compile(r"/township\?.*town=\d{9}"))
    visit.idle()
    expect(visit.page.get_by_role("heading", name="乡镇画像")).to_be_visible()


def test_dark_and_light_can_be_chosen_and_last(visit: Visit) -> None:
    visit.go("/satisfaction")
    light = ground(visit)
    visit.page.get_by_text("深色").click()
    visit.page.wait_for_timeout(1500)
    visit.idle()
    assert ground(visit) != light
    sidebar_link(visit, "服务覆盖")
    visit.go("/coverage")
    assert ground(visit) != light
    visit.page.get_by_text("浅色").click()
    visit.page.wait_for_timeout(1500)
    visit.idle()
    assert ground(visit) == light


def accessible(visit: Visit, path: str) -> None:
    visit.go(path)
    # Tables and figures are fetched when they are first needed; until then a grey box stands there.
    visit.page.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")
    visit.idle()
    assert [broken for broken in visit.axe() if broken[0] not in STREAMLITS_OWN] == []


@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_accessible_and_leaves_no_english_in_the_chinese_view(
    visit: Visit, path: str
) -> None:
    accessible(visit, path)
    # All at once: brought into view one by one they take a second each.
    visit.page.evaluate(
        "document.querySelectorAll('[data-testid=stExpander] summary').forEach(e => e.click())"
    )
    visit.page.wait_for_timeout(1000)
    said = visit.page.evaluate(ENGLISH_WORDS)
    known = (
        OUR_ENGLISH | {*TABLES} | {each.name for table in TABLES.values() for each in table.columns}
    )
    words = [word for word in said if word not in known and "/" not in word]
    # Names of formats, products and tables are the same in both languages.
    formats = "CSV|Word|UTF|GB18030|Excel|Parquet|GeoJSON|Shapefile|SPSS|CRITIC"
    names = rf"{formats}|WGS|CGCS|GCJ|BD-?09|[a-z]+(_[a-z0-9]+)+"
    assert [w for w in words if re.search("[A-Za-z]{4,}", re.sub(names, "", w))] == []


# In turn dark or large and English: all views of all pages take long.
VIEWS = [(path, OTHERS[n % len(OTHERS)]) for n, path in enumerate(PATHS)]


@pytest.mark.parametrize(("path", "view"), VIEWS)
def test_another_view_of_a_page_is_accessible(visit: Visit, path: str, view: str) -> None:
    accessible(visit, path + ("&" if "?" in path else "?") + view)


FOCUSED = """(document.activeElement.getAttribute('aria-label')
  || document.activeElement.innerText || '').trim()"""


def test_the_keyboard_reaches_pages_filters_and_content(visit: Visit) -> None:
    visit.go("/satisfaction")
    reached = []
    for _ in range(30):
        visit.page.keyboard.press("Tab")
        reached.append(visit.page.evaluate(FOCUSED))
        if reached[-1] == "中文":
            # Within a choice arrows move, as in any group of radio buttons.
            visit.page.keyboard.press("ArrowRight")
            reached.append(visit.page.evaluate(FOCUSED))
    said = "\n".join(reached)
    for word in ("跳到正文", "服务覆盖", "年份", "English", "看哪一项"):
        assert word in said


def test_a_table_leaves_with_its_scope_and_mark(visit: Visit) -> None:
    visit.go("/satisfaction")
    with visit.page.expect_download() as waiting:
        visit.page.get_by_role("button", name="下载表格（CSV）").first.click()
    content = waiting.value.path().read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    text = content.decode("utf-8-sig")
    assert "2025 年" in text
    assert "虚构" in text
    assert "数据版本" in text


def test_a_phone_shows_the_page_without_sideways_scrolling(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 844})
    visit.go("/satisfaction")
    visit.page.wait_for_timeout(800)
    assert visit.page.evaluate(
        "document.querySelector('[data-testid=stMain]').scrollWidth <= window.innerWidth"
    )
    dots = visit.page.locator(".st-key-figure-satisfaction-S1")
    dots.locator(".textpoint text").first.wait_for()
    edges = "texts => texts.map(each => each.getBoundingClientRect().right)"
    values = dots.locator(".textpoint text").evaluate_all(edges)
    assert values
    assert max(values) <= dots.bounding_box()["x"] + dots.bounding_box()["width"]
    # Questions and what stands beside them need a page's width; they are moved sideways.
    wide = visit.page.locator("[class*=st-key-wide-figure-]").first
    assert wide.evaluate("each => each.scrollWidth > each.clientWidth + 100")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_program_that_is_gone_is_told_with_what_to_do(visit: Visit, lang: Language) -> None:
    """Streamlit's own words ask whether one is connected to the internet, in a closed network."""
    lines: list[WebSocketRoute] = []

    def lead_on(line: WebSocketRoute) -> None:
        line.connect_to_server()
        lines.append(line)

    visit.page.route_web_socket(re.compile("/_stcore/stream"), lead_on)
    visit.go(f"/upload?lang={lang}")
    visit.page.route("**/_stcore/**", lambda route: route.abort())
    visit.page.set_input_files(
        "input[type=file]", {"name": "表.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"}
    )
    broken = say("shell.upload_broken", lang)
    alert = visit.page.get_by_test_id("stFileChip").get_by_role("alert")
    expect(alert).to_contain_text(broken)
    assert alert.bounding_box()["width"] > 100, "only hovering over it shows it"
    lines[-1].close()
    expect(visit.page.get_by_role("dialog")).to_contain_text(say("shell.no_answer", lang))
