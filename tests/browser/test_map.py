"""The map in a browser: hostile names are text, two years move together, the sheet runs nothing."""

import re
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import BrowserContext, Frame, Route, expect

from data.store import Change, Store
from pages.shared import printable
from pages.shared.coverage import map_snapshot
from tests.browser.conftest import Visit, served, visiting
from tests.browser.test_first_visit import TOWNSHIPS
from tests.pages.county import tables
from tests.pages.test_coverage import county
from tests.pages.test_map_files import POINTS, TABLE, TOLD, UNITS

pytestmark = pytest.mark.browser
HOSTILE = (
    "<img src=zx-hit onerror='top.zxHit=1'></script><script>top.zxHit=1</script>${top.zxHit=1}"
)


def hostile_county(folder: Path) -> None:
    """Names of places, of facilities and of the boundaries' source try to run."""
    county(folder)
    with Store.open(folder) as store:
        units = store.read("SELECT * FROM boundaries").assign(
            source=HOSTILE, map_approval_no=HOSTILE
        )
        places = store.read("SELECT * FROM communities").assign(name_zh=HOSTILE, name_en=HOSTILE)
        halls = store.read("SELECT * FROM facilities").assign(name_zh=HOSTILE)
        towns = tables()["townships"].assign(name_zh=HOSTILE, name_en=HOSTILE)
        names = ("boundaries", "communities", "facilities", "townships")
        changes = [
            Change(name, table)
            for name, table in zip(names, (units, places, halls, towns), strict=True)
        ]
        store.publish(changes, author="t", message="t")


def maps(visit: Visit) -> list[Frame]:
    return [frame for frame in visit.page.frames if "streamlit_folium" in frame.url]


def by_keyboard(frame: Frame) -> None:
    """One stop of Tab for all units; arrows lead on, each is named with its value and is seen."""
    units = frame.locator("path[role=button]")
    assert units.count() == 3
    assert frame.locator("path[role=button][tabindex='0']").count() == 1
    units.first.focus()
    for _ in range(2):  # whichever comes first, the one farthest to the left is reached
        frame.locator("path[role=button]:focus").press("ArrowLeft")
    seen = []
    for _ in range(3):
        here = frame.locator("path[role=button]:focus")
        name = here.get_attribute("aria-label") or ""
        assert "<img src=zx-hit" in name
        seen.append((here.evaluate("(it) => [...it.parentNode.children].indexOf(it)"), name))
        expect(frame.locator(".leaflet-zxMarks-pane path[stroke-dasharray]")).to_have_count(1)
        expect(frame.locator(".zx-tip").first).to_be_visible()
        here.press("ArrowRight")
    # From the units Tab leads on to the map's own buttons, past villages and facilities.
    frame.page.keyboard.press("Tab")
    assert frame.evaluate("document.activeElement.getAttribute('aria-label')") == "放大"
    # A, then its neighbour, then the last one: further on there is none.
    assert len({place for place, _ in seen}) == 3
    assert any("%" in name for _, name in seen)


def test_hostile_names_are_text_in_two_maps_that_move_together(
    tmp_path: Path, window: BrowserContext
) -> None:
    hostile_county(tmp_path / "data")
    asked: list[str] = []
    with served(tmp_path) as url, visiting(url, window) as visit:
        visit.page.on("request", lambda request: asked.append(request.url))
        visit.page.on("dialog", lambda dialog: asked.append("zx-hit " + dialog.message))
        visit.go("/coverage?data=own&year=2025&compare=2024&sites=2")
        for n in range(2):
            towns = visit.page.frame_locator("iframe").nth(n).locator(TOWNSHIPS)
            towns.first.wait_for(timeout=60_000)
            expect(visit.page.frame_locator("iframe").nth(n).locator(".zx-number")).to_have_count(2)
        visit.idle()
        for frame in maps(visit):
            assert frame.locator("path.leaflet-interactive[fill^='#']").count() >= 3
            frame.locator(".zx-legend summary").focus()
            # Bounds, source and names stand there letter by letter.
            expect(frame.locator(".zx-legend")).to_contain_text("<img src=zx-hit")
            frame.locator(".zx-number").first.hover(force=True)
            expect(frame.locator(".zx-tip").first).to_contain_text("<img src=zx-hit")
            expect(frame.get_by_role("button", name="全屏")).to_have_count(1)
        first, second = maps(visit)
        state = "document.querySelector('.leaflet-control-scale-line').textContent"
        by_keyboard(first)
        before = first.evaluate(state)
        second.get_by_role("button", name="放大").click()
        first.wait_for_function(f"{state} !== {before!r}")
        assert first.evaluate(state) == second.evaluate(state)
        with visit.page.expect_download() as waiting:
            visit.page.get_by_role("button", name="下载打印版").click()
        sheet = waiting.value.path().read_text(encoding="utf-8")
        assert "&lt;img src=zx-hit" in sheet
        assert "<img" not in sheet
        assert "<script" not in sheet
        assert visit.page.evaluate("window.zxHit") is None
        assert [address for address in asked if "zx-hit" in address] == []
        # What stands below waited for the map, which told so once for each picture.
        told = [address for address in asked if "/geo/painted/" in address]
        assert len(told) == len(set(told)) == 2


