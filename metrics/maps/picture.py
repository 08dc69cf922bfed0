"""A map as a picture: units, marks, legend, scale, north, base, source and approval number.

Drawn here from what the map is painted with (Pillow, at twice the size and reduced), so that the
picture has its size whatever the screen.
"""

import io
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from data.errors import DataError
from data.forms.fonts import chinese_font

FINER = 2
GROUND, INK, SOFT, EDGE = "#ffffff", "#1f1e1c", "#595650", "#8a8780"
HATCH, DOT, BADGE = "#b9b6b0", "#77736b", "#b4141e"
NO_DATA, NOT_SHOWN = -1, -2
TILE = 256.0
SCREEN_WIDTH = 900.0  # of the map on the page: what a zoom shows is as wide here
EARTH_M = 40_075_016.686  # equator of the web mercator projection
ROUND = (1, 2, 5)
MOST_FACES = 16
SCREEN_DOTS = 96
_GLUE = "\u00a0"  # a number and its unit, the parts of a date
_WIDE_FROM = 0x2E80  # Chinese signs
_CLOSING, _OPENING = "、，。；：？！）》”’」』】〕,.;:?!)]%", "（《“‘「『【〔(["

Point = tuple[float, float]


def png(
    told: Mapping[str, Any],
    units: Mapping[str, Any],
    points: Mapping[str, Any],
    size: tuple[int, int],
    at: tuple[float, float, float] | None,
    dots: int = SCREEN_DOTS,
) -> bytes:
    """Return a picture of `size` pixels, `dots` of them to an inch where it is printed.

    told: of `maps.told`, and `place`, said beside the title. units, points: the layers. at:
    centre and zoom, None shows all of it or the unit chosen. Raises DataError `no_font` where no
    font has Chinese characters.
    """
    font = chinese_font()
    if font is None:
        raise DataError("no_font")
    canvas = _Canvas(size, str(font))
    canvas.look(told, units, points, at)
    canvas.draw_units(told, units)
    canvas.draw_marks(told, points)
    canvas.draw_frame(told)
    return canvas.png(dots)


@cache
def _face(file: str) -> int:
    """Return which face of a font file is for simplified Chinese; the first may be Japanese."""
    for face in range(MOST_FACES):
        try:
            family = ImageFont.truetype(file, 10, index=face).getname()[0] or ""
        except OSError:  # there are no more faces
            break
        if family.split()[-1:] in (["SC"], ["CN"]):
            return face
    return 0


def _apart(places: Sequence[Point], least: float) -> list[Point]:
    """Return where discs stand so that none hides another: at their place, else beside it."""
    found: list[Point] = []
    for x, y in places:
        beside = [
            (
                x + far * least * math.cos(turn * math.pi / 4),
                y + far * least * math.sin(turn * math.pi / 4),
            )
            for far in (1.2, 2.4)
            for turn in range(8)
        ]
        free = (p for p in [(x, y), *beside] if all(math.dist(p, o) >= least for o in found))
        found.append(next(free, (x, y)))
    return found


