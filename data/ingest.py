"""From a file a person brings to a published version: read, recognise, check, preview, publish.

Nothing is published until somebody has seen the draft: what was understood, every problem with
its record, and what would change. A record with a problem is never published in part; a file with
rejected records is published only when that is asked for.
"""

import hashlib
import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from data import readers, reading
from data.drafting import left_behind, mappings, rows_aside, second_tables
from data.drafting.boundaries import draft_boundaries
from data.drafting.declared_units import declared, without_contradicted
from data.drafting.draft import Draft, refusal_report, sha256_of
from data.drafting.effects import changes
from data.drafting.kits import draft_kit, read_members
from data.drafting.options import Options
from data.drafting.surveys import draft_survey
from data.drafting.tables import draft_table
from data.errors import DataError
from data.files import Grid
from data.formats import kits
from data.formats.idle_parts import without_idle
from data.forms.own_parts import without_own
from data.storage import room  # fmt: skip
from data.store import Store
from data.surveys import designs, other_tools, questionnaires, spss, wide_files, wjx
from data.surveys.place_names import HELD_TOWNS
from data.words import Text, both

__all__ = ["Draft", "Options", "discard", "grids", "prepare", "publish", "read", "refusal_report"]

# Sheets that are looked at where the first is no table that is known.
_MOST_SHEETS = 8
_UNKNOWN = ("table_not_recognised", "survey_suspected", "only_headings")


def prepare(store: Store, path: Path, name: str, options: Options | None = None) -> Draft:
    """Read, recognise and check a file; write accepted rows to the store's staging folder.

    Raises DataError for what cannot be read or recognised at all, `disk_full` before anything is
    written, `still_referred`; problems of single records are in the draft.
    """
    options = options or Options()
    room.require(store.folder, room.for_import(path))
    readers.make_ready()  # while the file is looked through
    sha256 = sha256_of(path)
    try:
        draft = _prepare(store, path, name, sha256, options)
        if not draft.rejected:  # else what is missing may be among those: they are shown first
            left_behind.refuse(store, draft.accepted, draft.options.mode)
        return draft
    except DataError as refusal:
        if refusal.code == "disk_is_full":  # what was half written is room for another
            for staged in _staged(store, sha256):
                shutil.rmtree(staged, ignore_errors=True)  # the upload itself is a file, and stays
        raise


def _prepare(store: Store, path: Path, name: str, sha256: str, options: Options) -> Draft:
    folder = store.new_staging(f"draft-{sha256[:16]}")
    if kits.is_kit(path) and not reading.is_boundaries(path):
        return draft_kit(store, path, name, sha256, options, folder)
    if reading.is_boundaries(path):
        return draft_boundaries(store, path, name, sha256, options, folder)
    grid, missing = spss.without_missing(read(store, path, name, sha256, options))
    try:
        draft = _prepare_grid(store, grid, name, options, folder)
    except DataError as refusal:
        sheets = grid.other_sheets[:_MOST_SHEETS] if options.sheet is None else ()
        if refusal.code not in _UNKNOWN or not sheets:
            raise
        read_as = partial(_of_sheet, store, path, name, sha256, options, folder)
        found = [each for each in map(read_as, sheets) if each]
        if len(found) != 1:
            raise
        grid, draft = found[0]
    said = rows_aside.not_read(grid)
    if missing:
        said = (*said, both("import.declared_missing", cells=missing))
    warnings = (*draft.warnings, *said)
    return replace(draft, sha256=sha256, warnings=warnings, left_out=grid.left_out)


def _of_sheet(
    store: Store, path: Path, name: str, sha256: str, options: Options, folder: Path, sheet: str
) -> tuple[Grid, Draft] | None:
    """Read another sheet of a workbook; None where it is no table that is known."""
    options = replace(options, sheet=sheet)
    try:
        grid = read(store, path, name, sha256, options)
        return grid, _prepare_grid(store, grid, name, options, folder)
    except DataError:
        return None


def read(store: Store, path: Path, name: str, sha256: str, options: Options) -> Grid:
    """Read a table of text once: changed options about its meaning find it staged already."""
    how = {n: getattr(options, n) for n in ("sheet", "delimiter", "encoding")}
    told = hashlib.sha256(repr(sorted(how.items())).encode()).hexdigest()[:8]
    folder = store.folder / "staging" / f"grid-{sha256[:16]}-{told}"
    folder.mkdir(exist_ok=True)
    return without_idle(without_own(reading.read_table(path, name, folder, **how)))


def grids(store: Store, path: Path, draft: Draft) -> dict[str, Grid]:
    """Return the tables of text that a draft was made of, by file name; boundaries are none."""
    if draft.kind == "boundaries":
        return {}
    if draft.kind == "kit":
        folder = store.new_staging(f"members-{draft.sha256[:16]}")
        members, _ = kits.unpack(path, draft.name, folder)
        return read_members(members, folder)[0]
    grid, _ = spss.without_missing(read(store, path, draft.name, draft.sha256, draft.options))
    if draft.kind == "table":
        grid, _ = second_tables.parted(grid, draft.options.table, draft.options.said)
    return {draft.name: grid}


def _prepare_grid(store: Store, grid: Grid, name: str, options: Options, folder: Path) -> Draft:
    if not grid.cells.num_rows and not grid.ragged:
        header = ", ".join(grid.header)[:300]
        raise DataError("only_headings", file=name, header=header)
    if options.table == other_tools.SURVEY:
        return _prepare_whole(store, grid, name, options, folder)
    grid, told = second_tables.parted(grid, options.table, options.said)
    prepare_one = draft_table if told else _prepare_whole
    draft = prepare_one(store, grid, name, options, folder)
    return replace(draft, warnings=(*told, *draft.warnings))


