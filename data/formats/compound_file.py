"""Streams inside a compound file ([MS-CFB]), the container of old Office documents."""

import struct
from collections.abc import Mapping

_SPECIAL = 0xFFFFFFFA
_DIRECTORY_ENTRY = 128


class CompoundFile:
    """Named streams of a compound file held in memory.

    What does not fit together raises ValueError, IndexError or struct.error.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        sector, mini_sector = struct.unpack_from("<HH", content, 30)
        if not (7 <= sector <= 12 and mini_sector <= sector):
            raise ValueError("sector size")
        self._size, self._mini_size = 1 << sector, 1 << mini_sector
        directory, self._cutoff, first_mini = struct.unpack_from("<I4xII", content, 48)
        self._table = self._sector_table()
        self._entries = _entries(self._chain(directory))
        self._mini_table = _numbers(self._chain(first_mini))

    def stream(self, name: str) -> bytes | None:
        """Return a stream by its name, None where the file has none of it."""
        if name not in self._entries:
            return None
        first, length = self._entries[name]
        if length >= self._cutoff:
            return self._chain(first)[:length]
        mini = self._chain(self._entries["Root Entry"][0])
        return _joined(mini, self._mini_table, first, self._mini_size, 0)[:length]

    def _sector_table(self) -> tuple[int, ...]:
        sectors = list(struct.unpack_from("<109I", self._content, 76))
        following, count = struct.unpack_from("<II", self._content, 68)
        for _ in range(min(count, len(self._content) // self._size)):
            place = (following + 1) * self._size
            more = struct.unpack_from(f"<{self._size // 4}I", self._content, place)
            sectors += more[:-1]
            following = more[-1]
        places = [(sector + 1) * self._size for sector in sectors if sector < _SPECIAL]
        if len(places) * self._size > len(self._content):
            raise ValueError("sector table larger than the file")
        return _numbers(b"".join(self._content[p : p + self._size] for p in places))

    def _chain(self, first: int) -> bytes:
        # The header fills the first sector, however large sectors are.
        return _joined(self._content, self._table, first, self._size, self._size)


def _numbers(content: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(content) // 4}I", content[: len(content) // 4 * 4])


def _joined(content: bytes, table: tuple[int, ...], first: int, size: int, offset: int) -> bytes:
    """Join the sectors of a chain; one that runs in a circle is damaged."""
    parts: list[bytes] = []
    while first < _SPECIAL:
        if len(parts) * size > len(content):
            raise ValueError("sectors run in a circle")
        parts.append(content[offset + first * size : offset + (first + 1) * size])
        first = table[first]
    return b"".join(parts)


def _entries(directory: bytes) -> Mapping[str, tuple[int, int]]:
    """Return name -> (first sector, length) of all streams and of the root."""
    found: dict[str, tuple[int, int]] = {}
    for place in range(0, len(directory) - _DIRECTORY_ENTRY + 1, _DIRECTORY_ENTRY):
        length = struct.unpack_from("<H", directory, place + 64)[0]
        name = directory[place : place + max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace")
        found.setdefault(name, struct.unpack_from("<II", directory, place + 116))
    return found
