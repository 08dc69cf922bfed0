"""`versions` and `restore`: the history of the data, and the way back as a new version."""

import argparse

from data import store
from data.words import both
from metrics.commands.common import Answer, Command, held_folder


def declare(command: Command) -> None:
    """Declare the two commands."""
    command("versions", _versions)
    back = command("restore", _restore)
    back.add_argument("number", type=int, metavar="N")
    back.add_argument("--author", default="")


def _versions(_: argparse.Namespace) -> Answer:
    with store.Store.open(held_folder()) as opened:
        return [vars(version) for version in opened.history()], 0


def _restore(options: argparse.Namespace) -> Answer:
    message = both("restore.message", version=options.number).zh
    with store.Store.open(held_folder()) as opened:
        version = opened.restore(
            options.number, author=options.author or "command line", message=message
        )
    return {"version": version, "restored": options.number}, 0
