"""Bytes to text, exactly or not at all: byte order marks, UTF-8, UTF-16, GB18030; Big5 if asked.

A file is decoded strictly from its first byte to its last before any of it is read. GB18030 gives
nearly every sequence of bytes some meaning, so what it gives is also weighed: a damaged UTF-8
file or one pasted together from two encodings is refused, not read as nonsense.
"""

import codecs
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import AnyStr, NamedTuple, TextIO

from data.errors import DataError
from data.formats import garbled

# What a person may say a text is in.
ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16")
_SYNONYMS = {"utf8": "utf-8", "utf-8-sig": "utf-8", "utf16": "utf-16", "utf-16-le": "utf-16",
             "utf-16-be": "utf-16", "gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030",
             "cp950": "big5"}  # fmt: skip
# What pages and XML files call them.
_DECLARED = {"utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "utf-8", "gb2312": "gb18030",
             "gbk": "gb18030", "x-gbk": "gb18030", "gb18030": "gb18030",
             "big5": "big5"}  # fmt: skip
_DECLARED_WITHIN = 4096
# No text has these; none is a part of a character in UTF-8, GB18030 or Big5.
_CONTROLS = bytes(sorted({*range(1, 32), 127} - {9, 10, 13}))
_ASCII, _LEADS_OF_THREE = bytes(range(0x80)), bytes(range(0xE0, 0xF0))
_BLANKED = bytes.maketrans(_ASCII, b" " * 128)
CONTROL = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
_PIECE = 1 << 20
# A file of up to so many bytes is held as it was decoded.
_HELD = 256 << 20
_SAMPLE = 64 << 10
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BEYOND_ASCII = re.compile("[^\x00-\x7f]+")
# In GB2312: 拢 搂 掳 卤 虏 碌 茅.
_SIGNS = frozenset("£§°±²µé")
_BEYOND_TWO_BYTES = re.compile("[^\x00-\u07ff]")
# A whole run of non-ASCII bytes that is UTF-8 of Chinese characters. Six characters of GB18030 look
# like that once in some hundred million runs, three not once in two million.
_UTF8_RUN = re.compile(rb"(?<![\x80-\xff])(?:[\xe1-\xef][\x80-\xbf]{2}){2,}(?![\x80-\xff])")
_CERTAIN, _SHORTEST_RUN, _SHORT_RUNS, _SHARE = 12, 6, 2, 0.1
# So many different characters are not by chance both Latin, Greek or Cyrillic and GB2312.
_TELLING = 12
# UTF-16 without a mark: share of characters that must be ASCII, how clearly one order must win.
_ASCII_SHARE, _CLEARLY = 0.05, 4
# A text with a few control characters is one still; where they are so many, nothing is written.
_FEWEST_CONTROLS, _CONTROL_SHARE = 8, 0.05
# So many different characters of Big5 would show in GB18030 that they are none of its own.
_FEW_SIGNS = 200
_HAN = re.compile("[\u3400-\u9fff\u3000-\u303f\uff00-\uffef\u2010-\u2026]")


def encoding_of(
    path: Path, name: str, record_bytes: int = 16 << 20, said: str | None = None
) -> str:
    """Return the encoding in which the whole file is text: a name that `open_text` takes.

    said: what a person says it is, one of ENCODINGS. Raises DataError `binary`, `not_text` (zero
    bytes), `control_character` (line), `undecodable` (line, byte), `encoding_mixed` (line),
    `encoding_ambiguous`, `encoding_unknown`, `encoding_contradicted`, `odd_character`, `garbled`,
    `record_too_long`.
    """
    _whole.cache_clear()  # another file may have come under the same name
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    marked = next((e for mark, e in _MARKS if sample.startswith(mark)), None)
    if not (said or marked) and _is_binary(sample):
        raise DataError("binary", file=name)
    if said:
        encoding = _as_said(path, name, said.lower(), marked, sample)
    elif encoding := marked or _unmarked_utf16(sample) or "":
        _refuse_undecodable_or_odd(path, name, encoding, marked)
    elif (failure := _failure(path, "utf-8")) is None:
        encoding = "utf-8"
        if not all(piece.isascii() for piece in pieces(path)):
            _refuse_if_also_gb2312(path, name)
    else:
        encoding = "gb18030"
        _weigh_gb18030(path, name, failure)
    if encoding.startswith("utf-8"):
        with open_text(path, encoding) as file:
            garbled.refuse(file.read(garbled.LOOKED_AT), name)
    _refuse_no_text(path, encoding, name, record_bytes)
    _refuse_controls(path, encoding, name)
    return encoding


