"""A printed questionnaire as PDF, set by Typst with a Chinese font of this machine."""

import json
from dataclasses import asdict
from pathlib import Path

from data.errors import DataError
from data.forms.fonts import chinese_fonts
from data.forms.paper import BODY, BOX, HEAD, SMALL, TITLE, Sheet

TEMPLATE = Path(__file__).with_name("paper.typ")


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
