"""A presentation as PowerPoint: native tables and charts, names and sentences as text."""

import io
from collections.abc import Sequence
from math import ceil
from typing import Any

from metrics.exports.decks import MOST_ROWS, Chart, Deck, Slide
from metrics.exports.table_room import Room, half_widths, shared

# Every Windows has it; elsewhere the program that opens the file takes its own Chinese font.
FONT = "Microsoft YaHei"
WIDTH, HEIGHT, EDGE = 13.333, 7.5, 0.45  # inches
TITLE, SENTENCE, SMALL, CELL = 28, 18, 11, 13
CELLS = (CELL, 12, 11, 10, 9)  # type of tables, the largest in which no word is broken
SENTENCES = (SENTENCE, 15, 13, SMALL)
LOWEST_ROW, ROOM_TABLE = 0.36, 4.4  # inches
ROOM_SAID = 54  # points between title and picture
INK, SOFT, ACCENT, GROUND = "1F1E1C", "595650", "B4141E", "F2F0EC"
COLOURS = ("2F7FC1", "C65A11", "7D7D7D", "1C5F9E", "A8480A")
LONGEST_FACT = 150


def pptx(deck: Deck) -> bytes:
    """Return the presentation as a .pptx file, 16:9; version and mark stand on every slide."""
    from pptx import Presentation
    from pptx.util import Inches

    made: Any = Presentation()
    made.slide_width, made.slide_height = Inches(WIDTH), Inches(HEIGHT)
    front = _new(made, deck.title, 2.2, 36)
    _text(front, deck.lines, (EDGE, 3.4, WIDTH - 2 * EDGE, 2.5), SENTENCE, SOFT)
    _mark(front, deck.mark)
    for slide in deck.slides:
        _slide(made, deck, slide)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _slide(made: Any, deck: Deck, slide: Slide) -> None:
    """Add a slide; a picture or chart stands before the table, a long table goes on."""
    drawn = slide.picture is not None or slide.chart is not None
    if drawn:
        page = _frame(made, deck, slide)
        if slide.picture is not None:
            _picture(page, slide.picture, said=bool(slide.sentence))
        elif slide.chart is not None:
            _chart(page, slide.chart)
    if slide.rows:
        _tables(made, deck, slide)
    elif not drawn:
        page = _frame(made, deck, slide)
        _text(page, slide.facts, (EDGE, 2.3, WIDTH - 2 * EDGE, 4), CELL, INK)


def _tables(made: Any, deck: Deck, slide: Slide) -> None:
    room = shared(slide.headings, slide.rows, (WIDTH - 2 * EDGE) * 72, CELLS)
    for part in _pages(slide, room):
        page = _frame(made, deck, slide)
        _table(page, slide, part, room)
        left_out = len(slide.rows) - MOST_ROWS
        if left_out > 0 and part[-1] is slide.rows[MOST_ROWS - 1]:
            _text(page, [deck.more.format(n=left_out)], (EDGE, 6.5, 9, 0.3), SMALL, SOFT)


def _frame(made: Any, deck: Deck, slide: Slide) -> Any:
    """Return a new slide with all that stands on every one."""
    page = _new(made, slide.title, 0.35, TITLE)
    wide = WIDTH - 2 * EDGE
    if slide.view and slide.view != slide.title:
        _text(page, [slide.view], (EDGE, 0.12, wide - 3, 0.3), SMALL, SOFT)
    said = slide.sentence.split("\n")
    _text(page, said, (EDGE, 1.05, wide, 1), fitting(said), INK)
    facts = [fact[:LONGEST_FACT] + "…" * (len(fact) > LONGEST_FACT) for fact in slide.facts[:2]]
    if slide.rows or slide.chart is not None or slide.picture is not None:
        _text(page, facts, (EDGE, 6.62, wide, 0.4), 9, SOFT)
    _text(page, [slide.foot], (EDGE, 7.08, wide, 0.3), SMALL, SOFT)
    _mark(page, deck.mark)
    if slide.note or slide.facts:
        page.notes_slide.notes_text_frame.text = "\n".join([slide.note, *slide.facts]).strip()
    return page


