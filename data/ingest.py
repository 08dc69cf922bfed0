"""From a file a person brings to a published version: read, recognise, check, preview, publish.

Nothing is published until somebody has seen the draft: what was understood, every problem with
its record, and what would change. A record with a problem is never published in part; a file with
rejected records is published only when that is asked for.
"""

import hashlib
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data import (
    boundary_units,
    coordinates,
    designs,
    kits,
    mappings,
    outliers,
    periods,
    placement,
    questionnaires,
    reading,
    registrations,
    spss,
    survey_files,
    wjx,
)
from data.checks import PROBLEM_COLUMNS, Checked, against_held, check, problem
from data.contracts import TABLES, Table
from data.effects import Mode, changes, effect
from data.errors import DataError
from data.files import Grid, LeftOut, Ragged
from data.headers import Place, Said, in_unit_of_contract, recognise_table
from data.idle_parts import numbering, without_idle
from data.notations import in_contract_notation
from data.own_parts import without_own
from data.placement import Placement
from data.store import Store
from data.survey_reading import SurveyMapping, SurveyReading
from data.words import Text, both

LARGEST_REPORT = 100_000
# Marks that rest on what is not kept: network addresses, what was blank and what was not used.
FILE_ONLY = ("same_ip", "same_ip_same_answers", "many_blanks")
_ROWS_NAMED = 6
# Sheets that are looked at where the first is no table that is known.
_MOST_SHEETS = 8
# The options that a mapping file holds as they are; those of a survey have names of their own.
_PLAIN = (
    "table",
    "columns",
    "units",
    "dates",
    "sheet",
    "delimiter",
    "encoding",
    "crs",
    "mode",
    "period",
)


@dataclass(frozen=True)
class Options:
    """What the person says about a file.

    table: contract table, or None to recognise it. columns: file header -> contract column, or
    None to leave the column out. units: file header -> unit it counts in. dates: file header ->
    order of day and month before the year, 'dmy' or 'mdy'. crs: WGS84, CGCS2000,
    GCJ02 or BD09. mode: merge adds and corrects by key; replace also removes what is held for the
    same period and absent from the file; append refuses rows already held; correct refuses rows
    not held. sheet, delimiter, encoding: see files.read_grid. period: the year that all records
    are of: a file without a year column is given it, a record of another year is a problem.
    """

    table: str | None = None
    columns: Mapping[str, str | None] = field(default_factory=dict)
    survey: SurveyMapping = field(default_factory=SurveyMapping)
    crs: str = "WGS84"
    mode: Mode = "merge"
    encoding: str | None = None
    sheet: str | None = None
    delimiter: str | None = None
    units: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=dict)
    period: int | None = None

    @property
    def said(self) -> Said:
        """What was said of the columns."""
        given = {periods.YEAR: str(self.period)} if self.period else {}
        return Said(self.columns, self.units, given, self.dates)

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any], **options: Any) -> "Options":
        """Read a mapping file; options that are not None win over it.

        Keys: table, columns, units, dates, sheet, delimiter, encoding, crs, mode, period, survey,
        questions, labels, areas, leave_out.
        """
        survey = SurveyMapping(
            survey=mapping.get("survey", {}),
            questions=mapping.get("questions", {}),
            labels=mapping.get("labels", {}),
            areas=mapping.get("areas", {}),
            leave_out=frozenset(mapping.get("leave_out", ())),
        )
        told = {name: mapping[name] for name in _PLAIN if mapping.get(name) is not None}
        given = {name: value for name, value in options.items() if value is not None}
        return cls(survey=survey, **(told | given))

    def to_mapping(self) -> dict[str, Any]:
        """Return the mapping file of these options, which `from_mapping` reads."""
        of_survey = ("survey", "questions", "labels", "areas")
        held = {name: getattr(self, name) for name in _PLAIN}
        held |= {name: getattr(self.survey, name) for name in of_survey}
        held["leave_out"] = sorted(self.survey.leave_out)
        return {name: value for name, value in held.items() if value}


