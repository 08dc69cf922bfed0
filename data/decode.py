"""Bytes to text, exactly: byte order marks, UTF-8, UTF-16, GB18030; anything else is refused."""

import codecs
from collections.abc import Iterator
from pathlib import Path

from data.errors import DataError

PIECE = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What files really are whose name says otherwise; the first bytes tell.
_SIGNATURES = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"%PDF", "PDF"),
    (b"MZ", "EXE"),
    (b"\x7fELF", "ELF"),
    (b"\x1f\x8b", "GZIP"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "RAR"),
    (b"SQLite format 3", "SQLite"),
)


def refuse_other_kinds(head: bytes, name: str) -> None:
    """Raise DataError `not_a_table` when the first bytes are those of a picture, program, …"""
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            raise DataError("not_a_table", file=name, kind=kind)


def encoding_of(path: Path, name: str) -> str:
    """Return the encoding in which the whole file decodes without error.

    Order: byte order mark, UTF-16 without one (every other byte zero), UTF-8, GB18030 (a superset
    of GBK and GB2312). Raises DataError `not_text` or `undecodable` with the place.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            _try(path, encoding, name)
            return encoding
    zeros = [head[start::2].count(0) for start in (0, 1)]
    if max(zeros) > len(head) // 8:
        encoding = "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
        _try(path, encoding, name)
        return encoding
    if b"\0" in head:
        raise DataError("not_text", file=name, byte=head.index(b"\0") + 1)
    try:
        _try(path, "utf-8", name)
    except DataError:
        _try(path, "gb18030", name)
        return "gb18030"
    return "utf-8"


def pieces(path: Path, encoding: str) -> Iterator[str]:
    """Decode a file piece by piece, in bounded memory."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield decoder.decode(piece)
        yield decoder.decode(b"", final=True)


def _try(path: Path, encoding: str, name: str) -> None:
    lines = 1
    try:
        for text in pieces(path, encoding):
            lines += text.count("\n")
            # Characters of the private-use area are what GB18030 makes of bytes that are no text.
            if "\0" in text or any("\ue000" <= mark <= "\uf8ff" for mark in _rare(text)):
                raise DataError("undecodable", file=name, encoding=encoding, line=lines)
    except UnicodeDecodeError as error:
        raise DataError("undecodable", file=name, encoding=encoding, line=lines) from error


def _rare(text: str) -> set[str]:
    return set(text) if not text.isascii() else set()
