"""Characters that nobody sees, and what stands for one that was lost.

A code with a byte-order mark in its middle, left where two exports were joined, looks like the
code and is another; so do two names of which one holds a zero-width space. A cell of the contract
that holds such a character is a problem of its record. Harmless are blanks around a cell (they
are cut off), blanks of any width and line breaks within one (they are seen), and what people wrote
in their own words: an emoji is made with joiners. Those are taken out there before personal data
are covered, which they would hide.
"""

import re

# First and last of each run: control characters, soft hyphen, combining grapheme joiner, Arabic
# letter mark, fillers of Hangul, Khmer and Mongolian, zero-width characters and marks of
# direction, line and paragraph separators, invisible operators, variation selectors, byte-order
# mark, interlinear anchors, the sign of a lost character, format controls of musical and
# shorthand signs, tags.
_RUNS = (
    (0x00, 0x08), (0x0B, 0x0C), (0x0E, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x34F, 0x34F),
    (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F),
    (0x2028, 0x202E), (0x2060, 0x206F), (0x2800, 0x2800), (0x3164, 0x3164), (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFD), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
)  # fmt: skip


def _sign(number: int) -> str:
    """Write a character so that Python and DuckDB (RE2) read it in a class alike."""
    return f"\\x{number:02x}" if number < 256 else chr(number)


# A class of a regular expression, for Python and for DuckDB.
CLASS = "[" + "".join(f"{_sign(first)}-{_sign(last)}" for first, last in _RUNS) + "]"
# Blanks that may stand around a cell and mean nothing, no-break and ideographic ones included.
BLANKS = " \t\r\n\u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u202f\u205f\u3000"
_UNSEEN = re.compile(CLASS)


def has(text: str) -> bool:
    """Say whether a text holds a character that nobody sees."""
    return bool(_UNSEEN.search(text))


def without(text: str) -> str:
    """Return a text without such characters."""
    return _UNSEEN.sub("", text)


def shown(text: str) -> str:
    """Return a text in which such characters are seen: 99⟨U+200B⟩01."""
    return _UNSEEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)
