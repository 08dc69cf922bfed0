"""A wide survey file, one row per respondent, split into the four survey tables.

Two layouts are read: exports of 问卷星 (by column position, `data.wjx`), and plain wide files whose
header names contract columns and question ids of the bank. What is not certain (a township that
is not found, a label that may stand for different points) is listed for a person to decide; it is
never guessed. A decision is part of the mapping, so that the same file gives the same tables.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from data import wjx
from data.checks import problem
from data.contracts import CODES, TABLES
from data.files import Grid
from data.question_bank import QUESTIONS as ALL_QUESTIONS

BLANKS = wjx.NOT_ANSWERED
QUESTIONS = {question.question_id: question for question in ALL_QUESTIONS}
SURVEY_TABLE_ORDER = ("survey_meta", "survey_questions", "survey_respondents", "survey_answers")
_BARE = r"[-+0-9.]*"
_YES_NO = {"是": "1", "否": "0"} | dict.fromkeys(wjx.NOT_SCORED, "")
_ATTRIBUTES = ("sex", "age_band", "residence_type")


@dataclass(frozen=True)
class SurveyMapping:
    """What a person decided about a survey file; all of it may be empty.

    survey: columns of survey_meta. questions: question id -> index_code, pair_dim, text_en.
    labels: answer label -> points 1..5, or None for 'not scored'. areas: place name -> 9-digit
    code. leave_out: question ids that are not imported.
    """

    survey: Mapping[str, str] = field(default_factory=dict)
    questions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    labels: Mapping[str, int | None] = field(default_factory=dict)
    areas: Mapping[str, str] = field(default_factory=dict)
    leave_out: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Understood:
    """What one question of the file was read as.

    use: 'sat5', 'yesno', 'area', 'sex', 'age_band', 'residence_type', 'text', 'unused'.
    """

    question_id: str
    text: str
    columns: tuple[int, ...]
    use: str


@dataclass(frozen=True)
class SurveyReading:
    """A survey file as tables of text, and everything a person should see about it.

    tables: contract table -> frame of text with `record` and `line`.
    labels: columns label, points, state ('known', 'not_scored', 'chosen', 'unclear').
    areas: columns name, respondents, township_code, state ('found', 'chosen', 'unknown', 'blank').
    personal: headers that were dropped. flags: columns record, flag.
    """

    tables: dict[str, pd.DataFrame]
    understood: tuple[Understood, ...]
    labels: pd.DataFrame
    areas: pd.DataFrame
    problems: list[dict[str, object]]
    personal: tuple[str, ...]
    flags: pd.DataFrame


def _attribute_of(values: pd.Series) -> tuple[str, dict[str, str]] | None:
    """Find the respondent attribute whose code list explains every label of a column."""
    labels = [value for value in values.unique() if value not in BLANKS]
    for name in _ATTRIBUTES:
        codes = {_plain(code.label.zh): code.value for code in CODES[name]}
        codes |= {_plain(code.value): code.value for code in CODES[name]}
        if labels and all(_plain(label) in codes for label in labels):
            return name, {label: codes[_plain(label)] for label in labels}
    return None


def _plain(label: str) -> str:
    """Bring 18—29岁, 18-29 and 60岁及以上, 60+ to one form."""
    short = re.sub(r"[—–－~～至]+", "-", label.strip().lower())
    return re.sub(r"岁?(及)?以上$", "+", short).removesuffix("岁")


def _question_ids(question: wjx.Question) -> list[tuple[str, str, int]]:
    """Return (question id, wording, column position) for every column of a question."""
    number = f"Q{question.number}"
    if len(question.columns) == 1:
        return [(number, question.stem, question.columns[0])]
    parts = question.items or question.options
    return [
        (f"{number}_{n}", f"{question.stem}—{part}" if part else question.stem, position)
        for n, (part, position) in enumerate(zip(parts, question.columns, strict=True), start=1)
    ]


class _Builder:
    """Collects the tables of one survey file, question by question."""

    def __init__(
        self, grid: Grid, mapping: SurveyMapping, towns: pd.DataFrame, survey_id: str
    ) -> None:
        self.grid, self.mapping, self.towns, self.survey_id = grid, mapping, towns, survey_id
        self.base = pd.DataFrame(
            {"record": grid.records.to_pandas(), "line": grid.lines.to_pandas()}
        )
        self.respondents = self.base.assign(survey_id=survey_id)
        self.answers: list[pd.DataFrame] = []
        self.questions: list[dict[str, object]] = []
        self.understood: list[Understood] = []
        self.labels: dict[str, tuple[int | None, str]] = {}
        self.areas = pd.DataFrame(columns=["name", "respondents", "township_code", "state"])
        self.problems: list[dict[str, object]] = []

    def note(self, question_id: str, text: str, columns: tuple[int, ...], use: str) -> None:
        self.understood.append(Understood(question_id, text, columns, use))

    def area(self, question_id: str, text: str, position: int) -> None:
        """Read a column of place names or codes as townships."""
        names = wjx.cells(self.grid, position)
        codes = {code: code for code in self.towns["township_code"]}
        unique = self.towns.drop_duplicates("name_zh", keep=False)
        known = dict(zip(unique["name_zh"], unique["township_code"], strict=True)) | codes
        rows = []
        for name, count in names.value_counts().sort_index().items():
            label = str(name)
            chosen = self.mapping.areas.get(label)
            if label in BLANKS:
                state, code = "blank", ""
            elif chosen:
                state, code = "chosen", chosen
            else:
                code = known.get(label, "")
                state = "found" if code else "unknown"
            rows.append((label, int(count), code, state))
        self.areas = pd.DataFrame(rows, columns=list(self.areas.columns))
        state_of = dict(zip(self.areas["name"], self.areas["state"], strict=True))
        code_of = dict(zip(self.areas["name"], self.areas["township_code"], strict=True))
        self.respondents["township_code"] = names.map(code_of)
        for state, code in (("unknown", "area_unknown"), ("blank", "area_blank")):
            self._refuse(names.map(state_of).eq(state), position, names, code)
        self.note(question_id, text, (position,), "area")

    def _refuse(self, where: pd.Series, position: int, values: pd.Series, code: str) -> None:
        places = self.base[where].itertuples(index=False, name=None)
        for (record, line), value in zip(places, values[where], strict=True):
            header = self.grid.header[position]
            self.problems.append(problem(record, line, header, str(value), code))

    def scored(self, question_id: str, text: str, position: int) -> None:
        """Read a column of satisfaction labels as points 1..5."""
        values = wjx.cells(self.grid, position)
        seen = [value for value in values.unique() if value not in BLANKS]
        reading = wjx.label_scores(seen)
        points: dict[str, int | None] = {}
        for label in seen:
            if label in self.mapping.labels:
                points[label] = self.mapping.labels[label]
                self.labels[label] = (points[label], "chosen")
            elif label in reading.unclear:
                self.labels[label] = (None, "unclear")
            else:
                points[label] = reading.scores.get(label)
                state = "not_scored" if points[label] is None else "known"
                self.labels.setdefault(label, (points[label], state))
        self._refuse(
            values.isin([v for v in seen if v not in points]), position, values, "label_unclear"
        )
        texts = {label: "" if point is None else str(point) for label, point in points.items()}
        self.answer(question_id, text, "sat5", values.map(texts).fillna(""), (position,))

    def answer(
        self, question_id: str, text: str, kind: str, values: pd.Series, columns: tuple[int, ...]
    ) -> None:
        chosen = dict(self.mapping.questions.get(question_id, {}))
        bank = QUESTIONS.get(chosen.get("bank", question_id))
        self.questions.append(
            {
                "survey_id": self.survey_id,
                "question_id": question_id,
                "index_code": chosen.get("index_code", bank.index_code if bank else "") or "",
                "pair_dim": chosen.get("pair_dim", bank.pair_dim if bank else "") or "",
                "answer_type": kind,
                "text_zh": text,
                "text_en": chosen.get("text_en") or (bank.text.en if bank else text),
            }
        )
        self.answers.append(self.base.assign(question_id=question_id, value=values))
        self.note(question_id, text, columns, kind)

    def yes_no(
        self, question_id: str, text: str, values: pd.Series, columns: tuple[int, ...]
    ) -> None:
        """Take 1/0 text as a yes-or-no question; blanks stay unanswered."""
        self.answer(question_id, text, "yesno", values, columns)

    def attribute(
        self, question_id: str, text: str, position: int, found: tuple[str, dict[str, str]]
    ) -> None:
        """Take a column of labels as sex, age band or residence type."""
        name, codes = found
        self.respondents[name] = wjx.cells(self.grid, position).map(codes).fillna("")
        self.note(question_id, text, (position,), name)

    def reading(self, personal: tuple[str, ...], flags: pd.DataFrame) -> SurveyReading:
        """Return the four tables; respondents are numbered by record."""
        respondents = self.respondents.assign(
            respondent_id="r" + self.base["record"].astype(str).str.zfill(6)
        )
        answers = pd.concat(self.answers, ignore_index=True) if self.answers else self.base.head(0)
        answers = answers.assign(
            survey_id=self.survey_id,
            respondent_id="r" + answers["record"].astype(str).str.zfill(6),
        )
        whole = pd.DataFrame({"record": [0], "line": [0]})
        meta = whole.assign(**_meta(self.mapping, self.survey_id, respondents))
        questions = pd.DataFrame(self.questions).assign(record=0, line=0)
        frames = dict(zip(SURVEY_TABLE_ORDER, (meta, questions, respondents, answers), strict=True))
        labels = [(label, points, state) for label, (points, state) in self.labels.items()]
        return SurveyReading(
            tables={name: _as_text(name, frame) for name, frame in frames.items()},
            understood=tuple(self.understood),
            labels=pd.DataFrame(labels, columns=["label", "points", "state"]),
            areas=self.areas,
            problems=self.problems,
            personal=personal,
            flags=flags,
        )


def _as_text(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    names = list(TABLES[table].column_names)
    return frame.reindex(columns=["record", "line", *names]).astype(dict.fromkeys(names, "string"))


def _meta(mapping: SurveyMapping, survey_id: str, respondents: pd.DataFrame) -> dict[str, str]:
    """Fill the registration with what the file itself says; a person's words win."""
    told = {"survey_id": survey_id, "title_zh": survey_id, "mode": "online", "audience": "resident"}
    ended = respondents.get("ended_at", pd.Series(dtype=str))
    days = pd.to_datetime(ended, errors="coerce").dropna()
    if len(days):
        told |= {"start_on": f"{days.min():%Y-%m-%d}", "end_on": f"{days.max():%Y-%m-%d}"}
    return told | {name: value for name, value in mapping.survey.items() if value}