@dataclass(frozen=True)
class Draft:
    """A file understood and checked, not yet published.

    kind: 'table', 'survey', 'boundaries' or 'kit' (several tables, whose problems have a column
    `file`). header: of a single table. left_out: rows of the file that are no records.
    placement: what the boundaries say of the points (of a kit: where all its tables agree), None
    where there are none; of boundaries what the points held say.
    accepted: contract table -> staged typed rows. effect: one row per table: rows new, changed,
    unchanged, removed.
    """

    name: str
    sha256: str
    encoding: str
    kind: str
    options: Options
    accepted: Mapping[str, Path]
    problems: pd.DataFrame
    warnings: tuple[Text, ...]
    records_read: int
    records_kept: int
    effect: pd.DataFrame
    reading: SurveyReading | None = None
    header: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    placement: Placement | None = None

    @property
    def rejected(self) -> int:
        """Records that would not be published."""
        return self.records_read - self.records_kept

    def report(self, version: int | None = None) -> dict[str, Any]:
        """Return the report that the command line prints (doors.md, `import`)."""
        tables = list(self.accepted)
        return {
            "file": self.name,
            "sha256": self.sha256,
            "encoding": self.encoding,
            "table": tables[0] if len(tables) == 1 else self.kind,
            "tables": tables,
            "rows_read": self.records_read,
            "rows_accepted": self.records_kept,
            "rows_rejected": self.rejected,
            "left_out": [each._asdict() for each in self.left_out],
            "problems_total": len(self.problems),
            "problems": self.problems.head(LARGEST_REPORT).to_dict("records"),
            "warnings": [{"zh": word.zh, "en": word.en} for word in self.warnings],
            "effect": self.effect.to_dict("records"),
            "suggested_crs": self.placement.suggested if self.placement else None,
            "version": version,
            "published": version is not None,
        }


def refusal_report(path: Path, options: Options, error: DataError) -> dict[str, Any]:
    """Return the report of a file that was refused as a whole, in the shape of `Draft.report`."""
    whole = (0, 0, "", "", error.code, error.problem.zh, error.problem.en)
    return {
        "file": path.name,
        "sha256": _sha256(path) if path.is_file() else None,
        "encoding": options.encoding,
        "table": options.table,
        "tables": [],
        "rows_read": 0,
        "rows_accepted": 0,
        "rows_rejected": 0,
        "left_out": [],
        "problems_total": 1,
        "problems": [dict(zip(PROBLEM_COLUMNS, whole, strict=True))],
        "warnings": [],
        "effect": [],
        "version": None,
        "published": False,
    }


def prepare(store: Store, path: Path, name: str, options: Options | None = None) -> Draft:
    """Read, recognise and check a file; write accepted rows to the store's staging folder.

    Raises DataError for what cannot be read or recognised at all; problems of single records are
    in the draft.
    """
    options = options or Options()
    sha256 = _sha256(path)
    folder = store.new_staging(f"draft-{sha256[:16]}")
    if kits.is_kit(path) and not reading.is_boundaries(path):
        return _prepare_kit(store, path, name, sha256, options, folder)
    if reading.is_boundaries(path):
        return _prepare_boundaries(store, path, name, sha256, options, folder)
    grid, missing = spss.without_missing(read(store, path, name, sha256, options))
    try:
        draft = _prepare_grid(store, grid, name, options, folder)
    except DataError as refusal:
        sheets = grid.other_sheets[:_MOST_SHEETS] if options.sheet is None else ()
        if refusal.code != "table_not_recognised" or not sheets:
            raise
        read_as = partial(_of_sheet, store, path, name, sha256, options, folder)
        found = [each for each in map(read_as, sheets) if each]
        if len(found) != 1:
            raise
        grid, draft = found[0]
    said = _of_grid(grid)
    if missing:
        said = (*said, both("import.declared_missing", cells=missing))
    return replace(draft, warnings=(*draft.warnings, *said), left_out=grid.left_out)


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