def fitting(lines: Sequence[str]) -> int:
    """Return the largest type in which what is said ends above the picture below it."""
    for size in SENTENCES[:-1]:
        room = 2 * 72 * (WIDTH - 2 * EDGE - 0.2) / size  # of signs half as wide as they are high
        if 1.2 * size * sum(ceil(max(half_widths(line), 1) / room) for line in lines) <= ROOM_SAID:
            return size
    return SENTENCES[-1]


def _new(made: Any, title: str, top: float, size: int) -> Any:
    from pptx.util import Inches

    page = made.slides.add_slide(made.slide_layouts[5])  # a title, so that the outline is read out
    box = page.shapes.title
    box.left, box.top = Inches(EDGE), Inches(top)
    box.width, box.height = Inches(WIDTH - 2 * EDGE), Inches(0.7)
    _write(box.text_frame, [title], size, INK, bold=True)
    return page


def _mark(page: Any, mark: str) -> None:
    if mark:
        _text(page, [mark], (WIDTH - 4.2, 0.1, 3.8, 0.3), SMALL, ACCENT, bold=True)


def _text(
    page: Any,
    lines: Sequence[str],
    box: tuple[float, float, float, float],
    size: int,
    colour: str,
    *,
    bold: bool = False,
) -> None:
    from pptx.util import Inches

    shape = page.shapes.add_textbox(*(Inches(side) for side in box))
    _write(shape.text_frame, lines, size, colour, bold=bold)


def _write(frame: Any, lines: Sequence[str], size: int, colour: str, *, bold: bool = False) -> None:
    """Write lines into a frame of text."""
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN

    frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.TOP
    for place, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
        paragraph.alignment = PP_ALIGN.LEFT
        run = paragraph.add_run()
        run.text = line
        _ink(run.font, size, colour, bold=bold)


def _ink(font: Any, size: int, colour: str, *, bold: bool = False) -> None:
    from pptx.oxml.ns import qn
    from pptx.util import Pt

    font.name, font.size, font.bold = FONT, Pt(size), bold
    font.color.rgb = _colour_of(colour)
    # Chinese signs take their font from an element of their own.
    held = font._element
    for old in held.findall(qn("a:ea")):
        held.remove(old)
    latin = held.find(qn("a:latin"))
    latin.addnext(held.makeelement(qn("a:ea"), {"typeface": FONT}))


def _colour_of(code: str) -> Any:
    from pptx.dml.color import RGBColor

    make: Any = RGBColor.from_string
    return make(code)


def _picture(page: Any, content: bytes, *, said: bool) -> None:
    """Put a picture in the middle of what is left, as large as it goes."""
    from pptx.util import Inches

    shape = page.shapes.add_picture(io.BytesIO(content), 0, 0)
    top = 1.85 if said else 1.05
    room = (WIDTH - 2 * EDGE, 6.6 - top)
    factor = min(Inches(room[0]) / shape.width, Inches(room[1]) / shape.height)
    shape.width, shape.height = int(shape.width * factor), int(shape.height * factor)
    shape.left, shape.top = int((Inches(WIDTH) - shape.width) / 2), Inches(top)


def _height(room: Room, row: Sequence[str]) -> float:
    """Return how high a row is, in inches."""
    return max(LOWEST_ROW, room.lines(row) * room.size * 1.2 / 72 + 0.08)


def _pages(slide: Slide, room: Room) -> list[list[Sequence[str]]]:
    """Return the rows of a slide's table, a slide's worth at a time."""
    first = left = ROOM_TABLE - _height(room, slide.headings)
    made: list[list[Sequence[str]]] = [[]]
    for row in slide.rows[:MOST_ROWS]:
        high = _height(room, row)
        if made[-1] and high > left:
            made.append([])
            left = first
        made[-1].append(row)
        left -= high
    return made


