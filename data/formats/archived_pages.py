"""'Single file web pages' (.mht) of Excel and WPS, and of systems that name them .xls.

A MIME message whose parts are pages: one lists the sheets, each other holds the table of one. Parts
are unpacked by the library's own parser and read as `html_tables` reads a page; an archive that is
damaged or cut short is refused.
"""

import email
import re
from collections.abc import Iterator
from email.message import Message
from html import unescape
from pathlib import Path, PurePosixPath

from data.errors import DataError
from data.formats.decode import CONTROL
from data.formats.grid import Limits
from data.formats.html_tables import read_page
from data.formats.workbook_cells import Merged, SheetRow

_SHEET = re.compile(r"<x:ExcelWorksheet>", re.IGNORECASE)
_NAME = re.compile(r"<x:Name>([^<]*)</x:Name>", re.IGNORECASE)
_SOURCE = re.compile(r"<x:WorksheetSource\s+HRef\s*=\s*[\"']?([^\"'>]+)", re.IGNORECASE)
_HIDDEN = re.compile(r"<x:Visible>\s*Sheet(Very)?Hidden", re.IGNORECASE)
_CHINESE = frozenset({"gb2312", "gbk", "gb18030", "x-gbk"})
_MOST_PARTS = 1000


class ArchivedPages:
    """An archive read as a workbook, a page with a table for each sheet.

    encoding: of all pages, where a person said it. Raises DataError `unreadable`, `undecodable`,
    `page_tables`.
    """

    def __init__(self, path: Path, name: str, encoding: str | None, _limits: Limits) -> None:
        with path.open("rb") as file:
            message = email.message_from_binary_file(file)
        self.name = name
        self.merged: tuple[Merged, ...] = ()
        self.hidden_columns: tuple[range, ...] = ()
        pages: dict[str, str] = {}
        listed = ""
        for number, part in enumerate(_parts(message, name)):
            if number == _MOST_PARTS:
                raise DataError("unreadable", file=name, reason=f"> {_MOST_PARTS} parts")
            text = _text(part, name, encoding)
            if "<table" in text.lower():
                place = _place(part.get("Content-Location", "")) or f"HTML {number}"
                if place in pages:
                    raise DataError("unreadable", file=name, reason=f"2 × {place}")
                pages[place] = text
            elif "<x:excelworksheet>" in text.lower():
                listed = text
        if not pages:
            raise DataError("page_tables", file=name, tables=0)
        self._pages = _named(pages, listed)
        self.sheets = tuple(self._pages)

    def rows(self, sheet: str) -> Iterator[SheetRow]:
        """Yield the filled rows of a sheet's table from the top."""
        rows, self.merged, self.hidden_columns = read_page(self._pages[sheet], self.name)
        yield from rows


def _parts(message: Message, name: str) -> Iterator[Message]:
    for part in message.walk():
        content = part.get_payload(decode=True) if not part.is_multipart() else b""
        if part.defects:
            reason = type(part.defects[0]).__name__
            raise DataError("unreadable", file=name, reason=reason)
        if content and part.get_content_type() == "text/html":
            yield part


def _text(part: Message, name: str, encoding: str | None) -> str:
    """Decode a page: as a person said, else as UTF-8, else as it declares where that is Chinese.

    Systems declare windows-1252 and write UTF-8; Excel writes ASCII with &#20013; for 中. A page
    that declares a Chinese encoding and could be UTF-8 as well is asked about.
    """
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    chinese = str(part.get_content_charset() or "").lower() in _CHINESE
    tried = [encoding] if encoding else ["utf-8-sig", "gb18030"] if chinese else ["utf-8-sig"]
    texts = {each: text for each in tried if (text := _decoded(content, each)) is not None}
    if not texts:
        raise _undecodable(content, name, tried[-1])
    found = list(dict.fromkeys(texts.values()))
    if len(found) > 1:
        utf8, gb = ("".join(c for c in text if c > "\x7f")[:10] for text in found)
        raise DataError("encoding_ambiguous", file=name, utf8=utf8, gb=gb)
    if control := CONTROL.search(found[0]):
        line = found[0].count("\n", 0, control.start()) + 1
        code = f"U+{ord(control[0]):04X}"
        raise DataError("control_character", file=name, line=line, character=code)
    return found[0]


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _undecodable(content: bytes, name: str, encoding: str) -> DataError:
    good = len(content)
    try:
        content.decode(encoding)
    except UnicodeDecodeError as failure:
        good = failure.start
    line = content.count(b"\n", 0, good) + 1
    label = encoding.removesuffix("-sig").upper()
    return DataError("undecodable", file=name, encoding=label, line=line, byte=good + 1)


def _place(location: str) -> str:
    """Return the last part of an address: sheet001.htm."""
    return PurePosixPath(location.replace("\\", "/")).name


def _named(pages: dict[str, str], listed: str) -> dict[str, str]:
    """Return the pages by the names of their sheets, in their order, without hidden ones.

    A page that is not listed keeps the name of its own.
    """
    sheets: dict[str, str] = {}
    rest = dict(pages)
    for about in _SHEET.split(listed)[1:]:
        name, source = _NAME.search(about), _SOURCE.search(about)
        page = rest.pop(_place(source[1]), None) if source else None
        if page is not None and source and not _HIDDEN.search(about):
            sheets[unescape(name[1]).strip() if name else _place(source[1])] = page
    return {**sheets, **rest}