def read_wjx(
    grid: Grid, survey: wjx.WjxSurvey, mapping: SurveyMapping, towns: pd.DataFrame, survey_id: str
) -> SurveyReading:
    """Split an export of 问卷星; townships are looked up in `towns` (township_code, name_zh)."""
    build = _Builder(grid, mapping, towns, survey_id)
    _times(build, survey)
    for question in survey.questions:
        _read_question(build, question)
    personal = tuple(grid.header[position] for position in survey.personal)
    return build.reading(personal, survey.flags(grid))


def _times(build: _Builder, survey: wjx.WjxSurvey) -> None:
    """Start and end of the interview from 提交答卷时间 and 所用时间."""
    meta = {build.grid.header[position].strip(): position for position in survey.meta_columns}
    if "提交答卷时间" not in meta:
        return
    ended = pd.to_datetime(
        wjx.cells(build.grid, meta["提交答卷时间"]), errors="coerce", format="mixed"
    )
    build.respondents["ended_at"] = ended.dt.strftime("%Y-%m-%d %H:%M:%S").fillna("")
    if "所用时间" in meta:
        seconds = wjx.cells(build.grid, meta["所用时间"]).str.extract(r"(\d+)")[0].astype(float)
        started = ended - pd.to_timedelta(seconds, unit="s")
        build.respondents["started_at"] = started.dt.strftime("%Y-%m-%d %H:%M:%S").fillna("")


