"""`python app.py …`: the doors that need no browser.

Exit codes: 0 done, 1 an unexpected failure, 2 refused with a clear reason. With --json one JSON
document goes to standard output and nothing else.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

from data import ingest, store
from data.coordinates import SYSTEMS
from data.decode import ENCODINGS
from data.effects import Mode
from data.errors import DataError
from data.sample.generate import SEED
from data.spss import ENCODINGS as SPSS_ENCODINGS
from data.words import both
from metrics import sample_county

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    if options.data:
        os.environ["ZHIXIAO_DATA"] = str(options.data)
    try:
        answer, code = options.run(options)
    except DataError as error:
        answer, code = {"error": error.code, **_words(error)}, 2
    _tell(answer, as_json=options.json)
    return int(code)


def serve(arguments: list[str], run: Callable[..., None]) -> int:
    """Serve the pages on this machine; the sample county is opened when there are no data."""
    parser = argparse.ArgumentParser(prog="python app.py")
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--no-browser", action="store_true")
    parser.add_argument("--data", type=Path)
    options = parser.parse_args(arguments)
    if options.data:
        os.environ["ZHIXIAO_DATA"] = str(options.data.resolve())
    try:
        if options.host not in LOOPBACK:
            raise DataError("host_needs_accounts", host=options.host)
        sample_county.ensure(store.data_folder(), _progress)
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python app.py", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], tuple[Any, int]]) -> Any:
        sub = commands.add_parser(name)
        sub.add_argument("--data", type=Path)
        sub.add_argument("--json", action="store_true")
        sub.set_defaults(run=run)
        return sub

    load = command("import", _import)
    load.add_argument("files", nargs="+", type=Path, metavar="FILE")
    load.add_argument("--table")
    load.add_argument("--mapping", type=Path)
    load.add_argument("--crs", choices=SYSTEMS)
    load.add_argument("--encoding", choices=list(dict.fromkeys([*ENCODINGS, *SPSS_ENCODINGS])))
    load.add_argument("--sheet")
    load.add_argument("--delimiter")
    load.add_argument("--mode", choices=get_args(Mode))
    load.add_argument("--check-only", action="store_true")
    load.add_argument("--accept-valid", action="store_true")
    load.add_argument("--author", default="")
    load.add_argument("--message", default="")
    command("versions", _versions)
    back = command("restore", _restore)
    back.add_argument("number", type=int)
    back.add_argument("--author", default="")
    sample = command("sample", _sample)
    for name in ("counties", "townships", "answers"):
        sample.add_argument(f"--{name}", type=int)
    sample.add_argument("--seed", type=int, default=SEED)
    return parser


def _import(options: argparse.Namespace) -> tuple[Any, int]:
    """Check each file and publish it; the exit code is the worst of them."""
    mapping = _mapping(options.mapping)
    reports, code = [], 0
    with store.Store.open(store.data_folder()) as opened:
        for file in options.files:
            report, refused = _import_one(opened, file, mapping, options)
            reports.append(report)
            code = max(code, refused)
    return (reports[0] if len(reports) == 1 else reports), code


def _mapping(file: Path | None) -> Mapping[str, Any]:
    if file is None:
        return {}
    try:
        mapping = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError("mapping_unreadable", file=file, reason=error) from error
    if not isinstance(mapping, dict):
        raise DataError("mapping_unreadable", file=file, reason="{…}")
    return mapping


def _import_one(
    opened: store.Store, file: Path, mapping: Mapping[str, Any], options: argparse.Namespace
) -> tuple[dict[str, Any], int]:
    chosen = ingest.Options.from_mapping(
        mapping,
        table=options.table,
        crs=options.crs,
        mode=options.mode,
        encoding=options.encoding,
        sheet=options.sheet,
        delimiter=options.delimiter,
    )
    try:
        if not file.is_file():
            raise DataError("file_missing", file=file)
        draft = ingest.prepare(opened, file, file.name, chosen)
    except DataError as error:
        return {"file": file.name, "published": False, "error": error.code, **_words(error)}, 2
    if options.check_only:
        return draft.report(), 2 if draft.rejected else 0
    try:
        version = ingest.publish(
            opened,
            draft,
            author=options.author or os.environ.get("USER", "") or "command line",
            message=options.message,
            accept_valid=options.accept_valid,
        )
    except DataError as error:
        return {**draft.report(), "error": error.code, **_words(error)}, 2
    return draft.report(version), 0


def _versions(_: argparse.Namespace) -> tuple[Any, int]:
    with store.Store.open(store.data_folder()) as opened:
        return [vars(version) for version in opened.history()], 0


def _restore(options: argparse.Namespace) -> tuple[Any, int]:
    message = both("restore.message", version=options.number).zh
    with store.Store.open(store.data_folder()) as opened:
        version = opened.restore(
            options.number, author=options.author or "command line", message=message
        )
    return {"version": version, "restored": options.number}, 0


def _sample(options: argparse.Namespace) -> tuple[Any, int]:
    folder = store.data_folder()
    sample_county.install(
        folder,
        counties=options.counties,
        townships=options.townships,
        answers=options.answers,
        seed=options.seed,
        progress=_progress,
    )
    return {"data": str(folder)}, 0


def _progress(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")


def _words(error: DataError) -> dict[str, str]:
    parts = {"problem": error.problem, "place": error.place, "next_step": error.next_step}
    return {
        f"{name}_{language}": text.in_language(language)
        for name, text in parts.items()
        for language in ("zh", "en")
    }


def _tell(answer: Any, *, as_json: bool) -> None:
    text = json.dumps(answer, ensure_ascii=False, indent=None if as_json else 2, default=str)
    sys.stdout.write(text + "\n")
