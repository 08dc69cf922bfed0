"""Room on the disk: asked for before much is written, and what is said where there is none.

To check and publish a file takes several times its size for a while: its cells as text, the rows
that passed, their copy among the facts.
"""

import contextlib
import errno
import os
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

from data.errors import DataError

# What is always left: a version's lines in catalog and ledger, and room to discard a draft.
RESERVE = 16 << 20
# Of the bytes of a text, at the most: a cell of one sign and its mark become five bytes of the
# staged cells, GB18030 three of two, then the rows as they are checked and as they are kept.
TIMES = 4
# What Parquet and SPSS pack at the most on average; a ZIP says how large its members are.
_PACKED = 8
_MOST_UNPACKED = 1 << 30


def free(folder: Path) -> int:
    """Return the free bytes of the disk on which a folder lies, or will lie."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    return shutil.disk_usage(there).free


def require(folder: Path, needed: int) -> None:
    """Raise DataError `disk_full` unless a folder's disk has room for so many bytes."""
    there = free(folder)
    if there < needed:
        raise DataError(
            "disk_full",
            folder=folder,
            needed=_megabytes(needed),
            free=there >> 20,
            missing=_megabytes(needed - there),
        )


def for_import(path: Path) -> int:
    """Return the bytes that checking and publishing a file may take for a while."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(4)
    if head == b"PK\x03\x04":
        # More is refused when it is unpacked, whatever the archive says of itself.
        size = min(max(size, _unpacked(path)), _MOST_UNPACKED)
    elif head in (b"PAR1", b"$FL2", b"$FL3"):
        size *= _PACKED
    return TIMES * size + RESERVE


def _unpacked(path: Path) -> int:
    try:
        with zipfile.ZipFile(path) as archive:
            return sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError):  # the reader says what is wrong with it
        return 0


@contextlib.contextmanager
def writing(folder: Path, *others: type[Exception]) -> Iterator[None]:
    """Refuse with a reason what the disk of a folder does not take.

    others: errors besides the system's own that tell of it in their words. Raises DataError
    `disk_is_full`, `folder_not_writable`.
    """
    kinds: tuple[type[Exception], ...] = (OSError, *others)
    try:
        yield
    except kinds as error:
        if _says(error, errno.ENOSPC, errno.EDQUOT):
            raise DataError("disk_is_full", folder=folder, free=free(folder) >> 20) from error
        if _says(error, errno.EROFS, errno.EACCES, errno.EPERM):
            raise DataError("folder_not_writable", folder=folder) from error
        raise


def _says(error: Exception, *numbers: int) -> bool:
    """Say whether an error is one of the system's, told by its number or by others in its words."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in numbers
    return any(os.strerror(number) in str(error) for number in numbers)


def _megabytes(size: int) -> int:
    return -(-size >> 20)
