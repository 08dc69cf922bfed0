"""Text whose columns are made by blanks, each at the same place of every line.

Large systems print tables so. Taken only where nothing is left open: all lines are blank at the
same places, every column has a heading of one word, and its cells are even with one of its edges.
Places are counted by character or, as such systems do, with two for a Chinese one; where both
ways explain a file and give different cells, neither does.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from data.formats.dialects import Dialect
from data.formats.grid import Limits

SAID = "fixed"
_FILLED = re.compile("[^ ]")
_GAP = re.compile(r"\S {2,}\S")
_LEAST_LINES, _LONGEST, _MOSTLY = 3, 10_000, 0.8
# Stands beside a character that takes two places; no text has it.
_BESIDE = "\x00"


@dataclass(frozen=True)
class FixedWidth(Dialect):
    """spans: first place of each column and the place behind its last. wide: as `_places`."""

    spans: tuple[tuple[int, int], ...] = ()
    wide: bool = False

    @property
    def said(self) -> str:
        """No name that `of` takes: what the places are, only the file tells."""
        return SAID

    def records(
        self, lines: Iterable[str], name: str, limits: Limits, first: int = 1
    ) -> Iterator[tuple[int, list[str]]]:
        """Yield (line, fields); a blank line is an empty list."""
        _ = name, limits
        for number, line in enumerate(lines, first):
            text = _places(line, self.wide)
            yield number, self._fields(text) if text.strip() else []

    def _fields(self, text: str) -> list[str]:
        return [text[start:end].replace(_BESIDE, "").strip() for start, end in self.spans]


def looks_like_it(lines: Sequence[str]) -> bool:
    """Say whether most lines are words with wide gaps between them."""
    filled = [line for line in lines if line.strip()]
    gaps = sum(bool(_GAP.search(line)) for line in filled)
    return len(filled) >= _LEAST_LINES and gaps >= _MOSTLY * len(filled)


def find(lines: Sequence[str]) -> FixedWidth | None:
    """Return how the lines are parted, the headings in the first; None in any doubt."""
    filled = [line for line in lines if line.strip()]
    if len(filled) < _LEAST_LINES or any("\t" in n or len(n) > _LONGEST for n in filled):
        return None
    ways = [way for wide in (False, True) if (way := _by_places(filled, wide))]
    cells = [[way._fields(_places(line, way.wide)) for line in filled] for way in ways]
    return ways[0] if ways and all(each == cells[0] for each in cells) else None


def _places(line: str, wide: bool) -> str:
    """Return a line with one character a place; wide: a Chinese one takes two."""
    text = line.rstrip("\r\n")
    if wide and not text.isascii():
        text = "".join(n + _BESIDE * (unicodedata.east_asian_width(n) in "WFA") for n in text)
        text = text.replace("\u3000" + _BESIDE, "  ")
    return text.replace("\u3000", " ").rstrip()


def _by_places(filled: Sequence[str], wide: bool) -> FixedWidth | None:
    texts = [_places(line, wide) for line in filled]
    used = 0
    for text in texts:
        used |= int(_FILLED.sub("1", text).replace(" ", "0")[::-1], 2)
    marks = f"{used:b}"[::-1]
    spans = tuple(found.span() for found in re.finditer("1+", marks))
    head = texts[0].replace(_BESIDE, "").split()
    way = FixedWidth(" ", "", blank=True, spans=spans, wide=wide)
    if len(spans) < 2 or way._fields(texts[0]) != head:
        return None
    even = all(_is_even([text[start:end] for text in texts], end - start) for start, end in spans)
    return way if even and any(_GAP.search(text) for text in texts) else None


def _is_even(cells: Sequence[str], width: int) -> bool:
    """Say whether the cells of a column begin at its left edge, or all end at its right one."""
    told = [cell for cell in cells[1:] if cell.strip()]
    left = all(cell[0] != " " for cell in told)
    right = all(len(cell) == width and cell[-1] != " " for cell in told)
    return bool(told) and (left or right) and not any("  " in cell.strip() for cell in told)