def _of_grid(grid: Grid) -> tuple[Text, ...]:
    """Say what of a file was not read: rows that are no records, other sheets."""
    said = []
    if grid.left_out:
        shown = [
            Text(*(f"{each.line} ({getattr(_kind(each.kind), side)})" for side in ("zh", "en")))
            for each in grid.left_out[:_ROWS_NAMED]
        ]
        rows = Text("、".join(w.zh for w in shown), ", ".join(w.en for w in shown))
        more = Text("等", " and others") if len(grid.left_out) > _ROWS_NAMED else ""
        said.append(both("import.left_out", n=len(grid.left_out), rows=rows, more=more))
    if grid.other_sheets:
        sheets = "、".join(grid.other_sheets)
        said.append(both("import.other_sheets", sheet=grid.sheet, sheets=sheets))
    return tuple(said)


def _kind(kind: str) -> Text:
    return both(f"import.left_out_kind.{kind}")


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
        return {member.name: _read_member(member, folder) for member in members}
    grid, _ = spss.without_missing(read(store, path, draft.name, draft.sha256, draft.options))
    return {draft.name: grid}


def _read_member(member: kits.Member, folder: Path) -> Grid:
    own = folder / f"{member.path.name}-grid"
    own.mkdir()
    return without_idle(without_own(reading.read_table(member.path, member.name, own)))


def _prepare_grid(store: Store, grid: Grid, name: str, options: Options, folder: Path) -> Draft:
    known = (
        None if options.table or options.columns else mappings.matching(store.folder, grid.header)
    )
    if known:
        told = {
            key: known.said[key]
            for key in ("table", "columns", "units", "dates")
            if key in known.said
        }
        options = replace(options, **told)
        draft = _prepare_table(store, grid, name, options, folder)
        applied = both("import.mapping_applied", name=known.name)
        return replace(draft, warnings=(applied, *draft.warnings))
    towns = store.read("SELECT township_code, name_zh FROM townships")
    export = None if options.table else wjx.recognise(grid)
    if export:
        options, remembered = _with_remembered(store, export, options)
        survey_id = options.survey.survey.get("survey_id") or _survey_id(name)
        villages = store.read("SELECT community_code, township_code, name_zh FROM communities")
        reading = survey_files.read_wjx(grid, export, options.survey, towns, survey_id, villages)
        draft = _prepare_survey(store, grid, name, options, folder, reading)
        return replace(draft, warnings=(*remembered, *draft.warnings))
    survey_id = options.survey.survey.get("survey_id") or _survey_id(name)
    if not options.table and survey_files.is_wide(grid.header):
        reading = survey_files.read_wide(grid, options.survey, towns, survey_id)
        return _prepare_survey(store, grid, name, options, folder, reading)
    return _prepare_table(store, grid, name, options, folder)


def _with_remembered(
    store: Store, export: wjx.WjxSurvey, options: Options
) -> tuple[Options, tuple[Text, ...]]:
    """Put what was designed or decided for the same questionnaire below what is said now."""
    asked = questionnaires.fingerprint(export.questions)
    known = questionnaires.recall(store.folder, asked)
    if known is None:
        return options, ()
    survey = questionnaires.overlaid(known, options.survey)
    design = designs.awaited(store, asked)
    if design is None:
        return replace(options, survey=survey), (both("import.questionnaire_applied"),)
    first = {"survey_id": design.survey_id, "title_zh": design.title.zh}
    survey = replace(survey, survey={**first, **survey.survey})
    word = both("import.questionnaire_designed", survey=design.title)
    return replace(options, survey=survey), (word,)


def publish(
    store: Store, draft: Draft, *, author: str, message: str, accept_valid: bool = False
) -> int:
    """Publish a draft as one new version and return its number.

    Raises DataError `rejected_records` unless every record passed or `accept_valid` is set,
    `nothing_to_publish` when no record passed.
    """
    if draft.rejected and not accept_valid:
        raise DataError("rejected_records", file=draft.name, rejected=draft.rejected)
    if draft.records_kept == 0:
        raise DataError("nothing_to_publish", file=draft.name)
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
    for staged in (store.folder / "staging").glob(f"*-{sha256[:16]}*"):
        if staged.is_dir():
            shutil.rmtree(staged, ignore_errors=True)
        else:
            staged.unlink(missing_ok=True)