def _prepare_whole(store: Store, grid: Grid, name: str, options: Options, folder: Path) -> Draft:
    known = (
        None if options.table or options.columns else mappings.matching(store.folder, grid.header)
    )
    if known:
        told = {
            key: known.said[key]
            for key in ("table", "columns", "units", "dates", "words")
            if key in known.said
        }
        told["units"] = without_contradicted(told.get("units", {}), declared(grid))
        options = replace(options, **told)
        draft = draft_table(store, grid, name, options, folder)
        applied = both("import.mapping_applied", name=known.name)
        return replace(draft, warnings=(applied, *draft.warnings))
    survey_id = options.survey.survey.get("survey_id") or _survey_id(name)
    if export := _survey_of(store, grid, options):
        cells, survey = export
        options, remembered = _with_remembered(store, survey, options)
        survey_id = options.survey.survey.get("survey_id") or survey_id
        villages = store.read("SELECT community_code, township_code, name_zh FROM communities")
        towns = store.read(HELD_TOWNS)
        reading = wide_files.read_wjx(cells, survey, options.survey, towns, survey_id, villages)
        draft = draft_survey(store, grid, name, options, folder, reading)
        return replace(draft, warnings=(*remembered, *draft.warnings))
    if not options.table and wide_files.is_wide(grid.header):
        reading = wide_files.read_wide(grid, options.survey, store.read(HELD_TOWNS), survey_id)
        return draft_survey(store, grid, name, options, folder, reading)
    try:
        return draft_table(store, grid, name, options, folder)
    except DataError as refusal:
        if refusal.code == "table_not_recognised" and other_tools.looks_like_one(grid):
            header = ", ".join(grid.header)[:300]
            raise DataError("survey_suspected", header=header) from refusal
        raise


def _survey_of(store: Store, grid: Grid, options: Options) -> tuple[Grid, wjx.WjxSurvey] | None:
    """Return the cells and structure of a survey with headings of its own, None for another file.

    It is an export of 问卷星 or certainly of another tool, or a person says that it is a survey,
    now or when the same headings came before.
    """
    said = options.table == other_tools.SURVEY
    if options.table and not said:
        return None
    try:
        export = wjx.recognise(grid)
    except DataError as refusal:  # of an export with columns of somebody's own
        if not said or refusal.code != "wjx_columns":
            raise
        export = None
    if export:
        return grid, export
    if not said and wide_files.is_wide(grid.header):
        return None

    def remembered(asked: Sequence[wjx.Question]) -> bool:
        return questionnaires.is_known(store.folder, questionnaires.fingerprint(asked))

    return other_tools.recognise(grid, said=said, remembered=remembered)


def _with_remembered(
    store: Store, export: wjx.WjxSurvey, options: Options
) -> tuple[Options, tuple[Text, ...]]:
    """Put what was designed or decided for the same questionnaire below what is said now."""
    asked = questionnaires.fingerprint(export.asked)
    known = questionnaires.recall(store.folder, asked)
    if known is None:
        return options, ()
    survey = questionnaires.overlaid(known, options.survey)
    design = designs.awaited(store, asked)
    if design is None:
        return replace(options, survey=survey), (both("import.questionnaire_applied"),)
    title = design.title
    first = {"survey_id": design.survey_id, "title_zh": title.zh}
    first |= {"title_en": title.en} if title.en != title.zh else {}
    survey = replace(survey, survey={**first, **survey.survey})
    word = both("import.questionnaire_designed", survey=design.title)
    return replace(options, survey=survey), (word,)


def publish(
    store: Store, draft: Draft, *, author: str, message: str, accept_valid: bool = False
) -> int:
    """Publish a draft as one new version and return its number.

    Raises DataError `rejected_records` unless every record passed or `accept_valid` is set,
    `nothing_to_publish` when no record passed, `still_referred`.
    """
    if draft.rejected and not accept_valid:
        raise DataError("rejected_records", file=draft.name, rejected=draft.rejected)
    if draft.records_kept == 0:
        raise DataError("nothing_to_publish", file=draft.name)
    left_behind.refuse(store, draft.accepted, draft.options.mode)
    details = {
        "file": draft.name,
        "sha256": draft.sha256,
        "rows": draft.records_kept,
        "rejected": draft.rejected,
    }
    version = store.publish(
        changes(draft.accepted, draft.options.mode),
        author=author,
        message=message or draft.name,
        details=details,
    )
    if draft.reading and draft.reading.questions:
        known = questionnaires.fingerprint(draft.reading.questions)
        questionnaires.remember(store.folder, known, draft.options.survey)
    discard(store, draft.sha256)
    return version


def discard(store: Store, sha256: str) -> None:
    """Delete what was staged of a file; it may hold names and numbers of people."""
    for staged in _staged(store, sha256):
        if staged.is_dir():
            shutil.rmtree(staged, ignore_errors=True)
        else:
            staged.unlink(missing_ok=True)


def _staged(store: Store, sha256: str) -> list[Path]:
    return list((store.folder / "staging").glob(f"*-{sha256[:16]}*"))


def _survey_id(name: str) -> str:
    """Make a survey id of a file's name: letters, digits and dashes only."""
    return re.sub(r"[^\w-]+", "-", Path(name).stem).strip("-") or "survey"
