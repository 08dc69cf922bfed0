"""`verify`, `backup` and `restore-backup`: every file against its hash, one file for the whole."""

import argparse
from dataclasses import asdict
from pathlib import Path

from data import keeping, store
from data.access import audit
from data.errors import DataError
from data.words import both
from metrics.commands.common import Answer, Command, held_folder, refused


def declare(command: Command) -> None:
    """Declare the three commands."""
    command("verify", _verify)
    command("backup", _backup).add_argument("file", type=Path, metavar="FILE")
    command("restore-backup", _bring_back).add_argument("file", type=Path, metavar="FILE")


def _verify(_: argparse.Namespace) -> Answer:
    found = keeping.verify(held_folder())
    audit.note(store.data_folder(), "verified", about=f"v{found.version}")
    damaged = [
        {
            **asdict(each),
            "reason_zh": both(f"keeping.{each.state}").zh,
            "reason_en": both(f"keeping.{each.state}").en,
        }
        for each in found.damaged
    ]
    report = {**asdict(found), "sound": found.sound, "damaged": damaged}
    if found.sound:
        return report, 0
    if found.damaged:
        names = ", ".join(each.file for each in found.damaged[:3])
        return report | refused(
            DataError("store_damaged", files=names, count=len(found.damaged))
        ), 2
    return report | refused(DataError("versions_lost", versions=list(found.lost))), 2


def _backup(options: argparse.Namespace) -> Answer:
    made = keeping.backup(store.data_folder(), options.file.absolute())
    audit.note(store.data_folder(), "backed_up", about=options.file.name)
    return made, 0


def _bring_back(options: argparse.Namespace) -> Answer:
    brought = keeping.bring_back(store.data_folder(), options.file.absolute())
    audit.note(store.data_folder(), "brought_back", about=options.file.name)
    return brought, 0
