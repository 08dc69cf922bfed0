"""A wide survey file, one row per respondent, split into the survey tables.

Three layouts are read: exports of 问卷星 (by column position, `data.surveys.wjx`), those of other
tools and sheets with free headings (`data.surveys.other_tools`), and plain wide files whose header
names contract columns and question ids of the bank. What is not certain (a
township that is not found, a label that may stand for different points) is listed for a
person to decide; it is never guessed. A decision is part of the mapping, so that the same
file gives the same tables.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import pandas as pd
import pyarrow.compute as pc

from data.contracts import TABLES
from data.errors import DataError
from data.files import Grid
from data.surveys import quality_flags, wjx
from data.surveys.answer_labels import are_yes_or_no, has_ends, yes_no_scores
from data.surveys.builder import Builder, question_ids
from data.surveys.reading import BLANKS, QUESTIONS, SurveyMapping, SurveyReading
from data.surveys.respondents import ATTRIBUTES, attribute_of, codes_seen, weight_column
from data.words import Text, both, listing

_LIKERT = ("likert5", "matrix_likert5")
# What tools call the number of a questionnaire.
_NUMBERS = frozenset({
    "序号", "编号", "答题序号", "答卷编号", "id", "respondent id", "responseid", "response id",
    "_id", "_uuid", "id. response id",
})  # fmt: skip
_BARE = r"[-+0-9.]*"


def read_wjx(
    grid: Grid,
    survey: wjx.WjxSurvey,
    mapping: SurveyMapping,
    towns: pd.DataFrame,
    survey_id: str,
    communities: pd.DataFrame | None = None,
) -> SurveyReading:
    """Split an export of 问卷星, or a file read like one, into the survey tables.

    Townships are looked up in `towns` (`place_names.HELD_TOWNS`), villages in `communities`
    (community_code, township_code, name_zh); without it villages are not read.

    Raises DataError `areas_several` where more than one question may say the township and nobody
    said which, `use_unknown`, `bank_unknown`, `bank_twice`.
    """
    build = Builder(grid, mapping, towns, survey_id)
    scored = [n for q in survey.questions if q.kind in _LIKERT for n in q.columns]
    build.ends_seen = _ends_seen(grid, scored)
    _times(build, survey)
    if telling := _telling(grid, survey):
        build.doubled(telling)
    if "status" in survey.roles:
        build.previews(survey.roles["status"])
    if "weight" in survey.roles:
        build.weight(survey.roles["weight"])
    area = _area_question(build, survey)
    attributes = _attributes(build, survey)
    for question in survey.questions:
        _read_question(build, question, area, attributes)
    if communities is not None:
        _read_village(build, survey, communities)
    personal = tuple(grid.header[position] for position in survey.personal)
    aside = tuple(grid.header[position] for position in survey.aside)
    reading = build.reading(personal, _flags(grid, survey), survey.asked)
    return replace(reading, aside=aside, said=(*reading.said, *_unworded(survey)))


def _unworded(survey: wjx.WjxSurvey) -> Iterator[Text]:
    """Say how numbers, stars and ticks were read that stand in place of words."""
    for question in survey.questions:
        told = sorted(question.scale.items(), key=lambda each: -each[1])
        if told:
            points = listing(f"{answer} → {point}" for answer, point in told)
            yield both("import.scale_read", question=f"Q{question.number}", points=points)
        if question.marked:
            yield both("import.marks_read", question=f"Q{question.number}")


def _ends_seen(grid: Grid, positions: Iterable[int]) -> bool:
    """Say whether somewhere in these columns stands 非常满意 or the like."""
    return any(has_ends(pc.unique(grid.cells.column(n)).drop_null().to_pylist()) for n in positions)


def _flags(grid: Grid, survey: wjx.WjxSurvey) -> pd.DataFrame:
    asked = [question for question in survey.questions if not question.personal]
    answers = pd.DataFrame(
        {str(n): wjx.cells(grid, n) for question in asked for n in question.columns}
    )
    aside = ("text", "area", "village", "ranking")
    return quality_flags.flags(
        grid.records.to_pandas(),
        answers,
        scored=[str(n) for q in asked if q.kind in _LIKERT for n in q.columns],
        closed=[str(n) for q in asked if q.kind not in aside for n in q.columns],
        seconds=_seconds(grid, survey),
        address=survey.meta(grid, "address"),
    )


def _seconds(grid: Grid, survey: wjx.WjxSurvey) -> pd.Series | None:
    """Return how long each interview took, by what the file says of it or by its two times."""
    took = survey.meta(grid, "seconds")
    if took is not None:
        return wjx.duration_seconds(took)
    ended, started = survey.meta(grid, "ended"), survey.meta(grid, "started")
    if ended is None or started is None:
        return None
    between = (wjx.moments(ended) - wjx.moments(started)).dt.total_seconds()
    return between.where(between >= 0)


def _telling(grid: Grid, survey: wjx.WjxSurvey) -> tuple[int, ...]:
    """Return the columns by which a tool tells its questionnaires apart, nothing where it has none.

    They are numbered; without a number only time and address together do.
    """
    numbered = [n for n in survey.meta_columns if wjx.heading(grid.header[n]).lower() in _NUMBERS]
    told = {"ended", "address"} <= set(survey.roles)
    return tuple(numbered) or ((survey.roles["ended"], survey.roles["address"]) if told else ())


def _times(build: Builder, survey: wjx.WjxSurvey) -> None:
    """Start and end of the interview, as the file says them or by how long it took."""
    told = {role: survey.meta(build.grid, role) for role in ("started", "ended")}
    moments = {role: wjx.moments(text) for role, text in told.items() if text is not None}
    took = survey.meta(build.grid, "seconds")
    if took is not None and "ended" in moments and "started" not in moments:
        lasted = pd.to_timedelta(wjx.duration_seconds(took), unit="s")
        moments["started"] = moments["ended"] - lasted
    for role, moment in moments.items():
        build.respondents[f"{role}_at"] = moment.dt.strftime("%Y-%m-%d %H:%M:%S").fillna("")


def _taken(build: Builder, survey: wjx.WjxSurvey, kind: str) -> list[tuple[str, str, int]]:
    """Return the questions read as area or village: those a person named, else all likely ones."""
    parts = [
        (question, part)
        for question in survey.questions
        if not question.personal
        for part in question_ids(question)
        if part[0] not in build.mapping.leave_out
    ]
    named = [part for _, part in parts if build.use(part[0]) == kind]
    return named or [
        part for question, part in parts if question.kind == kind and build.use(part[0]) is None
    ]


def _area_question(build: Builder, survey: wjx.WjxSurvey) -> str | None:
    """Return the id of the question that says the township."""
    found = _taken(build, survey, "area") or _answered_with_towns(build, survey)
    if len(found) > 1:
        choices = [(name, text) for name, text, _ in found]
        ids = "、".join(f"{name} {text}" for name, text in choices)
        raise DataError("areas_several", questions=ids, choices=choices)
    return found[0][0] if found else None


def _answered_with_towns(build: Builder, survey: wjx.WjxSurvey) -> list[tuple[str, str, int]]:
    """Return the questions for a township that are answered `城关`, as only those held can tell."""
    found = []
    for question in survey.questions:
        if question.kind != "single" or question.personal or not wjx.asks_township(question.stem):
            continue
        name, text, position = question_ids(question)[0]
        answers = [a for a in build.cells(position).unique() if a not in BLANKS]
        known = sum(bool(build.known_towns.code(answer)) for answer in answers)
        if name not in build.mapping.leave_out and not build.use(name) and 2 * known > len(answers):
            found.append((name, text, position))
    return found


def _read_village(build: Builder, survey: wjx.WjxSurvey, communities: pd.DataFrame) -> None:
    """Read the one question that says the village; of several a person must name one."""
    found = _taken(build, survey, "village")
    if len(found) != 1:
        return
    build.understood = [u for u in build.understood if u.question_id != found[0][0]]
    build.village(*found[0], communities)


def _attributes(build: Builder, survey: wjx.WjxSurvey) -> dict[str, tuple[str, dict[str, str]]]:
    """Return question id -> attribute and codes; where two questions ask for one, neither."""
    found: dict[str, tuple[str, dict[str, str]]] = {}
    said: set[str] = set()
    for question in survey.questions:
        for name, text, position in question_ids(question):
            use = build.use(name)
            if question.personal or name in build.mapping.leave_out:
                continue
            if use in ATTRIBUTES:
                found[name] = (str(use), codes_seen(str(use), wjx.cells(build.grid, position)))
                said.add(str(use))
            elif use is None and question.kind == "single":
                attribute = attribute_of(text, wjx.cells(build.grid, position))
                found |= {name: attribute} if attribute else {}
    named = {n: a for n, a in found.items() if build.use(n)}
    rest = {n: a for n, a in found.items() if n not in named and a[0] not in said}
    times = Counter(attribute for attribute, _ in rest.values())
    return named | {n: a for n, a in rest.items() if times[a[0]] == 1}


def _read_question(
    build: Builder,
    question: wjx.Question,
    area: str | None,
    attributes: Mapping[str, tuple[str, dict[str, str]]],
) -> None:
    number = f"Q{question.number}"
    whole = not question.personal and number not in build.mapping.leave_out
    said = build.use(number) if whole and len(question.columns) == 1 else None
    if whole and (said == "multi" or (question.kind == "multi" and said is None)):
        if len(question.columns) == 1 and not question.options:
            build.joined(replace(question, separator=build.separator(question)))
        else:
            build.ticks(question)
        return
    if question.kind == "ranking" and whole and build.use(number) is None:
        build.ranking(question)
        return
    for question_id, text, position in question_ids(question):
        left_out = not whole or question_id in build.mapping.leave_out
        if left_out:
            build.note(question_id, text, (position,), "unused", not question.personal)
        elif question_id == area:
            build.area(question_id, text, position)
        elif question_id in attributes:
            build.attribute(question_id, text, position, attributes[question_id])
        else:
            _read_answers(build, question, (question_id, text, position))


def _read_answers(build: Builder, question: wjx.Question, part: tuple[str, str, int]) -> None:
    """Read a column as what a person said it is, else as what its labels say it is."""
    question_id, text, position = part
    use = build.use(question_id) or _evident(question, wjx.cells(build.grid, position))
    if use in ("sat5", "yesno"):
        build.scored(question_id, text, position, use, question.scale if use == "sat5" else {})
    elif use == "count":
        values = build.cells(position)
        build.answer(question_id, text, use, values.mask(values.isin(BLANKS), ""), (position,))
    elif use == "text":
        build.comments(question_id, text, position)
    else:
        build.note(question_id, text, (position,), "unused")


def _evident(question: wjx.Question, values: pd.Series) -> str | None:
    if question.kind in _LIKERT:
        return "sat5"
    if question.kind in ("single", "matrix") and are_yes_or_no(values.unique()):
        return "yesno"
    return "text" if question.kind == "text" else None


def _number(text: str) -> str:
    """Write 5.0 and ５, as other programs do, as 5."""
    return re.sub(r"^([0-9])\.0+$", r"\1", unicodedata.normalize("NFKC", text))


def _read_bank_question(build: Builder, name: str, position: int) -> None:
    """Take points as they are written; labels (of SPSS) are scored as those of 问卷星 are."""
    values, bank = build.cells(position), QUESTIONS[name]
    values = values.mask(values.isin(BLANKS), "")
    values = values.map({text: _number(text) for text in values.unique()})
    if bank.answer_type == "sat5" and not values.str.fullmatch(_BARE).all():
        build.scored(name, bank.text.zh, position)
        return
    if bank.answer_type == "yesno":
        scores = yes_no_scores(list(values.unique()))
        values = values.replace({v: "" if n is None else str(n) for v, n in scores.items()})
    build.answer(name, bank.text.zh, bank.answer_type, values, (position,))


def _name(header: str) -> str:
    """Return what a heading names: of `R01` over the wording of a template, R01."""
    return wjx.heading(wjx.heading(header).split("\n")[0])


def _is_scored(header: str) -> bool:
    bank = QUESTIONS.get(_name(header))
    return bank is not None and bank.answer_type == "sat5"


def is_wide(header: tuple[str, ...]) -> bool:
    """Say whether a header is a plain wide survey: a township column and bank questions."""
    names = set(map(_name, header))
    return "township_code" in names and bool(names & set(QUESTIONS))


def read_wide(
    grid: Grid, mapping: SurveyMapping, towns: pd.DataFrame, survey_id: str
) -> SurveyReading:
    """Split a plain wide file: respondent columns by contract name, questions by bank id.

    Raises DataError `wide_repeated` where a column that is read stands there twice, and
    `weights_several`.
    """
    build = Builder(grid, mapping, towns, survey_id)
    allowed = set(TABLES["survey_respondents"].column_names)
    _refuse_repeated(grid.header, allowed | set(QUESTIONS))
    build.ends_seen = _ends_seen(grid, (n for n, h in enumerate(grid.header) if _is_scored(h)))
    names = tuple(map(_name, grid.header))
    if "respondent_id" in names:
        named = names.index("respondent_id")
        build.doubled((named,), person=named)
    weighted = weight_column(names)
    for position, header in enumerate(grid.header):
        name = _name(header)
        if name == "township_code":
            build.area(name, name, position)
        elif position == weighted:
            build.weight(position)
        elif name in QUESTIONS and QUESTIONS[name].answer_type != "text":
            _read_bank_question(build, name, position)
        elif name in QUESTIONS and QUESTIONS[name].answer_type == "text":
            build.comments(name, QUESTIONS[name].text.zh, position)
        elif name in allowed:
            build.respondents[name] = wjx.cells(grid, position)
            build.note(name, name, (position,), name)
        else:
            build.note(name, name, (position,), "unused")
    return build.reading((), pd.DataFrame(columns=list(quality_flags.COLUMNS)))


def _refuse_repeated(header: tuple[str, ...], read: set[str]) -> None:
    times = Counter(map(_name, header))
    twice = [name for name, count in times.items() if count > 1 and name in read]
    if twice:
        raise DataError("wide_repeated", columns="、".join(twice))
