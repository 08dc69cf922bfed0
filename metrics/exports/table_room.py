"""How the columns of a table share a line, in Word, PDF and slides alike."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from unicodedata import east_asian_width

# Half-widths of a sign: what the margins of a cell take; no cell asks for more; a word longer than
# that may be broken; so many Chinese signs stay side by side, fewer would be a tower of signs.
_MARGINS, _MOST, _LONGEST, _SIDE_BY_SIDE = 4, 60, 24, 8
_HEADING = 16  # what a heading takes before it is broken
_LATIN = 1.15  # letters and digits are a little wider than half a Chinese sign
# Smaller type is taken where it leaves no more of the height than this; for that alone the type
# becomes no smaller than this share of the largest.
_WORTH, _READABLE = 0.7, 0.8
_UNBROKEN = re.compile("[^\\s\u2e80-\uffef]+")


@dataclass(frozen=True)
class Room:
    """How wide columns are.

    size: of the type, in points. widths: of the columns, in half-widths of a sign of that size.
    """

    size: int
    widths: tuple[int, ...]

    def lines(self, row: Sequence[str]) -> int:
        """Return how many lines a row takes."""
        return _lines([_width(cell) for cell in row], self.widths)


def half_widths(text: str) -> int:
    """Return how wide a text is, in half-widths of a sign."""
    return sum(2 if east_asian_width(sign) in "WFA" else 1 for sign in text)


def shared(
    headings: Sequence[str], rows: Sequence[Sequence[str]], line: float, sizes: Sequence[int]
) -> Room:
    """Return the type of a table and the widths of its columns.

    A cell stays on one line and a long heading may take two; where the line has no room for that,
    the widest columns alone are narrowed, none below its longest word. The type is the largest in
    which that can be, or a smaller one with which the table takes far less height. line: in points.
    sizes: of type, the largest first; the last one is taken where even that breaks words.
    """
    columns = [[row[n] for row in rows] for n in range(len(headings))]
    wide = [[_width(cell) for cell in row] for row in rows]
    least = [
        max(map(_least, [heading, *cells])) + _MARGINS
        for heading, cells in zip(headings, columns, strict=True)
    ]
    wants = [
        max(low, _told(heading, [row[n] for row in wide]) + _MARGINS)
        for n, (low, heading) in enumerate(zip(least, headings, strict=True))
    ]
    fitting = [size for size in sizes if sum(least) <= 2 * line / size] or sizes[-1:]
    rooms = [Room(size, _narrowed(wants, least, 2 * line / size)) for size in fitting]
    chosen = rooms[0]
    for room in rooms[1:]:
        readable = room.size >= _READABLE * sizes[0]
        if readable and _high(room, wide) <= _WORTH * _high(chosen, wide):
            chosen = room
    return chosen


def _high(room: Room, wide: Sequence[Sequence[int]]) -> int:
    return room.size * sum(_lines(row, room.widths) for row in wide)


def _lines(wide: Sequence[int], columns: Sequence[int]) -> int:
    return max(
        1, *(ceil(each / (column - _MARGINS)) for each, column in zip(wide, columns, strict=True))
    )


def _narrowed(wants: Sequence[int], least: Sequence[int], room: float) -> tuple[int, ...]:
    widest = max(wants)
    while widest > 1 and sum(map(min, wants, _level(least, widest))) > room:
        widest -= 1
    return tuple(map(min, wants, _level(least, widest)))


def _level(least: Sequence[int], widest: int) -> list[int]:
    return [max(low, widest) for low in least]


def _told(heading: str, wide: Sequence[int]) -> int:
    """Return what a column asks for: its widest cell, half of a long heading."""
    over = _width(heading)
    return min(max([min(over, max(_HEADING, (over + 1) // 2)), *wide]), _MOST)


def _width(text: str) -> int:
    wide = half_widths(text) - len(text)
    return ceil(2 * wide + _LATIN * (len(text) - wide))


def _least(text: str) -> int:
    """Return the narrowest column in which a text can be read."""
    words = [min(_width(word), _LONGEST) for word in _UNBROKEN.findall(text)]
    return max([min(_width(text), _SIDE_BY_SIDE), *words])
