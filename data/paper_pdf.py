"""A printed questionnaire as PDF, set by Typst with a Chinese font of this machine."""

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path

from data.errors import DataError
from data.paper import BODY, BOX, HEAD, SMALL, TITLE, Sheet

TEMPLATE = Path(__file__).with_name("paper.typ")
# Fonts with Chinese signs, those of Windows and macOS first; Typst itself brings none.
FONTS = (
    "Microsoft YaHei", "SimHei", "SimSun", "DengXian", "PingFang SC", "Hiragino Sans GB",
    "Heiti SC", "Songti SC", "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC",
    "Noto Serif CJK SC", "Source Han Serif SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
)  # fmt: skip


def pdf(sheet: Sheet) -> bytes:
    """Return the sheet as PDF.

    Raises DataError `no_chinese_font` where this machine has no font with Chinese signs.
    """
    import typst  # a large library that only a print needs

    fonts = chinese_fonts()
    if not fonts:
        raise DataError("no_chinese_font")
    size, width = HEAD[sheet.language]
    sizes = {"body": BODY, "small": SMALL, "big": TITLE, "head_size": size, "head_width": width}
    form = {**asdict(sheet), **sizes, "fonts": fonts[:1], "box": BOX}
    inputs = {"form": json.dumps(form, ensure_ascii=False)}
    made: bytes = typst.compile(str(TEMPLATE), format="pdf", sys_inputs=inputs)
    return made


@cache
def chinese_fonts() -> tuple[str, ...]:
    """Return the known Chinese fonts of this machine, the best first."""
    import typst

    installed = set(typst.Fonts().families())
    return tuple(font for font in FONTS if font in installed)
