"""Headings as they are compared, and those that are remarks or say who filled in a form."""

import re
import unicodedata

from data.formats.unseen import without

# What a form puts beside a heading, and columns of it that no table has.
_MARKS = re.compile(
    r"^[*※]+|[*※]+$|[(\[【〔](必填项?|必选|选填项?|非必填|可不填|可空|required|optional)[)\]】〕]"
)
_ASIDE = re.compile(
    r"(备注|附注|备考|remarks?|memo)[0-9]*|填表人|填报人|制表人|审核人|联系人|联系电话|联系方式|填表日期|填报日期"
)


def plain(heading: str) -> str:
    """Return a heading without case, width, space and what nobody sees: ＡＢ（人） is ab(人).

    Nor with what a form says of filling it in: *名称（必填） is 名称.
    """
    bare = re.sub(r"\s", "", unicodedata.normalize("NFKC", without(heading))).lower()
    return _MARKS.sub("", bare) or bare


def is_aside(heading: str) -> bool:
    """Say whether a column is remarks, or says who filled in the form and when."""
    return _ASIDE.fullmatch(plain(heading)) is not None