WHOLE = """() => {
  const legend = document.querySelector('.zx-legend');
  return legend.scrollHeight <= legend.clientHeight;
}"""


def test_in_english_the_legend_and_the_row_of_choices_stand_whole(visit: Visit) -> None:
    frame = visit.page.frame_locator("iframe").first
    for link in ("layer=M04&sites=5", "layer=M11", "layer=M05&measure=cross"):
        visit.go(f"/coverage?{link}&lang=en")
        frame.locator(TOWNSHIPS).first.wait_for(timeout=30_000)
        expect(frame.locator(".zx-legend")).to_contain_text("drawn")
        assert maps(visit)[0].evaluate(WHOLE), link
    visit.go("/coverage?layer=M02&compare=2024&lang=en")
    row = visit.page.locator(".st-key-map-choices")
    box = row.bounding_box()
    assert box is not None
    assert box["height"] < 60
    expect(row.get_by_role("button", name="More (1 set)")).to_be_visible()


def test_a_village_marked_in_the_table_is_pointed_out_on_the_map(visit: Visit) -> None:
    visit.go("/coverage?layer=M03&town=990121100")
    frame = visit.page.frame_locator("iframe").first
    ring = frame.locator(".leaflet-zxMarks-pane path[stroke-width='4'][fill='none']")
    frame.locator(TOWNSHIPS).first.wait_for(timeout=30_000)
    table = visit.page.get_by_test_id("stDataFrame").first
    for marked in (True, False):
        table.scroll_into_view_if_needed()
        # Tables are painted: the box stands at the left, in the second row beneath the headings.
        table.click(position={"x": 16, "y": 98})
        expect(ring).to_have_count(int(marked))
        visit.idle()
        assert ("find=990121100" in visit.page.url) == marked


def test_a_printed_list_keeps_names_whole_and_the_longest_on_the_sheet(visit: Visit) -> None:
    """Names of townships and headings stood in two lines beside a broad column."""
    built_for = "盘活闲置（原为党群服务、文体活动、公共法律服务、心理疏导、政务自助）"
    rows = [("示例街道", built_for, 1975), ("龙潭镇", "新设", 4266)]
    columns = {"town": ("单位", None), "what": ("方式", None), "people": ("新增覆盖人口", "%,.0f")}
    for name in ("光阳社区党群服务中心", "很长" * 60):
        table = pd.DataFrame(rows, columns=list(columns)).assign(site=name)
        sheet = printable.page("t", [], columns | {"site": ("位置", None)}, table)
        visit.page.set_viewport_size({"width": 680, "height": 900})  # A4 upright, less its edges
        visit.page.set_content(sheet.decode())
        high = "(it) => it.firstChild && (() => { const r = document.createRange();"
        high += " r.selectNodeContents(it); return r.getClientRects().length; })()"
        for cell in ("thead th:nth-child(3)", "tbody tr:first-child td:first-child"):
            assert visit.page.locator(cell).evaluate(high) == 1, cell
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= 680


