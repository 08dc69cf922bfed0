"""`python app.py …`: the doors that need no browser.

Exit codes: 0 done, 1 an unexpected failure, 2 refused with a clear reason. With --json one JSON
document goes to standard output and nothing else.
"""

import argparse
import io
import json
import logging
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from data import store
from data.access import accounts
from data.errors import DataError
from metrics.commands.common import Answer, Parser, commands_of, progress, refused, said

LOOPBACK = ("127.0.0.1", "localhost", "::1")
# Module -> what it declares. Only what is asked for is loaded: the figures alone take a second.
DOORS = {
    "imports": ("import",),
    "export": ("export",),
    "versions": ("versions", "restore"),
    "keeping": ("verify", "backup", "restore-backup"),
    "sample": ("sample",),
    "users": ("user",),
}


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    try:
        answer, code = _answer(arguments)
    except DataError as error:
        answer, code = refused(error), 2
    except Exception as error:
        logging.getLogger(__name__).exception("unexpected error")
        answer, code = refused(DataError("unexpected_failure", reason=repr(error)[:300])), 1
    _tell(answer, as_json="--json" in arguments)
    return code


def _answer(arguments: list[str]) -> Answer:
    parser = Parser(prog="python app.py", description=__doc__)
    command = commands_of(parser)
    asked = [door for door, names in DOORS.items() if {*names} & {*arguments[:1]}]
    for door in asked or DOORS:
        import_module(f"metrics.commands.{door}").declare(command)
    options = parser.parse_args(arguments)
    if "data" in options:
        os.environ["ZHIXIAO_DATA"] = str(options.data.resolve())
    answer: Answer = options.run(options)
    return answer


def serve(arguments: list[str], run: Callable[..., None]) -> int:
    """Serve the pages on this machine; the sample county is opened when there are no data."""
    from metrics import sample_county

    try:
        options = _serving().parse_args(arguments)
        if options.data:
            os.environ["ZHIXIAO_DATA"] = str(options.data.resolve())
        os.environ["ZHIXIAO_DATA"] = str(store.data_folder())  # wherever it then runs
        _require_accounts(options.host)
        sample_county.ensure(store.data_folder(), progress)
    except DataError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stderr.write(f"http://{options.host}:{options.port}\n")
    settings = {"server.address": options.host, "server.port": options.port}
    if options.no_browser:
        settings["server.headless"] = True
    # Streamlit reads the arguments itself when it starts; these were ours.
    sys.argv = sys.argv[:1]
    run(config=settings)
    return 0


def _serving() -> Parser:
    """Return what reads the arguments of a start, and tells of the commands."""
    names = ("test", "bench", *(name for door in DOORS.values() for name in door))
    lines = [f"  {name:<15} {said(f'command_line.command.{name}')}" for name in names]
    parser = Parser(
        prog="python app.py",
        description=said("command_line.command.serve"),
        epilog="\n".join([said("command_line.commands"), *lines]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--no-browser", action="store_true")
    parser.add_argument("--data", type=Path, metavar="DIR")
    return parser


def _require_accounts(host: str) -> None:
    """Refuse to serve others, or to ask for a sign-in, before there is an administrator."""
    proxied = bool(os.environ.get("ZHIXIAO_HOSTS"))
    asked = host not in LOOPBACK or proxied or os.environ.get("ZHIXIAO_AUTH") == "required"
    if asked and not accounts.has_administrator(store.data_folder()):
        raise DataError("host_needs_accounts", host=host)
    os.environ["ZHIXIAO_HOST"] = host


def _tell(answer: Any, *, as_json: bool) -> None:
    """Print an answer; as JSON in UTF-8, whatever the terminal speaks."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A name of a file that is no text stands as its escape.
        encoding = "utf-8" if as_json else None
        sys.stdout.reconfigure(encoding=encoding, errors="backslashreplace")
    text = json.dumps(answer, ensure_ascii=False, indent=None if as_json else 2, default=str)
    sys.stdout.write(text + "\n")
