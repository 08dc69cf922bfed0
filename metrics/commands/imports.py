"""`import`: files checked and published by the same path as the upload page."""

import argparse
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from data import ingest, readers, store
from data.coordinates import SYSTEMS
from data.drafting import problem_files
from data.drafting.effects import Mode
from data.errors import DataError
from data.formats.decode import ENCODINGS
from data.surveys.spss import ENCODINGS as SPSS_ENCODINGS
from data.words import both
from metrics.commands.common import Answer, Command, refused
from metrics.disclosure import small_changes
from metrics.disclosure.base_rule import minimum_base


def declare(command: Command) -> None:
    """Declare the command."""
    load = command("import", _import)
    load.add_argument("files", nargs="+", type=Path, metavar="FILE")
    load.add_argument("--table")
    load.add_argument("--mapping", type=Path)
    load.add_argument("--period", type=_year, metavar="YEAR")
    load.add_argument("--crs", choices=SYSTEMS)
    load.add_argument("--encoding", choices=list(dict.fromkeys([*ENCODINGS, *SPSS_ENCODINGS])))
    load.add_argument("--sheet")
    load.add_argument("--delimiter")
    load.add_argument("--mode", choices=get_args(Mode))
    load.add_argument("--check-only", action="store_true")
    load.add_argument("--accept-valid", action="store_true")
    load.add_argument("--problems", type=Path, metavar="WORKBOOK")
    load.add_argument("--author", default="")
    load.add_argument("--message", default="")


def _year(text: str) -> int:
    if not re.fullmatch("2[0-9]{3}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no year such as 2025")
    return int(text)


def _import(options: argparse.Namespace) -> Answer:
    """Check each file and publish it; the exit code is the worst of them."""
    mapping = _mapping(options.mapping)
    if options.problems and len(options.files) > 1:
        raise DataError("problems_of_one", files=len(options.files))
    reports, code = [], 0
    readers.make_ready()  # while the store is opened
    with _opened(store.data_folder()) as opened:
        for file in options.files:
            report, worse = _import_one(opened, file, mapping, options)
            reports.append(report)
            code = max(code, worse)
    return (reports[0] if len(reports) == 1 else reports), code


@contextmanager
def _opened(folder: Path) -> Iterator[store.Store]:
    """Open the store; one that began with this call is kept only if something was published.

    Else the next start would find a store without data in place of the sample county.
    """
    began = not store.exists(folder)
    with store.Store.open(folder) as opened:
        yield opened
        blank = began and not opened.history()
    if blank:
        store.take_away(folder)


def _name(file: Path) -> str:
    """Return the name of a file as text; that of one unpacked from a Chinese archive as well."""
    name = os.fsencode(file.name)
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return name.decode("gb18030", "replace")


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


def _write_problems(opened: store.Store, file: Path, draft: ingest.Draft, target: Path) -> None:
    """Write the records that did not pass as a workbook; one of an earlier call does not stay."""
    target.unlink(missing_ok=True)
    if not draft.problems.empty:
        try:
            target.write_bytes(problem_files.write(opened, file, draft))
        except OSError as error:
            raise DataError("problems_unwritten", file=target, reason=error.strerror) from error


def _told_of_few(opened: store.Store, draft: ingest.Draft) -> ingest.Draft:
    """Add a warning where two versions would give away a few questionnaires, as the page does."""
    key, n = "upload.effect_few", small_changes.few(opened, draft.accepted, draft.effect)
    if not n:
        key, n = "upload.effect_few_places", small_changes.few_places(opened, draft.accepted)
    if not n:
        return draft
    word = both(key, n=n, base=minimum_base(opened))
    return replace(draft, warnings=(*draft.warnings, word))


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
        period=options.period,
    )
    try:
        if not file.is_file():
            raise DataError("file_missing", file=file)
        draft = _told_of_few(opened, ingest.prepare(opened, file, _name(file), chosen))
    except DataError as error:
        return ingest.refusal_report(file, chosen, error) | refused(error), 2
    if options.problems:
        _write_problems(opened, file, draft, options.problems)
    if options.check_only:
        held_back = draft.rejected and not options.accept_valid
        return draft.report(), 2 if held_back or not draft.records_kept else 0
    try:
        version = ingest.publish(
            opened,
            draft,
            author=options.author or os.environ.get("USER", "") or "command line",
            message=options.message,
            accept_valid=options.accept_valid,
        )
    except DataError as error:
        return {**draft.report(), **refused(error)}, 2
    return draft.report(version), 0