class _Canvas:
    """One picture while it is drawn; lengths are in parts of its height."""

    def __init__(self, size: tuple[int, int], font: str) -> None:
        self.size = size
        self.width, self.height = (FINER * side for side in size)
        self.image = Image.new("RGB", (self.width, self.height), GROUND)
        self.pen = ImageDraw.Draw(self.image)
        self.unit = self.height / 100
        self.font = font
        self.fonts: dict[float, ImageFont.FreeTypeFont] = {}
        left, top = 2 * self.unit, 9 * self.unit
        self.box = (left, top, self.width - 42 * self.unit, self.height - 3 * self.unit)
        self.scale, self.middle = 1.0, (0.0, 0.0)

    # ---- where things are ----

    def look(
        self,
        told: Mapping[str, Any],
        units: Mapping[str, Any],
        points: Mapping[str, Any],
        at: tuple[float, float, float] | None,
    ) -> None:
        """Choose what is in view."""
        left, top, right, bottom = self.box
        if at is not None:
            self.middle = _mercator(at[1], at[0])
            self.scale = TILE * 2 ** at[2] * (right - left) / SCREEN_WIDTH
            return
        chosen = [f for f in units["features"] if f["properties"]["code"] == told["chosen"]]
        rings = [ring for f in chosen or units["features"] for ring in _rings(f["geometry"])]
        seen = [_mercator(*p[:2]) for ring in rings for p in ring]
        if not seen:
            rows = [*points["villages"], *points["facilities"]]
            seen = [_mercator(row[1], row[0]) for row in rows if row[0] is not None]
        if not seen:
            return
        xs, ys = zip(*seen, strict=True)
        self.middle = ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
        wide, high = max(max(xs) - min(xs), 1e-6), max(max(ys) - min(ys), 1e-6)
        self.scale = 0.94 * min((right - left) / wide, (bottom - top) / high)

    def at(self, lon: float, lat: float) -> Point:
        """Return where a place lies in the picture."""
        x, y = _mercator(lon, lat)
        left, top, right, bottom = self.box
        return (
            (left + right) / 2 + (x - self.middle[0]) * self.scale,
            (top + bottom) / 2 + (y - self.middle[1]) * self.scale,
        )

    # ---- the map ----

    def draw_units(self, told: Mapping[str, Any], units: Mapping[str, Any]) -> None:
        """Paint every unit in its class; holes stay open."""
        patterns = {NO_DATA: self._hatched(), NOT_SHOWN: self._dotted()}
        outlines: list[tuple[list[Point], bool]] = []
        for feature in units["features"]:
            code = feature["properties"]["code"]
            kind = told["values"].get(code, (NO_DATA,))[0]
            fill = patterns[kind] if kind in patterns else told["colours"][kind]
            for polygon in _polygons(feature["geometry"]):
                drawn = [[self.at(*p[:2]) for p in ring] for ring in polygon]
                self._fill(drawn, fill)
                outlines += [(ring, code == told["chosen"]) for ring in drawn]
        for ring, chosen in sorted(outlines, key=lambda each: each[1]):
            ink = told["ink"]["chosen" if chosen else "line"]
            self.pen.line(ring, ink, round(self.unit * (0.5 if chosen else 0.15)), joint="curve")

    def _fill(self, rings: Sequence[Sequence[Point]], fill: "str | Image.Image") -> None:
        xs, ys = zip(*rings[0], strict=True)
        left, top = max(int(min(xs)), 0), max(int(min(ys)), 0)
        right, bottom = min(int(max(xs)) + 2, self.width), min(int(max(ys)) + 2, self.height)
        if right <= left or bottom <= top:
            return
        mask = Image.new("L", (right - left, bottom - top), 0)
        pen = ImageDraw.Draw(mask)
        for number, ring in enumerate(rings):
            pen.polygon([(x - left, y - top) for x, y in ring], fill=0 if number else 255)
        place = (left, top, right, bottom)
        self.image.paste(fill if isinstance(fill, str) else fill.crop(place), place, mask)

    def _hatched(self) -> Image.Image:
        made = Image.new("RGB", (self.width, self.height), GROUND)
        pen, step = ImageDraw.Draw(made), round(1.2 * self.unit)
        for x in range(-self.height, self.width, step):
            pen.line([(x, self.height), (x + self.height, 0)], HATCH, max(round(self.unit / 4), 1))
        return made

    def _dotted(self) -> Image.Image:
        made = Image.new("RGB", (self.width, self.height), GROUND)
        pen, step, r = ImageDraw.Draw(made), round(1.4 * self.unit), self.unit / 4
        for x in range(0, self.width, step):
            for y in range(0, self.height, step):
                pen.ellipse((x - r, y - r, x + r, y + r), DOT)
        return made

    def draw_marks(self, told: Mapping[str, Any], points: Mapping[str, Any]) -> None:
        """Draw villages and facilities as the map does."""
        flags, ink = told["villages"]["flags"], told["ink"]
        kinds = {"1": "reached", "0": "outside", "?": "unknown"}
        if len(flags) == len(points["villages"]):
            for flag, row in zip(flags, points["villages"], strict=True):
                if flag in kinds and row[0] is not None:
                    self._mark("village", self.at(row[1], row[0]), ink[kinds[flag]], flag == "1")
        for row in points["facilities"]:
            if told["service"] in row[4].split(";") and row[0] is not None:
                works = row[3] == "operating"
                colour = ink["operating" if works else "idle"]
                self._mark("facility", self.at(row[1], row[0]), colour, works)

        self._sites([
            self.at(row[1], row[0])
            for kind, place, _ in told.get("sites", ())
            for row in [points["villages" if kind == "village" else "facilities"][place]]
        ])  # fmt: skip

    def _sites(self, places: Sequence[Point]) -> None:
        """Draw proposed places: numbers in discs, each led to its place where it stands beside."""
        discs = _apart(places, 3.2 * self.unit)
        for place, disc in zip(places, discs, strict=True):
            if disc != place:
                self.pen.line([place, disc], BADGE, round(self.unit / 3))
                self._mark("village", place, BADGE, full=True)
        for number, disc in enumerate(discs, start=1):
            self._number(disc, str(number))

    def _number(self, place: Point, number: str) -> None:
        (x, y), r = place, 1.5 * self.unit
        self.pen.ellipse((x - r, y - r, x + r, y + r), BADGE, GROUND, round(self.unit / 4))
        self.text((x - self.wide(number, 2) / 2, y - 1.4 * self.unit), number, 2, GROUND)

    def _mark(self, shape: str, place: Point, ink: str, full: bool) -> None:
        (x, y), r = place, self.unit * (0.55 if shape == "village" else 0.8)
        left, top, right, bottom = self.box
        if not (left <= x <= right and top <= y <= bottom):
            return
        edge = max(round(self.unit * (0.12 if full else 0.28)), 1)
        fill, line = (ink, GROUND) if full else (GROUND, ink)
        if shape == "village":
            self.pen.ellipse((x - r, y - r, x + r, y + r), fill, line, edge)
        else:
            corners = [(x, y - r), (x + r, y), (x, y + r), (x - r, y)]
            self.pen.polygon(corners, fill)
            self.pen.line([*corners, corners[0]], line, edge)

    # ---- what stands around it ----

    def draw_frame(self, told: Mapping[str, Any]) -> None:
        """Draw title, badge, legend, notes, scale and north; nothing of the map lies outside."""
        left, top, right, bottom = self.box
        for outside in (
            (0, 0, self.width, top), (0, bottom, self.width, self.height),
            (0, 0, left, self.height), (right, 0, self.width, self.height),
        ):  # fmt: skip
            self.pen.rectangle(outside, GROUND)
        self.pen.rectangle(self.box, None, EDGE, 2)
        legend = told["legend"]
        self.text((left, 2.2 * self.unit), legend["title"], 3.6)
        beside = left + self.wide(legend["title"], 3.6) + 3 * self.unit
        self.text((beside, 3.5 * self.unit), told.get("place", ""), 2.4, SOFT)
        x, y = right + 2 * self.unit, top
        if legend["badge"]:
            wide = self.wide(legend["badge"], 2.6)
            frame = (x, y, x + wide + 2 * self.unit, y + 4.4 * self.unit)
            self.pen.rectangle(frame, GROUND, BADGE, round(self.unit / 3))
            self.text((x + self.unit, y + 0.6 * self.unit), legend["badge"], 2.6, BADGE)
            y += 6 * self.unit
        y = self._classes(told, x, y)
        for shape, ink, full, words in legend["marks"]:
            self._legend_mark(shape, (x + 1.2 * self.unit, y + 1.3 * self.unit), ink, full)
            y = self.beside(x + 3.6 * self.unit, y, words)
        y += self.unit
        for note in legend["notes"]:
            y = self.lines(x, y, note, 1.9, SOFT)
        self._scale(told)

    def _legend_mark(self, shape: str, place: Point, ink: str, full: bool) -> None:
        if shape == "site":
            (x, y), r = place, self.unit
            self.pen.ellipse((x - r, y - r, x + r, y + r), ink)
            return
        box, self.box = self.box, (0.0, 0.0, float(self.width), float(self.height))
        self._mark(shape, place, ink, full)
        self.box = box

    def _classes(self, told: Mapping[str, Any], x: float, y: float) -> float:
        legend, words = told["legend"], told["words"]
        if legend["square"]:
            y = self._square(legend["square"], x, y)
        keys: list[tuple[Any, str]] = [(ink, text) for ink, text in legend["classes"]]
        keys.append((self._hatched(), words["none"]))
        if any(value[0] == NOT_SHOWN for value in told["values"].values()):
            keys.append((self._dotted(), words["hidden"]))
        side = 2.4 * self.unit
        for fill, text in keys:
            corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
            self._fill([corners], fill)
            self.pen.line([*corners, corners[0]], told["ink"]["line"], 2)
            y = max(self.beside(x + side + 1.2 * self.unit, y, text), y + 3.2 * self.unit)
        return y

    def _square(self, told: Mapping[str, Any], x: float, y: float) -> float:
        side = 6.6 * self.unit
        y = self.lines(x, y, told["up"] + " ↑", 2.0)
        for row in (2, 1, 0):
            # Where most units are alike there are fewer classes, and no field beyond them.
            held = [column for column in range(3) if told["across_ends"][column]]
            for column in held if told["up_ends"][row] else ():
                corner = (x + column * side, y)
                cell = (*corner, corner[0] + side, corner[1] + side * 0.7)
                self.pen.rectangle(cell, told["colours"][3 * row + column], EDGE)
            self.text((x + 3.2 * side, y + 0.8 * self.unit), told["up_ends"][row], 1.5)
            y += side * 0.7
        ends = [
            self.lines(
                x + column * side, y, told["across_ends"][column], 1.4, SOFT, side - 0.3 * self.unit
            )
            for column in range(3)
        ]
        return self.lines(x, max(ends), told["across"] + " →", 2.0) + self.unit

    def _scale(self, told: Mapping[str, Any]) -> None:
        """Draw a bar of a round length, true at the middle of the map, and north."""
        left, top, right, bottom = self.box
        lat = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * self.middle[1]))))
        metres = EARTH_M * math.cos(math.radians(lat)) / self.scale
        most = metres * (right - left) / 5
        power = 10 ** math.floor(math.log10(most)) if most > 0 else 1
        length = max(n * power for n in ROUND if n * power <= most)
        wide = length / metres
        x, y = left + 1.5 * self.unit, bottom - 2 * self.unit
        self.pen.line([(x, y), (x + wide, y)], INK, round(self.unit / 3))
        for end in (x, x + wide):
            self.pen.line([(end, y - self.unit), (end, y)], INK, round(self.unit / 3))
        count, unit = (length / 1000, "km") if length >= 1000 else (length, "m")
        said = f"{count:g} {told['words'][unit]}"
        self.text((x + self.unit, y - 3 * self.unit), said, 1.9)
        x, y = right - 4 * self.unit, top + 1.5 * self.unit
        tip = [(x, y), (x + self.unit, y + 3 * self.unit), (x - self.unit, y + 3 * self.unit)]
        self.pen.polygon(tip, INK)
        word = told["words"]["north"]
        self.text((x - self.wide(word, 2) / 2, y + 3.2 * self.unit), word, 2)

    # ---- words ----

    def _font(self, size: float) -> ImageFont.FreeTypeFont:
        if size not in self.fonts:
            face, pixels = _face(self.font), round(size * self.unit)
            self.fonts[size] = ImageFont.truetype(self.font, pixels, index=face)
        return self.fonts[size]

    def wide(self, text: str, size: float) -> float:
        """Return how wide a text is."""
        return float(self._font(size).getlength(text))

    def text(self, place: Point, text: str, size: float, ink: str = INK) -> None:
        """Write one line."""
        self.pen.text(place, text, ink, self._font(size))

    def lines(
        self, x: float, y: float, text: str, size: float, ink: str = INK, room: float | None = None
    ) -> float:
        """Write text broken to the room that is left; return where the next line begins."""
        most = room or self.width - x - 2 * self.unit
        for line in broken(text, lambda part: self.wide(part, size) <= most):
            self.text((x, y), line, size, ink)
            y += 1.45 * size * self.unit
        return y

    def beside(self, x: float, y: float, text: str) -> float:
        """Write what a sign of the legend means, level with it; return where the next begins."""
        raised = 0.35 * self.unit  # a font's line begins above its signs
        return self.lines(x, y - raised, text, 2.1) + raised

    def png(self, dots: int) -> bytes:
        """Return the picture at its size."""
        out = io.BytesIO()
        drawn = self.image.resize(self.size, Image.Resampling.LANCZOS)
        drawn.save(out, "PNG", optimize=True, dpi=(dots, dots))
        return out.getvalue()


