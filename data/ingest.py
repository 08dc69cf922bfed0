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
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data import boundaries, coordinates, shapefiles, spss, survey_files, wjx
from data.checks import PROBLEM_COLUMNS, Checked, check, problem
from data.contracts import TABLES, Table, table
from data.errors import DataError
from data.files import Grid, read_grid
from data.store import Change, Mode, Store
from data.survey_files import SurveyMapping, SurveyReading
from data.words import Text, both

LARGEST_REPORT = 1000


@dataclass(frozen=True)
class Options:
    """What the person says about a file.

    table: contract table, or None to recognise it. columns: file header -> contract column, or
    None to leave the column out. crs: WGS84, CGCS2000, GCJ02 or BD09. mode: see store.Change.
    encoding: of an SPSS file that declares none, see spss.ENCODINGS.
    """

    table: str | None = None
    columns: Mapping[str, str | None] = field(default_factory=dict)
    survey: SurveyMapping = field(default_factory=SurveyMapping)
    crs: str = "WGS84"
    mode: Mode = "merge"
    encoding: str | None = None

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any], **options: Any) -> "Options":
        """Read a mapping file.

        Keys: table, columns, survey, questions, labels, areas, leave_out, encoding.
        """
        survey = SurveyMapping(
            survey=mapping.get("survey", {}),
            questions=mapping.get("questions", {}),
            labels=mapping.get("labels", {}),
            areas=mapping.get("areas", {}),
            leave_out=frozenset(mapping.get("leave_out", ())),
        )
        told = {"table": mapping.get("table"), "columns": mapping.get("columns", {})}
        told["encoding"] = mapping.get("encoding")
        given = {name: value for name, value in options.items() if value is not None}
        return cls(survey=survey, **(told | given))


