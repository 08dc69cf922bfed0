"""A table as one sheet to print: a plain HTML file that loads nothing and runs nothing."""

from collections.abc import Sequence
from html import escape

import pandas as pd

from pages.shared.panels import Columns
from pages.shared.words import BLANK, language

_STYLE = (
    "body{font:16px/1.6 'Microsoft YaHei','PingFang SC','Noto Sans CJK SC',sans-serif;"
    "margin:2em;color:#1f1e1c}table{border-collapse:collapse;width:100%}"
    "th,td{border:1px solid #8a8780;padding:6px 10px;text-align:left;"
    # A name breaks at its signs alone, unless it is longer than a line has room for.
    "word-break:keep-all;overflow-wrap:break-word;max-width:12em}"
    "td.n,th.n{text-align:right}@page{margin:15mm}"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(title: str, lines: Sequence[str], columns: Columns, table: pd.DataFrame) -> bytes:
    """Return a sheet with its title, lines (scope, version, sentence) and table.

    columns: as of `panels.Panel`: column -> (heading, number format or None). Everything is
    escaped: names come from files.
    """
    told = dict(columns)
    head = "".join(f"<th{_side(form)}>{escape(name)}</th>" for name, form in told.values())
    body = "".join(
        "<tr>" + "".join(
            f"<td{_side(form)}>{escape(_cell(row[name], form))}</td>"
            for name, (_, form) in told.items()
        ) + "</tr>"
        for row in table.to_dict("records")
    )  # fmt: skip
    said = "".join(f"<p>{escape(line)}</p>" for line in lines)
    lang = "zh-CN" if language() == "zh" else "en"
    text = (
        f'<!doctype html><html lang="{lang}"><meta charset="utf-8">'
        f'<meta http-equiv="content-security-policy" content="{_POLICY}">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style><h1>{escape(title)}</h1>{said}"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></html>"
    )
    return text.encode()


def _side(form: str | None) -> str:
    return ' class="n"' if form else ""


def _cell(value: object, form: str | None) -> str:
    if value is None or pd.isna(value):
        return BLANK
    if form is None:
        return str(value)
    return format(float(str(value)), form.lstrip("%").replace("d", ".0f"))
