"""Single file web pages: sheets by name, cells exactly as in a page; damage is refused."""

from pathlib import Path

import pytest

from data.formats.decode import ENCODINGS
from tests.data.reading import read, refusal, rows

HEAD = (
    "MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n"
    'Content-Type: multipart/related; boundary="----=_Next"\r\n\r\n'
    "This document is a Single File Web Page.\r\n\r\n"
)
LIST = (
    '<html xmlns:x=3D"urn:schemas-microsoft-com:office:excel"><xml><x:ExcelWorkbook>'
    "<x:ExcelWorksheets><x:ExcelWorksheet><x:Name>&#35828;&#26126;</x:Name>"
    "<x:Visible>SheetHidden</x:Visible><x:WorksheetSource HRef=3D\"sheet001.htm\"/>"
    "</x:ExcelWorksheet><x:ExcelWorksheet><x:Name>&#20065;&#38215;</x:Name>"
    '<x:WorksheetSource HRef=3D"x.files/sheet002.htm"/></x:ExcelWorksheet>'
    "<x:ExcelWorksheet><x:Name>B&amp;C</x:Name>"
    '<x:WorksheetSource HRef=3D"sheet003.htm"/></x:ExcelWorksheet>'
    "</x:ExcelWorksheets></x:ExcelWorkbook></xml></html>"
)  # fmt: skip
NAMES = "<html><table><tr><td>&#20195;&#30721;</td><td>x</td></tr>"
TABLE = f"{NAMES}<tr><td>0012</td><td>=E7=94=B2=\r\n</td></tr></table></html>"


def part(content: str, place: str, coding: str = "quoted-printable", charset: str = "") -> str:
    told = f'; charset="{charset}"' if charset else ""
    return (
        f"------=_Next\r\nContent-Location: file:///C:/x/{place}\r\n"
        f"Content-Transfer-Encoding: {coding}\r\nContent-Type: text/html{told}\r\n\r\n{content}\r\n"
    )


def archive(*parts: str, encoding: str = "utf-8") -> bytes:
    return "".join([HEAD, *parts, "------=_Next--\r\n"]).encode(encoding)


def test_the_first_sheet_that_is_shown_is_read_by_its_name(tmp_path: Path) -> None:
    content = archive(
        part(LIST, "book.htm"),
        part("<html><table><tr><td>no</td></tr></table>", "sheet001.htm"),
        part(TABLE, "sheet002.htm", charset="us-ascii"),
        part(TABLE, "sheet003.htm"),
    )
    grid = read(tmp_path, content)
    assert (grid.kind, grid.sheet, grid.other_sheets) == ("mht", "乡镇", ("B&C",))
    assert (grid.header, rows(grid)) == (("代码", "x"), [["0012", "甲"]])


@pytest.mark.parametrize(
    ("charset", "encoding"), [("windows-1252", "utf-8"), ("gb2312", "gb18030"), ("", "utf-8")]
)
def test_what_systems_declare_wrongly_is_read_as_it_is(
    tmp_path: Path, charset: str, encoding: str
) -> None:
    page = "<table><tr><td>代码</td><td>名称</td></tr><tr><td>0012</td><td>甲镇</td></tr></table>"
    grid = read(tmp_path, archive(part(page, "s.htm", "8bit", charset), encoding=encoding))
    assert (grid.sheet, rows(grid)) == ("s.htm", [["0012", "甲镇"]])
    assert encoding in ENCODINGS


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (archive(part(TABLE, "s.htm"))[:-40], "unreadable"),  # cut short
        (archive(part("PHRhYmxl*", "s.htm", "base64")), "unreadable"),
        (archive(part(f"{NAMES}</table>{TABLE}", "s.htm")), "page_tables"),
        (archive(part("<p>x</p>", "s.htm")), "page_tables"),
        (archive(part(TABLE, "a/s.htm"), part(TABLE, "b/s.htm")), "unreadable"),
        (archive(part("<table><tr><td>=01</td></tr></table>", "s.htm")), "control_character"),
        (archive(part("<table><tr><td>=FF</td></tr></table>", "s.htm")), "undecodable"),
        (
            archive(part("<table>中文</table>", "s.htm", "8bit", "gb2312"), encoding="utf-8"),
            "encoding_ambiguous",
        ),
        (b"From: <Saved>\r\nSubject: x\r\n y\r\nMIME-Version: 1.0\r\n\r\nx", "page_tables"),
    ],
)
def test_damage_and_anything_else_are_refused(tmp_path: Path, content: bytes, code: str) -> None:
    assert refusal(tmp_path, content).code == code