def _prepare_table(
    store: Store,
    grid: Grid,
    name: str,
    options: Options,
    folder: Path,
    batch: Mapping[str, Path] | None = None,
) -> Draft:
    given, options = options, _unnumbered(grid, options)
    chosen, places = recognise_table(grid.header, options.table, options.said)
    columns, rewritten = _columns(grid, chosen, places, options.said)
    faulty = _faulty(grid, {place.position for place in places.values()})
    other = periods.other(grid, columns.get(periods.YEAR), options.period)
    faulty = pd.concat([faulty, other[~other["record"].isin(faulty["record"])]])
    text = pa.table({"record": grid.records, "line": grid.lines, **columns})
    if len(faulty):
        bad = pa.array(faulty["record"], pa.int64())
        text = text.filter(pc.invert(pc.is_in(text["record"], bad)))
    checked = check(store, chosen, text, folder, batch, options.mode)
    placed = placement.of_file(store, checked.accepted, options.crs)
    idle = set(options.columns) - set(given.columns)
    warnings = (
        *(both("import.numbering", column=heading) for heading in idle),
        *rewritten,
        *_converted_units(chosen, places),
        *_to_wgs84(chosen, checked, options),
        *(placed.warnings() if placed else ()),
        *periods.said(chosen, places, options.period),
        *outliers.against_last(store, chosen, checked.accepted),
    )
    ragged = _ragged(grid)
    problems = pd.concat([checked.problems, faulty, ragged]).sort_values("record", kind="stable")
    return Draft(
        name=name,
        sha256=grid.sha256,
        encoding=grid.encoding,
        kind="table",
        options=replace(options, table=chosen.name),
        accepted={chosen.name: checked.accepted},
        problems=problems.reset_index(drop=True),
        warnings=warnings,
        records_read=checked.read + faulty["record"].nunique() + len(ragged),
        records_kept=checked.kept,
        effect=effect(store, {chosen.name: checked.accepted}, options.mode),
        header=grid.header,
        placement=placed,
    )


def _unnumbered(grid: Grid, options: Options) -> Options:
    """Leave out the column that only numbers the rows, unless a person said what it is."""
    heading = numbering(grid)
    if heading is None or heading in options.columns:
        return options
    return replace(options, columns={**options.columns, heading: None})


def _columns(
    grid: Grid, chosen: Table, places: Mapping[str, Place], said: Said
) -> tuple[dict[str, pa.ChunkedArray | pa.Array], tuple[Text, ...]]:
    """Return the columns of the contract as the checks read them, and what is told of them."""
    columns: dict[str, pa.ChunkedArray | pa.Array] = {}
    told: list[Text] = []
    for column in chosen.columns:
        place = places.get(column.name)
        if place is None:
            value = pa.scalar(said.given.get(column.name), pa.string())
            columns[column.name] = pa.repeat(value, grid.cells.num_rows)
            continue
        cells, words = in_contract_notation(
            grid.cells.column(place.position),
            column,
            place,
            order=said.dates.get(grid.header[place.position]),
            commas=grid.delimiter != ";",
        )
        columns[column.name] = in_unit_of_contract(cells, place)
        told += words
    return columns, tuple(told)


def _converted_units(chosen: Table, places: Mapping[str, Place]) -> tuple[Text, ...]:
    return tuple(
        both(
            "import.unit_converted",
            column=chosen.column(name).label,
            unit=place.unit,
            own=chosen.column(name).unit or "",
        )
        for name, place in places.items()
        if place.factor != 1
    )


def _prepare_kit(
    store: Store, path: Path, name: str, sha256: str, options: Options, folder: Path
) -> Draft:
    """Check the tables of a kit in the order in which they refer to each other."""
    members, aside = kits.unpack(path, name, folder)
    grids: dict[str, tuple[str, Grid]] = {}
    for member in members:
        grid = _read_member(member, folder)
        chosen, _ = recognise_table(grid.header, None, _unnumbered(grid, options).said)
        if chosen.name in grids:
            first = grids[chosen.name][0]
            raise DataError(
                "kit_doubled", file=name, table=chosen.label, first=first, second=member.name
            )
        grids[chosen.name] = (member.name, grid)
    accepted: dict[str, Path] = {}
    parts = []
    for chosen in kits.parents_first(TABLES[key] for key in grids):
        title, grid = grids[chosen.name]
        told = replace(options, table=chosen.name)
        part = _prepare_table(store, grid, title, told, folder, accepted)
        part = replace(part, warnings=(*part.warnings, *_of_grid(grid)))
        accepted |= part.accepted
        parts.append(part)
    warnings = [warning for part in parts for warning in part.warnings]
    if aside:
        warnings.append(both("import.kit_aside", files="、".join(aside)))
    return Draft(
        name=name,
        sha256=sha256,
        encoding="zip",
        kind="kit",
        options=options,
        accepted=accepted,
        problems=pd.concat([part.problems.assign(file=part.name) for part in parts]).reset_index(
            drop=True
        ),
        warnings=tuple(warnings),
        records_read=sum(part.records_read for part in parts),
        records_kept=sum(part.records_kept for part in parts),
        effect=effect(store, accepted, options.mode),
        placement=placement.of_all(part.placement for part in parts),
    )


