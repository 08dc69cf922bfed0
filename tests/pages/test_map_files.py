"""Files of the map: nothing hidden gets out, everything stands inside, names stay names."""

import io
import json
import math
import re
from typing import Any

import pandas as pd
import pytest
from PIL import Image, ImageFont

from data.errors import DataError
from metrics.maps import picture as map_picture
from pages.shared.coverage import map_files, map_snapshot
from tests.pages.conftest import Look
from tests.pages.county import fill, visit

HOSTILE = "</script><script>window.ran=1</script><img src=http://x.example/a onerror=window.ran=1>"
needs_font = pytest.mark.skipif(
    map_picture.chinese_font() is None, reason="NO CHINESE FONT: no picture can be drawn here"
)
BLUE, RED = "#045a8d", "#b4141e"


def square(code: str, west: float, hole: bool) -> dict[str, Any]:
    """A unit of one degree by one, from `west` on, with a hole in its middle or none."""

    def ring(a: float, b: float) -> list[list[float]]:
        return [[west + a, a], [west + b, a], [west + b, b], [west + a, b], [west + a, a]]

    rings = [ring(0, 1), ring(0.4, 0.6)] if hole else [ring(0, 1)]
    names = {"code": code, "name_zh": HOSTILE, "name_en": HOSTILE}
    geometry = {"type": "Polygon", "coordinates": rings}
    return {"type": "Feature", "properties": names, "geometry": geometry}


UNITS = {"type": "FeatureCollection", "features": [square("a", 105, True), square("b", 106, False)]}
POINTS = {
    "villages": [[0.2, 105.2, HOSTILE, HOSTILE, 900]],
    "facilities": [[0.8, 105.8, HOSTILE, "operating", "elderly"]],
}
TOLD: dict[str, Any] = {
    "values": {"a": [0, "51.0", "900"]}, "colours": [BLUE], "reasons": [], "chosen": "",
    "service": "elderly", "villages": {"flags": "1", "ways": "001"}, "tip": "{0} {1}",
    "tips": {"reached": "{0} {1}"}, "statuses": {}, "found": None, "sites": [], "place": "x",
    "lang": "zh-CN", "name": "zh", "large": False, "dark": False,
    "legend": {
        "title": "养老" + HOSTILE, "classes": [(BLUE, "全部")], "square": None, "badge": "虚构数据",
        "marks": [("village", BLUE, True, "村")], "notes": ["审图号：GS(2025)0001 " * 9],
    },
    "ink": {
        "line": "#77736b", "chosen": RED, "reached": BLUE, "outside": BLUE, "unknown": BLUE,
        "operating": BLUE, "idle": BLUE,
    },
    "words": {
        key: key for key in (
            "zoomIn", "zoomOut", "failed", "none", "hidden", "many", "north", "wide", "narrow",
            "km", "m",
        )
    },
}  # fmt: skip
TABLE = pd.DataFrame({"unit": [HOSTILE, "=1+1"], "value": [51.0, None]})


def page() -> str:
    columns = {"unit": "单位", "value": "数值"}
    return map_snapshot.page(TOLD, UNITS, POINTS, None, ["t", HOSTILE], columns, TABLE).decode()


def test_a_line_of_a_legend_neither_begins_nor_ends_with_a_sign_that_belongs_elsewhere() -> None:
    said = "来源：村（社区）主表、服务设施，version 12 of（5）"
    for room in range(4, 20):
        lines = list(map_picture.broken(said, lambda part, room=room: len(part) <= room))
        assert "".join(lines).replace(" ", "") == said.replace(" ", "")
        assert not [line for line in lines if line[0] in "：），、" or line[-1] in "（"]
        assert all("version" in line for line in lines if "ver" in line)


def test_the_page_holds_everything_and_names_stay_names() -> None:
    text = page()
    assert "</script><script>window.ran" not in text
    assert "<img src=http" not in text
    assert re.findall("<(?:img|link|iframe|base)|<script[^>]*src", text) == []
    assert "default-src 'none'" in text
    held = re.search(r'id="held">(.*?)</script>', text, re.DOTALL)
    assert held is not None
    assert json.loads(held[1])["layers"]["points"] == POINTS
    assert "url(images" not in text


def picture(told: dict[str, Any], at: tuple[float, float, float] | None = None) -> Image.Image:
    content = map_picture.png(told, UNITS, POINTS, (960, 540), at)
    return Image.open(io.BytesIO(content)).convert("RGB")


@needs_font
def test_a_picture_paints_classes_keeps_holes_open_and_has_its_size() -> None:
    canvas = map_picture._Canvas((960, 540), str(map_picture.chinese_font()))
    canvas.look(TOLD, UNITS, POINTS, None)
    drawn = picture(TOLD)
    assert drawn.size == (960, 540)

    def colour(lon: float, lat: float) -> tuple[int, ...]:
        x, y = canvas.at(lon, lat)
        found = drawn.getpixel((int(x / 2), int(y / 2)))
        assert isinstance(found, tuple)
        return found

    assert colour(105.3, 0.7) == (0x04, 0x5A, 0x8D)
    assert colour(105.5, 0.5) == (255, 255, 255)
    # A unit without a figure is hatched: grey and white, never a class.
    hatch = {colour(106.2 + step / 100, 0.3) for step in range(30)}
    assert (0x04, 0x5A, 0x8D) not in hatch
    assert len(hatch) > 1


