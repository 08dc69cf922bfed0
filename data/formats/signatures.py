"""What a file really is, told by its first bytes; the name may say anything."""

import re
import zipfile
from pathlib import Path
from typing import Literal

from data.errors import DataError
from data.formats.xml_parts import ARCHIVE_DAMAGE, PACKINGS
from data.words import both

Container = Literal["text", "parquet", "xlsx", "ods", "xls", "html", "mht", "xml", "sav"]

_HEAD = 4096
# Signatures that no text file can begin with, and the catalogue key that names each.
_BINARY = (
    (b"\x89PNG\r\n\x1a\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF87a", "image"),
    (b"GIF89a", "image"),
    (b"%PDF-", "pdf"),
    (b"\x7fELF", "program"),
    (b"\x1f\x8b", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"Rar!\x1a\x07", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ\x00", "archive"),
    (b"SQLite format 3\x00", "database"),
)
# Two letters may begin a table as well (MZ编号,...); a program has zero bytes soon after.
_PROGRAM, _BITMAP = b"MZ", b"BM"
# Web pages and JSON named .xls or .csv. An unquoted table cannot hold the quotes of JSON.
_PAGE = re.compile(
    rb"\s*<(!doctype\s+html|html|head|meta|style|body|table|div|center|!--)[\s>\-]?", re.IGNORECASE
)
_XML = re.compile(rb"\s*<(\?(xml|mso-application)|(\w+:)?workbook\b)", re.IGNORECASE)
# What an XML file is, by a word in its beginning.
_OF_XML = (
    (b"<html", "html"),
    (b"urn:schemas-microsoft-com:office:spreadsheet", "xml"),
    (b"urn:oasis:names:tc:opendocument", "flat_ods"),
)
# Browsers write who saved the page above it.
_ARCHIVED_PAGE = re.compile(
    rb"\s*(?:[A-Za-z-]+:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*){0,20}MIME-Version\s*:", re.IGNORECASE
)
_MARKED_UP: dict[str | None, Container] = {"html": "html", "mht": "mht", "xml": "xml"}
_JSON = re.compile(rb'\s*[\[{][\s\[{]*"')
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# .sav and .zsav.
_SPSS = (b"$FL2@(#)", b"$FL3@(#)")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_SPREADSHEET = b"application/vnd.oasis.opendocument.spreadsheet"
_LARGEST_COMPOUND = 64 << 20


def container(path: Path, name: str) -> Container:
    """Say how a file is to be read.

    Raises DataError `not_a_table` (a picture, archive, program, web page, ...) naming what it is,
    `workbook_locked` for a workbook behind a password.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(_ZIP):
        return _zipped(path, name)
    if head.startswith(_OLE):
        return _compound(path, name)
    if head.startswith(_SPSS):
        return "sav"
    # A table may begin with these letters too; a Parquet file cut short still has zero bytes.
    if head.startswith(b"PAR1") and (b"\x00" in head or _ends_with(path, b"PAR1")):
        return "parquet"
    foreign = _foreign(head)
    if foreign in _MARKED_UP:
        return _MARKED_UP[foreign]
    if foreign:
        raise _refusal(name, foreign)
    return "text"


def _foreign(head: bytes) -> str | None:
    for signature, kind in _BINARY:
        if head.startswith(signature):
            return kind
    if b"\x00" in head and head.startswith(_PROGRAM):
        return "program"
    if b"\x00" in head and head.startswith(_BITMAP):
        return "image"
    return _marked_up(_narrow(head))


def _marked_up(text: bytes) -> str | None:
    if _PAGE.match(text):
        return "html"
    if _XML.match(text):
        lower = text.lower()
        return next((kind for word, kind in _OF_XML if word in lower), "page")
    if _ARCHIVED_PAGE.match(text):
        return "mht"
    return "json" if _JSON.match(text) else None


def _narrow(head: bytes) -> bytes:
    """Return the beginning of a text without its mark, of UTF-16 as bytes of ASCII."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace").encode()
    return head.removeprefix(b"\xef\xbb\xbf")


def _refusal(name: str, kind: str) -> DataError:
    return DataError("not_a_table", file=name, kind=both(f"files.kinds.{kind}"))


def _ends_with(path: Path, mark: bytes) -> bool:
    with path.open("rb") as file:
        file.seek(-len(mark), 2)
        return file.read() == mark


def _zipped(path: Path, name: str) -> Container:
    try:
        with zipfile.ZipFile(path) as archive:
            members = set(archive.namelist())
            declared = _declared_type(archive, members)
    except ARCHIVE_DAMAGE as error:
        raise DataError("unreadable", file=name, reason=str(error)[:200]) from error
    if "xl/workbook.bin" in members:
        raise _refusal(name, "xlsb")
    if declared.startswith(_SPREADSHEET):
        return "ods"
    for folder, kind in (("xl/", None), ("word/", "document"), ("ppt/", "slides")):
        if any(member.startswith(folder) for member in members):
            if kind is None:
                return "xlsx"
            raise _refusal(name, kind)
    raise _refusal(name, "document" if declared else "archive")


def _declared_type(archive: zipfile.ZipFile, members: set[str]) -> bytes:
    """Read what an OpenDocument file says it is."""
    if "mimetype" not in members or archive.getinfo("mimetype").compress_type not in PACKINGS:
        return b""
    with archive.open("mimetype") as part:
        return part.read(len(_SPREADSHEET))


def _entry(stream: str) -> bytes:
    """Return a directory entry of a compound file: name in 64 bytes, then its length."""
    text = stream.encode("utf-16-le")
    return text.ljust(64, b"\x00") + (len(text) + 2).to_bytes(2, "little")


def _compound(path: Path, name: str) -> Container:
    with path.open("rb") as file:
        content = file.read(_LARGEST_COMPOUND)
    if _entry("EncryptedPackage") in content:
        raise DataError("workbook_locked", file=name)
    # Word and PowerPoint use the same container; a longer file is refused for its size next.
    if _entry("Workbook") in content or _entry("Book") in content:
        return "xls"
    if len(content) == _LARGEST_COMPOUND:
        return "xls"
    raise _refusal(name, "document")