def _ragged(grid: Grid) -> pd.DataFrame:
    rows = [
        problem(r.record, r.line, "", r.text, code, found=r.found, expected=r.expected)
        for r in grid.ragged
        for code in [_kind_of(r)]
    ]
    return pd.DataFrame(rows, columns=list(PROBLEM_COLUMNS))


def _kind_of(record: Ragged) -> str:
    if record.found != record.expected:
        return "ragged"
    return "stray_quote" if record.stray else "beside_piece"


def _faulty(grid: Grid, used: set[int]) -> pd.DataFrame:
    """Return the workbook cells that hold an error (#N/A), in columns that are taken."""
    rows = [
        problem(fault.record, fault.line, grid.header[fault.column], fault.value, code)
        for fault in grid.faults
        if fault.column in used
        for code in ["cell_merged" if fault.merged else "cell_error"]
    ]
    return pd.DataFrame(rows, columns=list(PROBLEM_COLUMNS))


def _to_wgs84(chosen: Table, checked: Checked, options: Options) -> tuple[Text, ...]:
    """Convert accepted points to WGS-84 in place, as the file or its rows declare."""
    if not {"lat", "lon"} <= set(chosen.column_names):
        return ()
    frame = pd.read_parquet(checked.accepted)
    declared = placement.declared_systems(frame, options.crs)
    said = []
    for crs in sorted(set(declared.dropna()) - {"WGS84"}):
        rows = declared.eq(crs) & frame["lat"].notna() & frame["lon"].notna()
        if rows.any():
            lon, lat = coordinates.convert(
                frame.loc[rows, "lon"].to_numpy(), frame.loc[rows, "lat"].to_numpy(), crs
            )
            frame.loc[rows, "lon"], frame.loc[rows, "lat"] = lon, lat
            said.append(both("import.converted", rows=int(rows.sum()), crs=crs))
    if said:
        if "crs" in frame:
            frame["crs"] = "WGS84"
        frame.to_parquet(checked.accepted, index=False)
    return tuple(said)


def _prepare_survey(
    store: Store, grid: Grid, name: str, options: Options, folder: Path, reading: SurveyReading
) -> Draft:
    """Check the four tables together: one problem anywhere rejects the respondent everywhere."""
    reading, contradictions = registrations.kept(store, reading, options.survey.survey)
    ragged = _ragged(grid)
    faulty = _faulty(grid, set(range(len(grid.header))))
    found = [pd.DataFrame(reading.problems, columns=list(PROBLEM_COLUMNS)), faulty, ragged]
    refused = set(found[0]["record"]) | set(faulty["record"])
    accepted: dict[str, Path] = {}
    # The second pass sees the tables without the respondents whom the first pass refused.
    for _ in range(2):
        accepted, problems = _check_survey(store, reading, refused, folder, options)
        if not set(problems["record"]) - refused:
            break
        found.append(problems[~problems["record"].isin(refused)])
        refused |= set(problems["record"])
        if 0 in refused:  # the survey or its questions: nothing of the file can be published
            break
    whole = [frame for frame in found if (frame["record"] == 0).any()]
    kept = 0 if whole or 0 in refused else grid.cells.num_rows - len(refused)
    if marks := _marks(reading, accepted, folder):
        accepted["survey_marks"] = marks
    problems = pd.concat(found).sort_values(["record", "column"], kind="stable")
    return Draft(
        name=name,
        sha256=grid.sha256,
        encoding=grid.encoding,
        kind="survey",
        options=options,
        accepted=accepted,
        problems=problems.reset_index(drop=True),
        warnings=(
            *contradictions,
            *_survey_warnings(reading),
            *periods.of_survey(accepted, options.period),
        ),
        records_read=grid.cells.num_rows + len(ragged),
        records_kept=kept,
        effect=effect(store, accepted, options.mode),
        reading=reading,
    )


