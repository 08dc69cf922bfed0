"""One file, three ways in: `python app.py` | `python app.py test` | `streamlit run app.py`.

The first call makes .venv from requirements.txt (from wheels/ when that folder exists, so that it
works with no network); nothing but Python 3.11 or newer is needed beforehand. Everything else the
command line can do is in metrics/command_line.py.
"""

import hashlib
import logging
import os
import re
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
OWN_NAME = __name__ == "__main__"


def command_first(arguments: list[str]) -> list[str]:
    """Return arguments with --data and --json behind the command, if they stood before it."""
    at = 0
    while arguments[at : at + 1] and re.fullmatch("--json|--data(=.*)?", arguments[at]):
        at += 2 if arguments[at] == "--data" else 1
    command = arguments[at : at + 1]
    if not command or command[0].startswith("-"):
        return arguments
    return [*command, *arguments[:at], *arguments[at + 1 :]]


ARGUMENTS = command_first(sys.argv[1:]) if OWN_NAME else []
COMMAND = bool(ARGUMENTS) and not ARGUMENTS[0].startswith("-")

# A command needs no pages; before the first start has made .venv there is nothing to import.
if not COMMAND and find_spec("streamlit"):
    import streamlit as st

    # That caches live in memory before the server runs is so at every start, and no warning.
    logging.getLogger("streamlit.runtime.caching.cache_data_api").setLevel(logging.ERROR)
    # A folder `pages` beside the main script would switch on Streamlit's old navigation; the
    # shell therefore lives inside it and this file only serves it.
    from pages.shared import server

    server.send_at_once()
    app = st.App(
        ROOT / "pages" / "_main.py",
        routes=server.routes(),
        middleware=server.middleware(),
        on_script_error=server.unexpected,
    )


def install(*files: Path) -> None:
    """Bring .venv up to date with requirement files; does nothing when they are unchanged."""
    wanted = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    stamp = VENV / f"{files[-1].parent.name}-{files[-1].stem}.sha256"
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    print("正在准备运行环境，请稍候 / Setting up, please wait …", file=sys.stderr, flush=True)  # noqa: T201 - before there is anything else to say it with
    if not PYTHON.exists():
        venv.create(VENV, with_pip=True, clear=VENV.exists())
    wheels = ROOT / "wheels"
    source = ["--no-index", "--find-links", str(wheels)] if wheels.is_dir() else []
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *source]
    wanted_files = [part for file in files for part in ("-r", str(file))]
    subprocess.run([*pip, *wanted_files], check=True, stdout=sys.stderr)
    stamp.write_text(wanted)


def main(arguments: list[str]) -> int:
    """Set up what is missing, then do what was asked; return the exit code."""
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever starts this may have an older Python
        sys.exit("需要 Python 3.11 或更高版本 / Python 3.11 or newer is needed")
    testing = arguments[:1] == ["test"]
    if Path(sys.prefix).resolve() != VENV.resolve():
        files = [ROOT / "requirements.txt"]
        install(*files, *([ROOT / "tests" / "requirements.txt"] if testing else []))
        return subprocess.call([str(PYTHON), str(ROOT / "app.py"), *arguments])
    if testing:
        os.chdir(ROOT)
        from tests import run

        return run.main(arguments[1:])
    if arguments[:1] == ["bench"]:
        from tests.bench import run as bench

        return bench.main(arguments[1:])
    from metrics import command_line

    if COMMAND:  # its files are named from where it is called
        return command_line.main(arguments)
    return command_line.serve(arguments, _run)


def _run(**how: object) -> None:
    """Serve the pages; Streamlit finds its settings in the folder it runs in."""
    os.chdir(ROOT)
    app.run(**how)


if __name__ == "__main__":
    sys.exit(main(ARGUMENTS))