def broken(text: str, fits: Any) -> Iterable[str]:
    """Break a text between words, and between Chinese characters but for signs that belong."""
    line = ""
    for part in _parts(text):
        if line and not fits((line + part).rstrip()):
            yield line.rstrip()
            line = part.lstrip()
        else:
            line += part
    if line.strip():
        yield line.rstrip()


def _parts(text: str) -> Iterable[str]:
    """Return what stays on one line."""
    word = ""
    for sign in text:
        if word and _may_break(word[-1], sign):
            yield word
            word = ""
        word += sign
    if word:
        yield word


def _may_break(before: str, after: str) -> bool:
    """Say whether a line may end between two signs."""
    if after in _CLOSING or before in _OPENING or _GLUE in (before, after):
        return False
    return before == " " or max(ord(before), ord(after)) >= _WIDE_FROM


def _mercator(lon: float, lat: float) -> Point:
    """Return a place in web mercator, both from 0 to 1, y southwards."""
    y = math.asinh(math.tan(math.radians(lat)))
    return (lon + 180) / 360, (1 - y / math.pi) / 2


def _polygons(geometry: Mapping[str, Any]) -> list[list[list[list[float]]]]:
    held: list[list[list[list[float]]]] = geometry["coordinates"]
    return held if geometry["type"] == "MultiPolygon" else [held]  # type: ignore[list-item]


def _rings(geometry: Mapping[str, Any]) -> list[list[list[float]]]:
    return [polygon[0] for polygon in _polygons(geometry)]
