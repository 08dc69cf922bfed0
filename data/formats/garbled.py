"""Chinese that was once read in a wrong encoding and saved as what it looked like."""

import codecs
import re
from itertools import takewhile

from data.errors import DataError

LOOKED_AT = 65_536
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_HAN = re.compile("[\u3400-\u9fff\u3000-\u303f\uff00-\uffef\u2010-\u2026]")
# What was read as which other encoding, and how much of it makes certain.
_GARBLED = tuple(
    (read_as, meant)
    for meant in ("utf-8", "gb18030")
    for read_as in ("gb18030", "latin-1", "cp1252")
    if read_as != meant
)
# Mail programs wrote Chinese in such signs, which are ASCII to all others.
_SEVEN_BITS = (
    (re.compile(r"(\+[A-Za-z0-9+/]{3,})-?"), "-", "utf-7"),
    (re.compile(r"~\{[!-~]+?~\}"), "", "hz"),
)
_ENOUGH = 6


def refuse(text: str, name: str) -> None:
    """Raise DataError `garbled` for a text that is certainly such Chinese.

    Certain only where every word beyond ASCII turns into Chinese when that is undone: of true
    Chinese the first words already do not. text: the first LOOKED_AT characters of a file.
    """
    for marks, end, meant in _SEVEN_BITS:
        marked = marks.findall(text)
        undone = [_undone(word + end, "ascii", meant) for word in marked]
        if all(undone) and sum(map(len, undone)) >= _ENOUGH:
            raise DataError("garbled", file=name, found=marked[0][:12], meant=undone[0][:12])
    words = _FOREIGN.findall(text)
    for read_as, meant in _GARBLED:
        undone = list(takewhile(bool, (_undone(word, read_as, meant) for word in words)))
        if len(undone) == len(words) and sum(map(len, undone)) >= _ENOUGH:
            raise DataError("garbled", file=name, found=words[0][:12], meant=undone[0][:12])


def _undone(word: str, read_as: str, meant: str) -> str:
    """Return what a word was, '' where it was no Chinese; its last byte may have been lost."""
    decoder = codecs.getincrementaldecoder(meant)("strict")
    try:
        text = decoder.decode(word.rstrip("\ufffd").encode(read_as))
    except UnicodeError:
        return ""
    return text if all(_HAN.match(sign) for sign in text) else ""