def _read_question(build: _Builder, question: wjx.Question) -> None:
    for question_id, text, position in _question_ids(question):
        left_out = question_id in build.mapping.leave_out or question.personal
        attribute = _attribute_of(wjx.cells(build.grid, position))
        if left_out:
            build.note(question_id, text, (position,), "unused")
        elif question.kind == "area":
            build.area(question_id, text, position)
        elif question.kind in ("likert5", "matrix_likert5"):
            build.scored(question_id, text, position)
        elif question.kind == "multi" and question.separator is None:
            values = wjx.cells(build.grid, position).str.extract(r"^([01])(?:\^|$)")[0].fillna("")
            build.yes_no(question_id, text, values, (position,))
        elif question.kind == "single" and attribute:
            build.attribute(question_id, text, position, attribute)
        else:
            build.note(
                question_id, text, (position,), "text" if question.kind == "text" else "unused"
            )


def _read_bank_question(build: _Builder, name: str, position: int) -> None:
    """Take points as they are written; labels (of SPSS) are scored as those of 问卷星 are."""
    values, bank = wjx.cells(build.grid, position), QUESTIONS[name]
    values = values.mask(values.isin(BLANKS), "")
    if bank.answer_type == "sat5" and not values.str.fullmatch(_BARE).all():
        build.scored(name, bank.text.zh, position)
        return
    if bank.answer_type == "yesno":
        values = values.replace(_YES_NO)
    build.answer(name, bank.text.zh, bank.answer_type, values, (position,))


def is_wide(header: tuple[str, ...]) -> bool:
    """Say whether a header is a plain wide survey: a township column and bank questions."""
    names = {name.strip() for name in header}
    return "township_code" in names and bool(names & set(QUESTIONS))


def read_wide(
    grid: Grid, mapping: SurveyMapping, towns: pd.DataFrame, survey_id: str
) -> SurveyReading:
    """Split a plain wide file: respondent columns by contract name, questions by bank id."""
    build = _Builder(grid, mapping, towns, survey_id)
    allowed = set(TABLES["survey_respondents"].column_names)
    for position, header in enumerate(grid.header):
        name = header.strip()
        if name == "township_code":
            build.area(name, name, position)
        elif name in QUESTIONS and QUESTIONS[name].answer_type in ("sat5", "yesno"):
            _read_bank_question(build, name, position)
        elif name in allowed:
            build.respondents[name] = wjx.cells(grid, position)
            build.note(name, name, (position,), name)
        else:
            build.note(name, name, (position,), "unused")
    return build.reading((), pd.DataFrame(columns=["record", "flag"]))
