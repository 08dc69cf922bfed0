"""A file understood and checked that nobody has published yet, and the report of it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from data.drafting.options import Options
from data.errors import DataError
from data.files import LeftOut
from data.geography.placement import Placement
from data.problems import PROBLEM_COLUMNS
from data.surveys.reading import SurveyReading
from data.words import Text

LARGEST_REPORT = 100_000


@dataclass(frozen=True)
class Draft:
    """A file understood and checked, not yet published.

    kind: 'table', 'survey', 'boundaries' or 'kit' (several tables, whose problems have a column
    `file`). header: of a single table. left_out: rows of the file that are no records.
    placement: what the boundaries say of the points (of a kit: where all its tables agree), None
    where there are none; of boundaries what the points held say.
    accepted: contract table -> staged typed rows. effect: one row per table: rows new, changed,
    unchanged, removed. sha256: of the file's content; '' of a member of a kit.
    """

    name: str
    encoding: str
    kind: str
    options: Options
    accepted: Mapping[str, Path]
    problems: pd.DataFrame
    warnings: tuple[Text, ...]
    records_read: int
    records_kept: int
    effect: pd.DataFrame
    sha256: str = ""
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
    # 0 where the refusal names no record or line of its own.
    record, line = (error.values.get(name, 0) for name in ("record", "line"))
    place = (record, line, str(error.values.get("column", "")))
    whole = (*place, "", error.code, error.problem.zh, error.problem.en)
    return {
        "file": path.name,
        "sha256": sha256_of(path) if path.is_file() else None,
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


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's content, by which the program knows it again."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
