"""What a gathered folder holds, each file with its SHA-256; Python's own library is enough."""

import hashlib
import platform
import sys
from pathlib import Path

SUMS = "SHA256SUMS"  # as sha256sum writes them: `sha256sum -c SHA256SUMS` reads it too
TARGET = "TARGET"  # what the wheels are for, such as "linux-x86_64 3.11"
WHEELS = "wheels"


def here() -> str:
    """Return what wheels must be for to run on this machine."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    return f"{platform.system().lower()}-{machine} {sys.version_info[0]}.{sys.version_info[1]}"


def sha256(file: Path) -> str:
    """Return the hash of a file's content."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def write(folder: Path) -> None:
    """Write down every file below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SUMS)
    lines = [f"{sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in files]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8", newline="\n")


def damaged(folder: Path) -> list[str]:
    """Return what is not as it was written down: changed or missing, or a wheel too many.

    Whatever lies among the wheels may be installed; nobody may add one.
    """
    told = {
        name: digest
        for line in (folder / SUMS).read_text(encoding="utf-8").splitlines()
        for digest, _, name in [line.partition("  ")]
    }
    wrong = [
        name
        for name, digest in told.items()
        if not (folder / name).is_file() or sha256(folder / name) != digest
    ]
    held = {f"{WHEELS}/{path.name}" for path in (folder / WHEELS).iterdir()}
    return sorted([*wrong, *(held - set(told))])