def _table(page: Any, slide: Slide, rows: Sequence[Sequence[str]], room: Room) -> None:
    from pptx.enum.text import PP_ALIGN
    from pptx.util import Inches

    count = len(slide.headings)
    box = (EDGE, 2.1, WIDTH - 2 * EDGE, 0.36 * (len(rows) + 1))
    shape = page.shapes.add_table(len(rows) + 1, count, *(Inches(side) for side in box))
    for column, want in zip(shape.table.columns, room.widths, strict=True):
        column.width = int(Inches(WIDTH - 2 * EDGE) * want / sum(room.widths))
    for line, texts in enumerate([slide.headings, *rows]):
        shape.table.rows[line].height = Inches(_height(room, texts))
        for place, text in enumerate(texts):
            cell = shape.table.cell(line, place)
            cell.fill.solid()
            cell.fill.fore_color.rgb = _colour_of("FFFFFF" if line else GROUND)
            cell.margin_top = cell.margin_bottom = Inches(0.03)
            _write(cell.text_frame, [text], room.size, INK, bold=line == 0)
            if slide.figures[place]:
                cell.text_frame.paragraphs[0].alignment = PP_ALIGN.RIGHT


def _chart(page: Any, chart: Chart) -> None:
    """Draw a native chart, whose figures can be opened in PowerPoint."""
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
    from pptx.util import Inches, Pt

    kinds = {
        "bar": XL_CHART_TYPE.BAR_CLUSTERED, "stacked": XL_CHART_TYPE.BAR_STACKED,
        "interval": XL_CHART_TYPE.BAR_STACKED, "line": XL_CHART_TYPE.LINE_MARKERS,
    }  # fmt: skip
    make: Any = CategoryChartData
    held = make()
    held.categories = list(chart.categories)
    for name, values in _drawn(chart):
        held.add_series(name, values)
    box = (Inches(EDGE), Inches(1.9), Inches(WIDTH - 2 * EDGE), Inches(4.65))
    drawn = page.shapes.add_chart(kinds[chart.kind], *box, held).chart
    _ink(drawn.font, CELL if len(chart.categories) <= 12 else 9, INK)
    if chart.kind != "line":
        # What stands first on the screen stands on top here as well.
        drawn.category_axis.reverse_order = True
        # Beside the bars and not across them, where some run to the left.
        drawn.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
        drawn.plots[0].gap_width = 60
    drawn.has_legend = len(chart.series) > 1 and chart.kind != "interval"
    if drawn.has_legend:
        drawn.legend.position, drawn.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
        drawn.legend.font.size = Pt(CELL)
    drawn.value_axis.has_major_gridlines = False
    # What runs to the left is no less than nothing.
    drawn.value_axis.tick_labels.number_format_is_linked = False
    drawn.value_axis.tick_labels.number_format = "General;General"
    if chart.axis:
        drawn.value_axis.has_title = True
        _write(drawn.value_axis.axis_title.text_frame, [chart.axis], SMALL, SOFT)
    if chart.ends:
        drawn.value_axis.minimum_scale, drawn.value_axis.maximum_scale = chart.ends
    _colour(drawn, chart)


def _drawn(chart: Chart) -> list[tuple[str, list[float | None]]]:
    """Return the series as a chart stacks them: an interval begins at its low end."""
    if chart.kind != "interval":
        return [(name, list(values)) for name, values in chart.series]
    (_, low), (name, high) = chart.series
    wide = [None if a is None or b is None else b - a for a, b in zip(low, high, strict=True)]
    return [("0", list(low)), (name, wide)]


def _colour(drawn: Any, chart: Chart) -> None:
    """Colour the series; the first part of an interval is only its distance from 0."""
    for place, series in enumerate(drawn.plots[0].series):
        own = chart.colours[place] if place < len(chart.colours) else ()
        if chart.kind == "interval" and place == 0:
            series.format.fill.background()
            continue
        shown = series.format.line if chart.kind == "line" else series.format.fill
        if chart.kind != "line":
            shown.solid()
        ink = shown.color if chart.kind == "line" else shown.fore_color
        ink.rgb = _colour_of(own[0].lstrip("#") if own else COLOURS[place % len(COLOURS)])
        for point, colour in enumerate(own if len(own) > 1 else ()):
            fill = series.points[point].format.fill
            fill.solid()
            fill.fore_color.rgb = _colour_of(colour.lstrip("#"))
