"""What a person says about a file before it is understood, and the mapping file that keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from data.drafting import periods
from data.drafting.effects import Mode
from data.drafting.headers import Said
from data.surveys.reading import SurveyMapping

# The options that a mapping file holds as they are; those of a survey have names of their own.
_PLAIN = (
    "table",
    "columns",
    "units",
    "dates",
    "words",
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
    order of day and month before the year, 'dmy' or 'mdy'. words: file header -> word of the file
    -> code that it means. crs: WGS84, CGCS2000,
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
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def said(self) -> Said:
        """What was said of the columns."""
        given = {periods.YEAR: str(self.period)} if self.period else {}
        return Said(self.columns, self.units, given, self.dates, self.words)

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any], **options: Any) -> "Options":
        """Read a mapping file; options that are not None win over it.

        Keys: table, columns, units, dates, words, sheet, delimiter, encoding, crs, mode, period,
        survey, questions, labels, areas, leave_out.
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
