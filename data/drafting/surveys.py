"""A survey file that was read becomes the rows of the survey tables, checked together."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa

from data.contracts import TABLES
from data.drafting import periods, rows_aside
from data.drafting.checks import check
from data.drafting.draft import Draft
from data.drafting.effects import effect
from data.drafting.options import Options
from data.files import Grid
from data.problems import PROBLEM_COLUMNS
from data.store import Store
from data.surveys import registrations
from data.surveys.reading import SurveyReading, Understood
from data.words import Text, both, listing

# Marks that rest on what is not kept: network addresses, what was blank and what was not used.
FILE_ONLY = ("same_ip", "same_ip_same_answers", "many_blanks")
# As much of a question's words as it takes to know it by.
_SHOWN = 20


def draft_survey(
    store: Store, grid: Grid, name: str, options: Options, folder: Path, reading: SurveyReading
) -> Draft:
    """Check the four tables together: one problem anywhere rejects the respondent everywhere."""
    reading, contradictions = registrations.kept(store, reading, options.survey.survey)
    ragged = rows_aside.ragged(grid)
    faulty = rows_aside.faulty(grid, set(range(len(grid.header))))
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
        if 0 in bad:  # nor is each of them told that the survey was refused
            of_survey = problems["column"].isin(["survey_id", "question_id"])
            echoes |= problems["code"].eq("orphan") & of_survey
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


def _named(question: Understood) -> Text:
    """Name a question as people know it: a number alone tells nothing without the questionnaire."""
    cut = "…" if len(question.text) > _SHOWN else ""
    text = f"{question.text[:_SHOWN]}{cut}"
    return Text(zh=f"{question.question_id}“{text}”", en=f"{question.question_id} '{text}'")


def _survey_warnings(reading: SurveyReading) -> tuple[Text, ...]:
    said = list(reading.said)
    if reading.personal:
        said.append(both("import.personal_dropped", columns=listing(reading.personal)))
    if reading.aside:
        said.append(both("import.aside", columns=listing(reading.aside)))
    weights = pd.to_numeric(reading.tables["survey_respondents"]["weight"], errors="coerce")
    if weights.notna().any():
        low, high = (f"{n:g}" for n in (weights.min(), weights.max()))
        said.append(both("import.weights_read", n=int(weights.notna().sum()), low=low, high=high))
    for flag, rows in reading.flags.groupby("flag"):
        said.append(both(f"import.flag.{flag}", rows=len(rows)))
    unused = [_named(u) for u in reading.understood if u.use == "unused"]
    if unused:
        said.append(both("import.not_imported", questions=listing(unused)))
    questions = reading.tables["survey_questions"]
    if (
        questions["answer_type"].eq("sat5").any()
        and questions["index_code"].fillna("").eq("").all()
    ):
        said.append(both("import.no_index"))
    return tuple(said)
