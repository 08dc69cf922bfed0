"""Web pages named .xls: one plain table is read exactly, anything else refused with its reason."""

from pathlib import Path

import pytest

from tests.data.reading import read, refusal, rows

ROWS = "<tr><th>代码</th><th>名称</th></tr><tr><td>0012</td><td>甲镇</td></tr>"
TABLE = f"<table border=1>{ROWS}</table>"
CELLS = [["0012", "甲镇"]]


@pytest.mark.parametrize(
    ("page", "encoding"),
    [
        (f"<html><head><meta charset='utf-8'></head><body>{TABLE}</body></html>", "utf-8"),
        (f"<meta http-equiv=Content-Type content='text/html; charset=gb2312'>{TABLE}", "gb18030"),
        (f"<html>{TABLE}</html>", "gb18030"),
        (f"\ufeff<!DOCTYPE html>\n<style>td {{color:red}}</style><div>{TABLE}</div>", "utf-8"),
        (f"<html xmlns:x='urn:schemas-microsoft-com:office:excel'>{TABLE}", "utf-16"),
        # Ends of cells and rows may be left out, capitals and blanks do not count.
        ("<TABLE>\n<TR><TD>代码<TD>名称\n<TR><TD>0012 <TD> <b>甲</b>镇\n</TABLE>", "utf-8"),
        (f"<?xml version='1.0'?><html>{TABLE}</html>", "utf-8"),
        (f"<!-- 导出 --><table><thead>{ROWS}</thead></table>", "utf-8"),
    ],
)
def test_one_plain_table_is_read(tmp_path: Path, page: str, encoding: str) -> None:
    grid = read(tmp_path, page.encode(encoding))
    assert (grid.kind, grid.header, rows(grid)) == ("html", ("代码", "名称"), CELLS)
    assert (grid.ragged, grid.faults) == ((), ())


def test_cells_are_what_is_shown(tmp_path: Path) -> None:
    cells = [
        ("a&amp;b&nbsp;&lt;", "a&b\xa0<"),
        ("甲<br>乙<script>x</script>", "甲\n乙"),
        ("&nbsp;", None),
        ("<p>一</p><p>二</p>", "一\n二"),
        ("1,234", "1,234"),
    ]
    line = "".join(f"<td>{shown}</td>" for shown, _ in cells) + '<td x:num="0.3333333">0.33</td>'
    head = "".join(f"<th>列{n}</th>" for n in range(6))
    grid = read(tmp_path, f"<table><tr>{head}</tr><tr>{line}</tr></table>".encode())
    assert rows(grid) == [[*(text for _, text in cells), "0.3333333"]]


def test_a_title_across_all_columns_and_a_field_of_a_form(tmp_path: Path) -> None:
    title = "<tr><td colspan=2>统计表</td></tr>"
    field = "<tr><td>0013</td><td><input value='乙镇'></td></tr>"
    hidden = "<tr><td colspan=''><b style='display: none'>9</b>0014</td><td>丙镇</td></tr>"
    grid = read(tmp_path, f"<table>{title}{ROWS}{field}{hidden}</table>".encode())
    assert grid.header == ("代码", "名称")
    assert [each.kind for each in grid.left_out] == ["title"]
    assert [(f.record, f.column) for f in grid.faults] == [(2, 1), (3, 0)]


@pytest.mark.parametrize(
    ("content", "code", "word"),
    [
        ("<html><p>没有表</p></html>", "page_tables", "0"),
        (f"{TABLE}<br>{TABLE}", "page_tables", "2"),
        (f"<table>{ROWS}<tr><td>1<td>{TABLE}</table>", "page_tables", "2"),
        # Cut short, text that belongs to no cell, a span that is none.
        (f"<table>{ROWS}", "unreadable", "</table>"),
        (f"<table>{ROWS}<tr>散</tr></table>", "unreadable", "散"),
        (f"<table>{ROWS}<tr><td rowspan=x>1<td>2</table>", "unreadable", "rowspan"),
        ("<table></table>", "empty_file", ""),
        (f"<html><meta charset=big5>\ufffd{TABLE}", "undecodable", "BIG5"),
        ("<?xml version='1.0'?><office:document xmlns:office="
         "'urn:oasis:names:tc:opendocument:xmlns:office:1.0'>", "not_a_table", ".fods"),
        ("<?xml version='1.0'?><rows><row/></rows>", "not_a_table", "XML"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_and_named(
    tmp_path: Path, content: str, code: str, word: str
) -> None:
    error = refusal(tmp_path, content.encode())
    assert error.code == code
    assert word in str(error)
