"""What every command shares: how it is declared, how a refusal and a progress sentence are told."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from data.errors import DataError

Answer = tuple[Any, int]
Command = Callable[[str, Callable[[argparse.Namespace], Answer]], argparse.ArgumentParser]


class Parser(argparse.ArgumentParser):
    """A parser that refuses in the words of this program, not with an exit of its own."""

    def error(self, message: str) -> NoReturn:
        """Raise DataError `bad_arguments`."""
        raise DataError("bad_arguments", reason=message, usage=self.format_usage().strip())


def commands_of(parser: argparse.ArgumentParser) -> Command:
    """Return what declares one command of a parser: its name and the function that answers it."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], Answer]) -> argparse.ArgumentParser:
        sub = commands.add_parser(name)
        sub.add_argument("--data", type=Path)
        sub.add_argument("--json", action="store_true")
        sub.set_defaults(run=run)
        return sub

    return command


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