@dataclass(frozen=True)
class Draft:
    """A file understood and checked, not yet published.

    kind: 'table', 'survey' or 'boundaries'. accepted: contract table -> staged typed rows.
    effect: one row per table: rows new, changed, unchanged, removed.
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
            "problems_total": len(self.problems),
            "problems": self.problems.head(LARGEST_REPORT).to_dict("records"),
            "warnings": [{"zh": word.zh, "en": word.en} for word in self.warnings],
            "effect": self.effect.to_dict("records"),
            "version": version,
            "published": version is not None,
        }


def prepare(store: Store, path: Path, name: str, options: Options | None = None) -> Draft:
    """Read, recognise and check a file; write accepted rows to the store's staging folder.

    Raises DataError for what cannot be read or recognised at all; problems of single records are
    in the draft.
    """
    options = options or Options()
    sha256 = _sha256(path)
    folder = store.new_staging(f"draft-{sha256[:16]}")
    if _is_geojson(path) or shapefiles.is_zipped(path):
        return _prepare_boundaries(store, path, name, sha256, options, folder)
    grid, missing = spss.without_missing(read_grid(path, name, encoding=options.encoding))
    draft = _prepare_grid(store, grid, name, options, folder)
    if not missing:
        return draft
    said = both("import.declared_missing", cells=missing)
    return replace(draft, warnings=(*draft.warnings, said))


def _prepare_grid(store: Store, grid: Grid, name: str, options: Options, folder: Path) -> Draft:
    towns = store.read("SELECT township_code, name_zh FROM townships")
    survey_id = options.survey.survey.get("survey_id") or _survey_id(name)
    export = None if options.table else wjx.recognise(grid)
    if export:
        reading = survey_files.read_wjx(grid, export, options.survey, towns, survey_id)
        return _prepare_survey(store, grid, name, options, folder, reading)
    if not options.table and survey_files.is_wide(grid.header):
        reading = survey_files.read_wide(grid, options.survey, towns, survey_id)
        return _prepare_survey(store, grid, name, options, folder, reading)
    return _prepare_table(store, grid, name, options, folder)


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
    changes = [Change(name, file, draft.options.mode) for name, file in draft.accepted.items()]
    details = {
        "file": draft.name,
        "sha256": draft.sha256,
        "rows": draft.records_kept,
        "rejected": draft.rejected,
    }
    version = store.publish(changes, author=author, message=message or draft.name, details=details)
    shutil.rmtree(next(iter(draft.accepted.values())).parent, ignore_errors=True)
    return version


def recognise_table(header: tuple[str, ...], options: Options) -> tuple[Table, dict[str, int]]:
    """Find the contract table of a header; return it with column name -> position.

    A header cell names a column by its contract name or its Chinese or English label. Raises
    DataError `table_not_recognised`, `missing_columns`, `unknown_columns`, `doubled_columns`.
    """
    if options.table:
        chosen = table(options.table)
        return chosen, _positions(chosen, header, options)
    fitting = []
    for candidate in TABLES.values():
        if candidate.uploadable:
            found, unknown = _match(candidate, header, options)
            if not unknown and not _missing(candidate, found):
                fitting.append(candidate)
    if len(fitting) != 1:
        nearest = max(
            (t for t in TABLES.values() if t.uploadable),
            key=lambda t: (
                len(_match(t, header, options)[0]) - len(_missing(t, _match(t, header, options)[0]))
            ),
        )
        found, unknown = _match(nearest, header, options)
        raise DataError(
            "table_not_recognised",
            header=", ".join(header)[:300],
            table=nearest.label,
            name=nearest.name,
            missing=", ".join(_missing(nearest, found)) or "—",
            unknown=", ".join(unknown) or "—",
        )
    return fitting[0], _positions(fitting[0], header, options)


def _match(
    candidate: Table, header: tuple[str, ...], options: Options
) -> tuple[dict[str, int], list[str]]:
    known = {
        word.strip().lower(): column.name
        for column in candidate.columns
        for word in (column.label.en, column.label.zh, column.name)
    }
    found: dict[str, int] = {}
    unknown = []
    for position, cell in enumerate(header):
        if cell in options.columns and options.columns[cell] is None:
            continue
        name = options.columns.get(cell) or known.get(cell.strip().lower())
        if name is None or name not in candidate.column_names:
            unknown.append(cell)
        elif name in found:
            raise DataError(
                "doubled_columns", column=cell, first=found[name] + 1, second=position + 1
            )
        else:
            found[name] = position
    return found, unknown


def _missing(candidate: Table, found: Mapping[str, int]) -> list[str]:
    return [c.name for c in candidate.columns if not c.nullable and c.name not in found]


def _positions(chosen: Table, header: tuple[str, ...], options: Options) -> dict[str, int]:
    found, unknown = _match(chosen, header, options)
    missing = _missing(chosen, found)
    if missing:
        raise DataError(
            "missing_columns",
            table=chosen.label,
            columns=", ".join(missing),
            header=", ".join(header)[:300],
        )
    if unknown:
        raise DataError("unknown_columns", table=chosen.label, columns=", ".join(unknown))
    return found


def _prepare_table(store: Store, grid: Grid, name: str, options: Options, folder: Path) -> Draft:
    chosen, positions = recognise_table(grid.header, options)
    staged = folder / f"{chosen.name}.text.parquet"
    blank = pa.nulls(grid.cells.num_rows, pa.string())
    columns = {
        column.name: grid.cells.column(positions[column.name])
        if column.name in positions
        else blank
        for column in chosen.columns
    }
    faulty = _faulty(grid, set(positions.values()))
    sound = pc.invert(pc.is_in(grid.records, pa.array(faulty["record"], pa.int64())))
    text = pa.table({"record": grid.records, "line": grid.lines, **columns}).filter(sound)
    pq.write_table(text, staged)
    checked = check(store, chosen, staged, folder)
    warnings = _to_wgs84(chosen, checked, options)
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
        effect=_effect(store, {chosen.name: checked.accepted}, options.mode),
    )


def _ragged(grid: Grid) -> pd.DataFrame:
    rows = [
        problem(r.record, r.line, "", r.text, "ragged", found=r.found, expected=r.expected)
        for r in grid.ragged
    ]
    return pd.DataFrame(rows, columns=list(PROBLEM_COLUMNS))


def _faulty(grid: Grid, used: set[int]) -> pd.DataFrame:
    """Return the workbook cells that hold an error (#N/A), in columns that are taken."""
    rows = [
        problem(fault.record, fault.line, grid.header[fault.column], fault.value, "cell_error")
        for fault in grid.faults
        if fault.column in used
    ]
    return pd.DataFrame(rows, columns=list(PROBLEM_COLUMNS))


def _to_wgs84(chosen: Table, checked: Checked, options: Options) -> tuple[Text, ...]:
    """Convert accepted points to WGS-84 in place, as the file or its rows declare."""
    if not {"lat", "lon"} <= set(chosen.column_names):
        return ()
    frame = pd.read_parquet(checked.accepted)
    declared = frame["crs"] if "crs" in frame else pd.Series(options.crs, index=frame.index)
    if options.crs != "WGS84":
        declared = pd.Series(options.crs, index=frame.index)
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
    ragged = _ragged(grid)
    faulty = _faulty(grid, set(range(len(grid.header))))
    found = [pd.DataFrame(reading.problems, columns=list(PROBLEM_COLUMNS)), faulty, ragged]
    refused = set(found[0]["record"]) | set(faulty["record"])
    accepted: dict[str, Path] = {}
    # The second pass sees the tables without the respondents whom the first pass refused.
    for _ in range(2):
        accepted, problems = _check_survey(store, reading, refused, folder)
        if not set(problems["record"]) - refused - {0}:
            break
        found.append(problems[~problems["record"].isin(refused)])
        refused |= set(problems["record"])
    whole = [frame for frame in found if (frame["record"] == 0).any()]
    kept = 0 if whole or 0 in refused else grid.cells.num_rows - len(refused)
    problems = pd.concat(found).sort_values(["record", "column"], kind="stable")
    return Draft(
        name=name,
        sha256=grid.sha256,
        encoding=grid.encoding,
        kind="survey",
        options=options,
        accepted=accepted,
        problems=problems.reset_index(drop=True),
        warnings=_survey_warnings(reading),
        records_read=grid.cells.num_rows + len(ragged),
        records_kept=kept,
        effect=_effect(store, accepted, options.mode),
        reading=reading,
    )


def _check_survey(
    store: Store, reading: SurveyReading, refused: set[int], folder: Path
) -> tuple[dict[str, Path], pd.DataFrame]:
    accepted: dict[str, Path] = {}
    found = []
    for table_name, frame in reading.tables.items():
        staged = folder / f"{table_name}.text.parquet"
        frame[~frame["record"].isin(refused)].to_parquet(staged, index=False)
        checked = check(store, TABLES[table_name], staged, folder, accepted)
        accepted[table_name] = checked.accepted
        found.append(checked.problems)
    return accepted, pd.concat(found)


def _survey_warnings(reading: SurveyReading) -> tuple[Text, ...]:
    said = []
    if reading.personal:
        said.append(both("import.personal_dropped", columns="、".join(reading.personal)))
    for flag, rows in reading.flags.groupby("flag"):
        said.append(both(f"import.flag.{flag}", rows=len(rows)))
    unused = [u.question_id for u in reading.understood if u.use in ("unused", "text")]
    if unused:
        said.append(both("import.not_imported", questions=", ".join(unused)))
    return tuple(said)


def _prepare_boundaries(
    store: Store, path: Path, name: str, sha256: str, options: Options, folder: Path
) -> Draft:
    if shapefiles.is_zipped(path):
        frame, found, encoding = shapefiles.read_shapefile(path, name, crs=options.crs)
    else:
        frame, found = boundaries.read_geojson(path.read_bytes(), crs=options.crs)
        encoding = "utf-8"
    rows = [problem(p.record, p.record, p.column, p.value, p.code, reason=p.reason) for p in found]
    accepted = folder / "boundaries.parquet"
    frame.to_parquet(accepted, index=False)
    problems = pd.DataFrame(rows, columns=list(PROBLEM_COLUMNS))
    tables = {"boundaries": accepted}
    return Draft(
        name=name,
        sha256=sha256,
        encoding=encoding,
        kind="boundaries",
        options=replace(options, table="boundaries"),
        accepted=tables,
        problems=problems,
        warnings=(),
        records_read=len(frame) + problems["record"].nunique(),
        records_kept=len(frame),
        effect=_effect(store, tables, options.mode),
    )


def _effect(store: Store, accepted: Mapping[str, Path], mode: Mode) -> pd.DataFrame:
    """Count what publishing would do to each table."""
    rows = [
        {"table": name, **_effect_on(store, TABLES[name], file, mode)}
        for name, file in accepted.items()
    ]
    return pd.DataFrame(rows, columns=["table", "new", "changed", "unchanged", "removed"])


def _effect_on(store: Store, on: Table, file: Path, mode: Mode) -> dict[str, int]:
    key = " AND ".join(f'h."{n}" IS NOT DISTINCT FROM s."{n}"' for n in on.key)
    same = " AND ".join(f'h."{n}" IS NOT DISTINCT FROM s."{n}"' for n in on.column_names)
    slice_of = " AND ".join(f'h."{n}" IS NOT DISTINCT FROM s."{n}"' for n in on.period) or "true"
    staged = "read_parquet('" + str(file).replace("'", "''") + "')"
    counts = store.read(
        f"""-- One row: the effect of a staged file on the table it is meant for.
        SELECT count(*) FILTER (h."{on.key[0]}" IS NULL) AS new,
               count(*) FILTER (h."{on.key[0]}" IS NOT NULL AND NOT ({same})) AS changed,
               count(*) FILTER (h."{on.key[0]}" IS NOT NULL AND ({same})) AS unchanged
        FROM {staged} s LEFT JOIN lake."{on.name}" h ON {key}"""  # noqa: S608 - contract names only
    ).iloc[0]
    removed = 0
    if mode == "replace":
        removed = store.read(
            f"""-- One row: rows of the same period that the file no longer has.
            SELECT count(*) AS n FROM lake."{on.name}" h
            WHERE EXISTS (SELECT 1 FROM {staged} s WHERE {slice_of})
              AND NOT EXISTS (SELECT 1 FROM {staged} s WHERE {key})"""  # noqa: S608 - contract names only
        )["n"].item()
    return {
        **{name: int(counts[name]) for name in ("new", "changed", "unchanged")},
        "removed": int(removed),
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_geojson(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    return head.startswith((b"{", b"["))


def _survey_id(name: str) -> str:
    """Make a survey id of a file's name: letters, digits and dashes only."""
    return re.sub(r"[^\w-]+", "-", Path(name).stem).strip("-") or "survey"