def declared_encoding(path: Path, word: str, name: str = "") -> str | None:
    """Return what a page or an XML file says of itself; None where it says nothing that counts.

    word: after which it says it. name: of an XML file, which is UTF-8 where it says nothing; raises
    DataError `encoding_unknown` where it says something else.
    """
    with path.open("rb") as file:
        head = file.read(_DECLARED_WITHIN)
    unmarked = b"\x00" not in head and not head.startswith(
        (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    )
    told = re.search(rf"{word}\s*=\s*[\"']?\s*([\w-]+)".encode(), head, re.IGNORECASE)
    said = told[1].decode().lower() if told else ""
    if name and said and said not in _DECLARED and not said.startswith("utf-16"):
        raise DataError("encoding_unknown", file=name, encoding=said, choices=", ".join(ENCODINGS))
    return _DECLARED.get(said, "utf-8" if name and unmarked and not said else None)


def _as_said(path: Path, name: str, said: str, marked: str | None, sample: bytes) -> str:
    """Return how to open a file of which a person says the encoding, if that can be true."""
    said = _SYNONYMS.get(said, said)
    if said not in ENCODINGS:
        choices = ", ".join(ENCODINGS)
        raise DataError("encoding_unknown", file=name, encoding=said, choices=choices)
    if marked and marked.removesuffix("-sig") != said:
        label = marked.removesuffix("-sig").upper()
        raise DataError("encoding_contradicted", file=name, said=said.upper(), marked=label)
    encoding = marked or said
    if encoding == "utf-16" and not marked:
        # Without a comma and a line end nothing is a table; these show the order of the bytes.
        encoding = _unmarked_utf16(sample) or "utf-16-le"
    if encoding == "big5" and _failure(path, encoding) is not None:
        # Windows' Big5 has some more characters, and other signs for a few rare ones.
        encoding = "big5" if _failure(path, "cp950") is not None else "cp950"
    _refuse_undecodable_or_odd(path, name, encoding, marked)
    if encoding == "gb18030":
        _refuse_mixed(path, name)
    return encoding


def _refuse_undecodable_or_odd(path: Path, name: str, encoding: str, marked: str | None) -> None:
    """Refuse what cannot be decoded; where no mark tells the encoding, odd characters as well."""
    if encoding.startswith("utf-8"):
        failure = _failure(path, "utf-8")
        signs = frozenset[str]() if marked or failure is not None else _whole(path, "utf-8").signs
    else:
        failure, signs = _whole(path, encoding)[:2]
    if failure is not None:
        raise _undecodable(path, name, encoding, failure)
    _refuse_odd_characters(path, name, encoding, frozenset() if marked else signs)


def open_text(path: Path, encoding: str) -> TextIO:
    """Open a file for reading lines with their ends as they are."""
    return path.open(encoding=encoding, newline="", errors="strict")


def pieces(path: Path) -> Iterator[bytes]:
    """Yield a file in pieces of a million bytes."""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def texts(path: Path, encoding: str) -> Iterator[str]:
    """Yield a text in pieces of a million characters."""
    with open_text(path, encoding) as file:
        while text := file.read(_PIECE):
            yield text


class _UndecodedError(Exception):
    """The offset of the first byte that cannot be decoded."""


def _decoded(path: Path, encoding: str) -> Iterator[str]:
    """Yield a text in pieces; raises _UndecodedError."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    passed = pending = 0
    for piece in chain(pieces(path), (b"",)):
        pending = len(decoder.getstate()[0])
        try:
            yield decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            # The decoder had kept some bytes of the piece before; the error counts from those.
            raise _UndecodedError(passed - pending + error.start) from error
        passed += len(piece)


def _failure(path: Path, encoding: str) -> int | None:
    """Return the offset of the first byte that cannot be decoded, None where all can."""
    try:
        for _ in _decoded(path, encoding):
            pass
    except _UndecodedError as undecoded:
        return int(undecoded.args[0])
    return None


class _Whole(NamedTuple):
    """A text as one decoding of it tells.

    failure: as `_failure`. signs: its characters beyond ASCII, up to there. utf8: the text, None
    where it fails or is too large to be held.
    """

    failure: int | None
    signs: frozenset[str]
    utf8: bytes | None


@lru_cache(maxsize=1)
def _whole(path: Path, encoding: str) -> _Whole:
    # To decode a large file of Chinese takes as long as all else that is asked about it.
    signs: set[str] = set()
    held = io.BytesIO() if path.stat().st_size <= _HELD else None
    try:
        for text in _decoded(path, encoding):
            told = text.encode()
            # Most of a table is ASCII, which is taken out faster than it is looked at.
            signs.update(told.translate(None, _ASCII).decode())
            if held:
                held.write(told)
    except _UndecodedError as undecoded:
        return _Whole(int(undecoded.args[0]), frozenset(signs), None)
    return _Whole(None, frozenset(signs), held.getvalue() if held else None)


def as_utf8(path: Path, encoding: str) -> bytes:
    """Return a whole text, of which `encoding_of` said the encoding, as UTF-8."""
    told = _whole(path, encoding).utf8
    return b"".join(text.encode() for text in texts(path, encoding)) if told is None else told


def _line_at(path: Path, offset: int, encoding: str = "utf-8") -> int:
    """Return the 1-based line in which a byte stands."""
    read = codecs.iterdecode(_until(pieces(path), offset), encoding, errors="replace")
    return _last_line(read)


def _until(pieces: Iterator[AnyStr], count: int) -> Iterator[AnyStr]:
    for piece in pieces:
        yield piece[:count]
        count -= len(piece)
        if count <= 0:
            return


def _last_line(texts: Iterable[str]) -> int:
    """Return the 1-based line in which a text ends that comes in pieces."""
    line, last = 1, ""
    for text in texts:
        line += text.count("\n") + text.count("\r") - text.count("\r\n")
        # One line end, cut in two.
        if last == "\r" and text.startswith("\n"):
            line -= 1
        last = text[-1:] or last
    return line


def _undecodable(path: Path, name: str, encoding: str, offset: int) -> DataError:
    label = encoding.removesuffix("-sig").upper()
    line = _line_at(path, offset, encoding)
    return DataError("undecodable", file=name, encoding=label, line=line, byte=offset + 1)


def _is_binary(sample: bytes) -> bool:
    """Say whether bytes are no text of any encoding, but a program's own."""
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    many = controls >= max(_FEWEST_CONTROLS, _CONTROL_SHARE * len(sample))
    return many and _unmarked_utf16(sample) is None


def _unmarked_utf16(sample: bytes) -> str | None:
    """Recognise UTF-16 without a byte order mark by its zero bytes.

    Commas, digits and line ends of UTF-16 are an ASCII byte and a zero byte. Both orders are
    tried; the right one has far more of them, and a line end.
    """
    if b"\x00" not in sample:
        return None
    import numpy as np  # takes longer to import than a text to read

    units = {
        encoding: np.frombuffer(sample[: len(sample) // 2 * 2], kind)
        for encoding, kind in (("utf-16-le", "<u2"), ("utf-16-be", ">u2"))
    }
    ascii_units = {encoding: int(((u >= 9) & (u < 128)).sum()) for encoding, u in units.items()}
    best, other = sorted(ascii_units, key=lambda e: -ascii_units[e])
    told = units[best]
    enough = ascii_units[best] >= max(4, _ASCII_SHARE * len(told))
    clear = ascii_units[best] > _CLEARLY * ascii_units[other]
    return best if enough and clear and bool(np.isin(told, (10, 13)).any()) else None


def _refuse_if_also_gb2312(path: Path, name: str) -> None:
    """Refuse the few short files that are UTF-8 of ½ or é and GB2312 of Chinese alike."""
    marks: set[str] = set()
    asked = False
    for text in texts(path, "utf-8"):
        if text.isascii():
            continue
        if _BEYOND_TWO_BYTES.search(text):
            return
        asked = asked or not _can_only_be_signs(text)
        marks |= {mark for mark in set(text) if mark > "\x7f"}
        if len(marks) > _TELLING:
            return
    if not asked:
        return
    try:
        hanzi = "".join(sorted(marks)).encode().decode("gb2312")
    except UnicodeDecodeError:
        return
    if all("\u4e00" <= sign <= "\u9fff" for sign in hanzi):
        raise DataError("encoding_ambiguous", file=name, utf8="".join(sorted(marks)), gb=hanzi)


def _can_only_be_signs(text: str) -> bool:
    """Say whether each sign beyond ASCII stands where the Chinese character it may be cannot.

    One alone within a word (naïve, na茂ve), or beside a letter or digit where its character is none
    that is written so: 25°C is no 25掳C, but ·3 may be 路3 and 5¥ may be 5楼.
    """
    for run in _BEYOND_ASCII.finditer(text):
        start, end = run.span()
        sign, before, after = run[0], text[max(start - 1, 0) : start], text[end : end + 1]
        within = sign.isalpha() and before.isalpha() and after.isalpha()
        beside = sign in _SIGNS and (before.isalnum() or after.isalnum())
        if len(sign) > 1 or not (within or beside):
            return False
    return True


def _weigh_gb18030(path: Path, name: str, utf8_failure: int) -> None:
    """Refuse what GB18030 can decode but what is more likely damaged or mixed UTF-8."""
    failure, signs, _ = _whole(path, "gb18030")
    if failure is not None:
        # Whichever encoding got further is the one the file was meant to be in; within the
        # character that UTF-8 stumbles over (cut at the end of a file) GB18030 got nowhere.
        if failure > utf8_failure + 3:
            raise _undecodable(path, name, "gb18030", failure)
        raise _undecodable(path, name, "utf-8", utf8_failure)
    three_byte = _refuse_mixed(path, name)
    if 2 * three_byte > sum(len(piece.translate(None, _ASCII)) for piece in pieces(path)):
        raise _undecodable(path, name, "utf-8", utf8_failure)
    _refuse_odd_characters(path, name, "gb18030", signs)
    # Chinese text is GB2312 nearly throughout; other bytes (é before a letter) only seem Chinese.
    if 2 * sum(map(_in_gb2312, signs)) < len(signs):
        raise _undecodable(path, name, "utf-8", utf8_failure)
    _refuse_if_also_big5(path, name, signs)


def _refuse_if_also_big5(path: Path, name: str, signs: Collection[str]) -> None:
    """Refuse the few short files that are Big5 of common characters, and 材┮ in GB18030."""
    if len(signs) > _FEW_SIGNS or all(map(_HAN.match, signs)):
        return
    told = "".join(sorted(signs)).encode("gb18030")
    pairs = [told[n : n + 2] for n in range(0, len(told), 2)]
    if any(not (0xA4 <= pair[0] <= 0xC6 or pair[0] == 0xA1) for pair in pairs):
        return
    failure, other, _ = _whole(path, "big5")
    if failure is None and all(map(_HAN.match, other)):
        either, big5 = "".join(sorted(signs)), "".join(sorted(other))
        raise DataError("encoding_ambiguous", file=name, utf8=big5, gb=either)


def _refuse_mixed(path: Path, name: str) -> int:
    """Refuse what decodes as GB18030 but holds runs of UTF-8: a long one, or several short ones.

    Returns how many bytes stand in valid three-byte sequences of UTF-8.
    """
    passed, first, three_byte = 0, None, 0
    short: Counter[bytes] = Counter()
    for piece in pieces(path):
        valid = _three_byte_share(piece)
        if valid >= _SHORTEST_RUN:
            # The same words come over and over: each is looked at once.
            runs = Counter(_runs(piece))
            found = {run: n for run, n in runs.items() if _UTF8_RUN.fullmatch(run)}
            if found and first is None:
                place = _UTF8_RUN.search(piece)
                first = passed + (place.start() if place else 0)
            if any(len(run) >= _CERTAIN for run in found):
                raise _mixed(path, name, first or 0)
            short.update(found)
        three_byte += valid
        passed += len(piece)
    # One alone may be a name that looks so by chance, unless it stands nearly everywhere.
    several = len(short) >= _SHORT_RUNS
    if several or (short and short.total() >= _SHARE * sum(map(len, map(_runs, pieces(path))))):
        raise _mixed(path, name, first or 0)
    return three_byte


def _runs(piece: bytes) -> list[bytes]:
    """Return the runs of bytes beyond ASCII."""
    return piece.translate(_BLANKED).split()


def _mixed(path: Path, name: str, offset: int) -> DataError:
    return DataError("encoding_mixed", file=name, line=_line_at(path, offset, "gb18030"))


def _three_byte_share(piece: bytes) -> int:
    """Count the bytes that stand in valid three-byte sequences of UTF-8."""
    valid = piece.decode("utf-8", "ignore").encode()
    return 3 * (len(valid) - len(valid.translate(None, _LEADS_OF_THREE)))


def _in_gb2312(sign: str) -> bool:
    # The codec of that name maps · and — to other characters than GB18030 does.
    code = sign.encode("gb18030")
    return len(code) == 2 and 0xA1 <= code[0] <= 0xF7 and code[1] >= 0xA1


def _refuse_odd_characters(path: Path, name: str, encoding: str, signs: Collection[str]) -> None:
    """Refuse unassigned and private-use characters: bytes that were meant as something else.

    signs: all characters beyond ASCII that the file has.
    """
    odd = [sign for sign in signs if unicodedata.category(sign) in ("Cn", "Co", "Cs")]
    passed = 0
    for text in texts(path, encoding) if odd else ():
        if places := [place for sign in odd if (place := text.find(sign)) >= 0]:
            line = _line_of(path, encoding, passed + min(places))
            code = f"U+{ord(text[min(places)]):04X}"
            raise DataError("odd_character", file=name, line=line, character=code)
        passed += len(text)


def _line_of(path: Path, encoding: str, place: int) -> int:
    """Return the 1-based line of a character by its number."""
    return _last_line(_until(texts(path, encoding), place))


def _refuse_no_text(path: Path, encoding: str, name: str, record_bytes: int) -> None:
    """Refuse zero characters and endless lines."""
    # But for UTF-16, no part of a character is a zero byte or a line end.
    if not encoding.startswith("utf-16") and _is_text_of_lines(path, record_bytes):
        return
    passed = run = 0
    for text in texts(path, encoding):
        if (zero := text.find("\x00")) >= 0:
            line = _line_of(path, encoding, passed + zero)
            raise DataError("not_text", file=name, line=line)
        last = max(text.rfind("\n"), text.rfind("\r"))
        run = len(text) - last - 1 if last >= 0 else run + len(text)
        passed += len(text)
        if run > record_bytes:
            line = _line_of(path, encoding, passed)
            raise DataError(
                "record_too_long", file=name, line=line, limit=f"{record_bytes >> 20} MB"
            )


def _is_text_of_lines(path: Path, record_bytes: int) -> bool:
    """Say whether bytes hold no zero, and lines that are surely not too long."""
    run = 0
    for piece in pieces(path):
        last = piece.rfind(b"\n")
        run = len(piece) - last - 1 if last >= 0 else run + len(piece)
        if b"\x00" in piece or 2 * run > record_bytes:
            return False
    return True


def _refuse_controls(path: Path, encoding: str, name: str) -> None:
    """Refuse control characters: no export writes them, and no eye sees them."""
    wide = encoding.startswith("utf-16")
    read = (text.encode() for text in texts(path, encoding)) if wide else pieces(path)
    if all(len(piece.translate(None, _CONTROLS)) == len(piece) for piece in read):
        return
    passed = 0
    for text in texts(path, encoding):
        if found := CONTROL.search(text):
            line = _line_of(path, encoding, passed + found.start())
            code = f"U+{ord(found[0]):04X}"
            raise DataError("control_character", file=name, line=line, character=code)
        passed += len(text)