def _check_survey(
    store: Store, reading: SurveyReading, refused: set[int], folder: Path, options: Options
) -> tuple[dict[str, Path], pd.DataFrame]:
    accepted: dict[str, Path] = {}
    found = []
    bad: set[int] = set()
    for table_name, frame in reading.tables.items():
        kept = frame[~frame["record"].isin(refused)]
        staged = pa.Table.from_pandas(kept, preserve_index=False)
        # The survey itself and its questions may be held already; respondents are what is added.
        strict = options.mode if table_name == "survey_respondents" else "merge"
        checked = check(store, TABLES[table_name], staged, folder, accepted, strict)
        accepted[table_name] = checked.accepted
        problems = checked.problems
        # Answers of a respondent who was just refused have no respondent: said once is enough.
        echoes = problems["code"].eq("orphan") & problems["record"].isin(bad)
        bad |= set(problems["record"])
        found.append(problems[~echoes])
    return accepted, pd.concat(found)


def _marks(reading: SurveyReading, accepted: Mapping[str, Path], folder: Path) -> Path | None:
    """Write the marks that only the file can give, of the respondents who were accepted."""
    own = reading.flags[reading.flags["flag"].isin(FILE_ONLY)]
    people = pd.read_parquet(accepted["survey_respondents"])
    found = people[["record", "survey_id", "respondent_id"]].merge(own, on="record")
    if found.empty:
        return None
    file = folder / "survey_marks.parquet"
    found.to_parquet(file, index=False)
    return file


def _survey_warnings(reading: SurveyReading) -> tuple[Text, ...]:
    said = []
    if reading.personal:
        said.append(both("import.personal_dropped", columns="、".join(reading.personal)))
    for flag, rows in reading.flags.groupby("flag"):
        said.append(both(f"import.flag.{flag}", rows=len(rows)))
    unused = [u.question_id for u in reading.understood if u.use == "unused"]
    if unused:
        said.append(both("import.not_imported", questions=", ".join(unused)))
    return tuple(said)


def _prepare_boundaries(
    store: Store, path: Path, name: str, sha256: str, options: Options, folder: Path
) -> Draft:
    frame, found, encoding = reading.read_boundaries(path, name, folder, crs=options.crs)
    rows = [problem(p.record, p.record, p.column, p.value, p.code, reason=p.reason) for p in found]
    accepted = folder / "boundaries.parquet"
    frame.to_parquet(accepted, index=False)
    against = against_held(store, TABLES["boundaries"], accepted, options.mode)
    against = pd.concat([against, boundary_units.unknown(store, frame)])
    frame = frame[~frame["record"].isin(against["record"])]
    frame.to_parquet(accepted, index=False)
    placed = placement.of_boundaries(store, frame, options.crs) if len(frame) else None
    problems = pd.DataFrame(rows, columns=list(PROBLEM_COLUMNS))
    problems = pd.concat([problems, against]).reset_index(drop=True)
    tables = {"boundaries": accepted}
    return Draft(
        name=name,
        sha256=sha256,
        encoding=encoding,
        kind="boundaries",
        options=replace(options, table="boundaries"),
        accepted=tables,
        problems=problems,
        warnings=(
            *(placed.warnings() if placed else ()),
            *(boundary_units.said(store, frame) if len(frame) else ()),
        ),
        records_read=len(frame) + len({*against["record"], *(p.record for p in found)}),
        records_kept=len(frame),
        effect=effect(store, tables, options.mode),
        placement=placed,
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _survey_id(name: str) -> str:
    """Make a survey id of a file's name: letters, digits and dashes only."""
    return re.sub(r"[^\w-]+", "-", Path(name).stem).strip("-") or "survey"
