"""`python app.py export WHAT --out FILE`: a table of what the pages show, as a file."""

import argparse
from pathlib import Path

from data import store as stores
from data.access import audit
from data.errors import DataError
from data.store import Store
from data.words import LANGUAGES
from metrics.commands.common import Answer, Command, held_folder, said
from metrics.exports.extract_files import WRITERS, writer_for
from metrics.exports.extracts import KINDS, Wish, extract, scope_for

UNIT_TYPES = ("township", "subdistrict")


def declare(command: Command) -> None:
    """Tell the command line of this command."""
    sub = command("export", run)
    sub.add_argument("what", choices=list(KINDS), metavar="WHAT", help=" | ".join(KINDS))
    sub.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FILE",
        help=f"{said('command_line.option.out')} ({', '.join(WRITERS)})",
    )
    rows = "; ".join(f"{what}: {', '.join(kind.by)}" for what, kind in KINDS.items() if kind.by)
    sub.add_argument("--by", help=f"{said('command_line.option.by')} ({rows})")
    sub.add_argument("--period", metavar="YEAR")
    sub.add_argument("--version", type=int, metavar="N")
    sub.add_argument("--place", metavar="CODE")
    sub.add_argument("--type", choices=UNIT_TYPES)
    for name in ("survey", "item", "service"):
        sub.add_argument(f"--{name}")
    sub.add_argument("--radius", type=float, metavar="METRES")
    sub.add_argument("--lang", choices=LANGUAGES, default="zh")


def run(options: argparse.Namespace) -> Answer:
    """Write the file and say what stands in it."""
    out: Path = options.out
    writer = writer_for(options.what, out)
    with Store.open(held_folder()) as opened:
        held = opened if options.version is None else opened.at(options.version)
        scope = scope_for(held, options.period, options.place, options.type)
        wish = Wish(
            options.what, scope, options.by, options.survey, options.item,
            options.service, options.radius,
        )  # fmt: skip
        found = extract(held, wish)
        content = writer(held, found, options.lang)
    _save(out, content)
    audit.note(stores.data_folder(), "taken_out", about=f"{options.what} {out.name}")
    return {"file": str(out), "rows": len(found.table), "bytes": len(content), **found.about}, 0


def _save(out: Path, content: bytes) -> None:
    """Write the file whole or not at all."""
    half = out.with_name(f"{out.name}.half")
    try:
        half.write_bytes(content)
        half.replace(out)
    except OSError as error:
        raise DataError("out_unwritable", file=out, reason=error.strerror or error) from error
