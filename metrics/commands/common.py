"""What every command shares: how it is declared, how a refusal and a progress sentence are told."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from data import store
from data.errors import DataError
from data.words import both, catalogue

Answer = tuple[Any, int]
Command = Callable[[str, Callable[[argparse.Namespace], Answer]], argparse.ArgumentParser]


class Parser(argparse.ArgumentParser):
    """A parser that explains and refuses in the words of this program, in both languages."""

    def add_argument(self, *names: Any, **told: Any) -> argparse.Action:
        """Add an argument; what it is for stands in the catalogue under its name."""
        key = f"command_line.option.{names[0].lstrip('-')}"
        if key in catalogue("zh"):
            told.setdefault("help", said(key))
        return super().add_argument(*names, **told)

    def error(self, message: str) -> NoReturn:
        """Raise DataError `bad_arguments`."""
        raise DataError("bad_arguments", reason=message, usage=self.format_usage().strip())


def said(key: str) -> str:
    """Say something in both languages, as argparse prints it."""
    return " / ".join(both(key)).replace("%", "%%")


def commands_of(parser: argparse.ArgumentParser, above: str = "") -> Command:
    """Return what declares one command of a parser: its name and the function that answers it.

    above: the command that these belong to.
    """
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], Answer]) -> argparse.ArgumentParser:
        told = said(f"command_line.command.{above}{name}")
        sub = commands.add_parser(name, help=told, description=told)
        # What was said before a command is not undone by its silence.
        silent = argparse.SUPPRESS
        sub.add_argument("--data", type=Path, metavar="DIR", default=silent)
        sub.add_argument("--json", action="store_true", default=silent)
        sub.set_defaults(run=run)
        return sub

    return command


def held_folder() -> Path:
    """Return the store to look at: one's own, else the fictional county that was made for it.

    Raises DataError `no_store`; nothing is made where there is none.
    """
    root = store.data_folder()
    for folder in (root, root / store.SAMPLE_FOLDER):
        if store.exists(folder):
            return folder
    raise DataError("no_store", folder=root)


def progress(sentence: str) -> None:
    """Say on standard error how far a command is."""
    sys.stderr.write(sentence + "\n")


def words(error: DataError) -> dict[str, str]:
    """Return the words of a refusal in both languages, for a report."""
    parts = {"problem": error.problem, "place": error.place, "next_step": error.next_step}
    return {
        f"{name}_{language}": text.in_language(language)
        for name, text in parts.items()
        for language in ("zh", "en")
    }


def refused(error: DataError) -> dict[str, str]:
    """Return the report of a refusal: its code and its words."""
    return {"error": error.code, **words(error)}