def test_in_large_type_the_legend_stands_whole(visit: Visit) -> None:
    """Its last lines, source and version, were cut off at the lower edge."""
    legend = visit.page.frame_locator("iframe").first.locator(".zx-legend")
    for width, height, link in (
        (1366, 768, "layer=M02&sites=5"),
        (1366, 768, "layer=M03&measure=cross"),
        (1920, 1080, "layer=M03&measure=cross"),
    ):
        visit.page.set_viewport_size({"width": width, "height": height})
        for lang, drawn in (("zh", "制图"), ("en", "drawn")):
            visit.go(f"/coverage?{link}&lang={lang}&size=large")
            expect(legend).to_contain_text(drawn)
            assert maps(visit)[0].evaluate(WHOLE), (width, link, lang)


def test_a_map_that_waits_for_its_units_leads_the_other_nowhere(visit: Visit) -> None:
    """It has a size and a place before it has anything to show."""
    page = visit.page
    asked: list[Route] = []
    held: list[Route] = []

    def hold(route: Route) -> None:
        asked.append(route)
        if len(asked) > 1:
            held.append(route)
        else:
            route.continue_()

    page.route(re.compile("/geo/[^?]*units"), hold)
    page.goto(visit.url + "/coverage?layer=M16&compare=2024")
    shown = page.locator("iframe")
    expect(shown).to_have_count(2, timeout=60_000)
    page.wait_for_function("() => frames.length === 2")
    while len(held) < 1:
        page.wait_for_timeout(100)
    drawn, waiting = sorted(maps(visit), key=lambda frame: -frame.locator(TOWNSHIPS).count())
    assert waiting.locator(TOWNSHIPS).count() == 0
    scale = drawn.locator(".leaflet-control-scale-line")
    expect(scale).to_have_text("20 公里")
    # Where it stands when it opens after the other one has come to its place.
    waiting.evaluate("window.map.setView([35, 105], 4, {animate: false})")
    page.wait_for_timeout(1000)
    expect(scale).to_have_text("20 公里")
    held[0].continue_()
    waiting.locator(TOWNSHIPS).first.wait_for(timeout=30_000)
    expect(waiting.locator(".leaflet-control-scale-line")).to_have_text("20 公里")


ON_PAPER = """() => {
  const box = document.getElementById('map').getBoundingClientRect(), edge = 1;
  const whole = [...document.querySelectorAll('path.leaflet-interactive, .zx-legend')].map((it) => {
    const own = it.getBoundingClientRect();
    return own.left >= box.left - edge && own.right <= box.right + edge &&
      own.top >= box.top - edge && own.bottom <= box.bottom + edge;
  });
  return { size: [box.width, box.height].map((px) => Math.round(px / 96 * 25.4)), whole: whole };
}"""


def test_a_map_kept_as_one_page_is_printed_whole_and_in_its_colours(
    visit: Visit, tmp_path: Path
) -> None:
    """Its sheet was cut from a wider screen: the north was missing, white numbers had no disc."""
    told = TOLD | {"sites": [["village", 0, "x"]]}
    kept = tmp_path / "map.html"
    at = (0.5, 106.0, 8.75)
    kept.write_bytes(map_snapshot.page(told, UNITS, POINTS, at, ["t"], {"unit": "u"}, TABLE))
    page = visit.page
    page.goto(kept.as_uri())
    expect(page.locator("path.leaflet-interactive")).not_to_have_count(0)
    # With conftest.AT_ONCE sizes are there a thousandth of a second later; a print asks at once.
    page.evaluate("document.adoptedStyleSheets = []")
    page.evaluate(f"addEventListener('beforeprint', () => {{ window.paper = ({ON_PAPER})(); }})")
    before = page.evaluate("[map.getCenter(), map.getZoom(), map.getSize()]")
    page.pdf(prefer_css_page_size=True)
    paper = page.evaluate("window.paper")
    assert paper["size"] == [276, 188]  # A4 across, less its edges
    assert paper["whole"]
    assert all(paper["whole"])
    assert page.evaluate("[map.getCenter(), map.getZoom(), map.getSize()]") == before
    page.emulate_media(media="print")
    disc = page.locator(".zx-number").first
    assert disc.evaluate("(it) => getComputedStyle(it).printColorAdjust") == "exact"
