"""A ZIP of several tables, such as a filled template kit: its members, taken out within limits."""

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from data.contracts import TABLES, Table
from data.errors import DataError
from data.formats.xml_parts import ARCHIVE_DAMAGE

_MOST_MEMBERS = 200
_LARGEST = 1 << 30
_CHUNK = 1 << 20
_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods", ".parquet", ".sav")
# What programs and kits put beside the tables.
_ASIDE = ("__MACOSX", "README", "readme", "说明", ".", "Thumbs.db", "desktop.ini")
# Letters, slides and pictures that people put beside them: certainly no tables.
_NO_TABLES = (
    ".doc", ".docx", ".wps", ".pdf", ".ofd", ".ppt", ".pptx", ".md", ".jpg", ".jpeg", ".png",
    ".gif", ".bmp", ".url", ".lnk",
)  # fmt: skip


@dataclass(frozen=True)
class Member:
    """One table of a kit: what it is called there, and where it was taken out to."""

    name: str
    path: Path


def is_kit(path: Path) -> bool:
    """Say whether a file is a ZIP of table files: no workbook, no shapefile."""
    if not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except ARCHIVE_DAMAGE:
        return False
    if "[Content_Types].xml" in names or "mimetype" in names:
        return False
    return any(name.lower().endswith(_TABLES) for name in names)


def unpack(path: Path, name: str, folder: Path) -> tuple[list[Member], list[str]]:
    """Take the tables of a kit out into `folder`; return them and what was left aside.

    Raises DataError `kit_too_large` beyond 200 members or 1 GB unpacked, `kit_unknown_member` for
    a file that is no table or where none is one, `unreadable` for a damaged or encrypted archive,
    or one in which two files have one name.
    """
    members: list[Member] = []
    aside: list[str] = []
    room = _LARGEST
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > _MOST_MEMBERS:
                raise DataError("kit_too_large", file=name, limit=f"{_MOST_MEMBERS}")
            for number, entry in enumerate(entries):
                title = _title(entry)
                if _is_aside(title):
                    aside.append(title)
                    continue
                if not title.lower().endswith(_TABLES):
                    raise DataError("kit_unknown_member", file=name, member=title)
                if title in (member.name for member in members):
                    raise DataError("unreadable", file=name, reason=f"2 × {title}"[:200])
                # Its own name is only said, never used as a path.
                target = folder / f"member-{number}"
                room -= _take_out(archive, entry, target, room, name)
                members.append(Member(title, target))
    except (*ARCHIVE_DAMAGE, RuntimeError) as error:
        raise DataError("unreadable", file=name, reason=str(error)[:200]) from error
    if not members:  # a hidden file may end as a table does
        raise DataError("kit_unknown_member", file=name, member="、".join(aside)[:200])
    return members, aside


def parents_first(tables: Iterable[Table]) -> list[Table]:
    """Order tables so that each comes after those it refers to."""
    wanted = {table.name: table for table in tables}
    ordered: dict[str, Table] = {}

    def place(table: Table) -> None:
        parents = {key.parent for key in table.foreign_keys}
        parents |= {name for rule in table.rules for name in rule.reads}
        for parent in parents - {table.name}:
            if parent in wanted and parent not in ordered:
                place(TABLES[parent])
        ordered.setdefault(table.name, table)

    for table in wanted.values():
        place(table)
    return list(ordered.values())


def _take_out(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, room: int, name: str
) -> int:
    # What an entry says of its own size is not believed.
    taken = 0
    with archive.open(entry) as source, target.open("wb") as file:
        while chunk := source.read(_CHUNK):
            taken += len(chunk)
            if taken > room:
                raise DataError("kit_too_large", file=name, limit=f"{_LARGEST >> 20} MB")
            file.write(chunk)
    return taken


def _title(entry: zipfile.ZipInfo) -> str:
    """Return the name of an entry; Chinese programs write GB18030 without saying so."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return entry.filename


def _is_aside(title: str) -> bool:
    if title.lower().endswith(_NO_TABLES):
        return True
    parts = PurePosixPath(title.replace("\\", "/")).parts
    return any(part.startswith(_ASIDE) for part in parts if part != "..")
