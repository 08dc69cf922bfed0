"""Compound files: streams by name, whatever the sector size; chains that cannot be are refused."""

import struct

import pytest

from data.formats.compound_file import CompoundFile

END, FREE, TABLE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def entry(name: str, first: int, length: int) -> bytes:
    text = name.encode("utf-16-le")
    head = text.ljust(64, b"\x00") + struct.pack("<H", len(text) + 2)
    return head.ljust(116, b"\x00") + struct.pack("<QI", first | length << 32, 0)


def compound(
    content: bytes,
    shift: int = 9,
    *,
    next_of: dict[int, int] | None = None,
    more: tuple[int, int] = (END, 0),
    tables: int = 1,
) -> bytes:
    """Write a file of three kinds of sectors: 0 the table, 1 the directory, 2... one stream.

    next_of: changes to the table. more: where the list of table sectors goes on, how often.
    """
    size = 1 << shift
    sectors = [content[at : at + size].ljust(size, b"\x00") for at in range(0, len(content), size)]
    table = [TABLE, END, *range(3, 2 + len(sectors)), END]
    table += [FREE] * (size // 4 - len(table))
    for sector, following in (next_of or {}).items():
        table[sector] = following
    directory = entry("Root Entry", END, 0) + entry("Workbook", 2, len(content))
    header = bytearray(size)
    struct.pack_into("<HH", header, 30, shift, 6)
    # The directory, and a cut-off of zero: no stream is small.
    struct.pack_into("<I4xII", header, 48, 1, 0, END)
    struct.pack_into("<II", header, 68, *more)
    struct.pack_into("<109I", header, 76, *([0] * tables + [FREE] * (109 - tables)))
    packed = struct.pack(f"<{size // 4}I", *table)
    return b"".join([header, packed, directory.ljust(size, b"\x00"), *sectors])


@pytest.mark.parametrize("shift", [9, 12])
def test_a_stream_is_found_by_its_name(shift: int) -> None:
    content = bytes(range(256)) * 40
    file = CompoundFile(compound(content, shift))
    assert file.stream("Workbook") == content
    assert file.stream("Book") is None


@pytest.mark.parametrize(
    "content",
    [
        # The stream begins again after its second sector.
        compound(b"x" * 2_000, next_of={3: 2}),
        # It goes on in a sector that no table knows.
        compound(b"x" * 2_000, next_of={3: 4_000}),
        # The list of table sectors returns to itself: hundreds of tables in a file of six sectors.
        compound(b"x" * 2_000, more=(2, 900)),
        compound(b"x" * 2_000, tables=109),
        compound(b"x" * 2_000)[:300],
    ],
    ids=["circle", "outside", "endless list", "many tables", "cut"],
)
def test_chains_that_cannot_be_are_damage(content: bytes) -> None:
    with pytest.raises((ValueError, IndexError, struct.error)):
        CompoundFile(content).stream("Workbook")