@needs_font
def test_a_picture_shows_the_place_that_is_chosen_or_asked_for() -> None:
    whole = picture(TOLD).tobytes()
    assert picture({**TOLD, "chosen": "b"}).tobytes() != whole
    assert picture({**TOLD, "sites": [["village", 0, "9"]]}).tobytes() != whole
    assert picture(TOLD, (0.5, 105.5, 12.0)).tobytes() != whole


@needs_font
def test_a_sheet_is_as_large_as_paper_when_it_is_printed() -> None:
    sheet = Image.open(io.BytesIO(map_picture.png(TOLD, UNITS, POINTS, (248, 175), None, 150)))
    assert sheet.info["dpi"] == pytest.approx((150, 150), abs=0.1)
    inches = map_files.SIZES["a3"][0] / map_files.DOTS["a3"]
    assert inches * 25.4 == pytest.approx(420, abs=0.5)


def test_a_number_stays_with_its_unit() -> None:
    text = "常住人口 49.9\u00a0万（2026\u00a0年\u00a05\u00a0月）"
    assert [*map_picture.broken(text, lambda part: len(part) <= 9)] == [
        "常住人口", "49.9\u00a0万", "（2026\u00a0年\u00a05\u00a0月）",
    ]  # fmt: skip


def test_without_a_chinese_font_no_picture_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_picture, "chinese_font", lambda: None)
    with pytest.raises(DataError) as refused:
        map_picture.png(TOLD, UNITS, POINTS, (960, 540), None)
    assert refused.value.code == "no_font"


def test_what_the_base_rule_hides_is_in_no_file() -> None:
    table = pd.DataFrame(
        {
            "value": [1.0, 2.0, 3.0], "base": [9.0, 30.0, 40.0], "low": [0.5] * 3,
            "second": [7.0, 8.0, 9.0], "second_base": [9.0, 9.0, 99.0],
            "note": ["below_base", "", ""], "second_note": ["", "complement", ""],
        }
    )  # fmt: skip
    found = map_files.shown(table)
    assert found["value"].isna().tolist() == [True, False, False]
    assert found["base"].isna().tolist() == [True, False, False]
    assert found["low"].isna().tolist() == [True, False, False]
    assert found["second"].isna().tolist() == [False, True, False]
    assert found["second_base"].isna().tolist() == [False, True, False]


def test_the_page_offers_files_made_of_what_it_shows(
    look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[map_files.Sheet] = []
    offered = map_files.sheet
    monkeypatch.setattr(map_files, "sheet", lambda *told: made.append(offered(*told)) or made[-1])
    look(fill, fictional="true")
    app = visit("coverage")
    assert not app.exception
    assert len(app.get("download_button")) >= 5
    text = made[0].csv().decode("utf-8-sig")
    assert "990121100" in text
    assert "虚构" in text
    geo = json.loads(made[0].geojson())
    assert geo["features"] == []
    assert geo["about"]["columns"] == {"unit_code": "代码", "unit": "单位", "reason": "说明"}
    assert made[0].html().startswith(b"<!doctype html>")


def test_numbers_of_places_close_together_hide_none_of_each_other() -> None:
    close = [(0.0, 0.0), (1.0, 0.0), (100.0, 100.0), (0.0, 1.0), (0.0, 0.0), (1.0, 1.0)]
    stand = map_picture._apart(close, 10)
    assert (stand[0], stand[2]) == (close[0], close[2])  # who has room stays
    pairs = [(a, b) for n, a in enumerate(stand) for b in stand[:n]]
    assert min(math.dist(a, b) for a, b in pairs) >= 10
    assert max(math.dist(a, b) for a, b in zip(stand, close, strict=True)) <= 24 + 1e-9


@needs_font
def test_words_are_written_in_the_face_for_simplified_chinese() -> None:
    file = str(map_picture.chinese_font())
    faces = []
    for face in range(map_picture.MOST_FACES):
        try:
            faces.append(ImageFont.truetype(file, 10, index=face).getname()[0])
        except OSError:
            break
    meant = [name for name in faces if name.endswith((" SC", " CN"))] or faces
    assert faces[map_picture._face(file)] == meant[0]


def test_a_year_stands_once_in_the_line_of_a_picture() -> None:
    assert map_files.beside("养老 · 2025 年", "2025 年 · 云岭县 · 乡镇") == "云岭县 · 乡镇"
    assert map_files.beside("养老 · 2024 年", "2025 年 · 云岭县") == "2025 年 · 云岭县"
    assert map_files.beside("养老", "2025 年") == "2025 年"
