"""A county's questionnaire: which questions of the bank, which of its own, of which survey.

One JSON file per survey in the store's `mappings/designs/`. With the design the mapping of its
export is remembered (`data.surveys.questionnaires`), so that exactly this questionnaire is read
without a question. The options of an answer are the national scale; see framework/survey.md.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, cast

from data import saved
from data.contracts import CODES, TABLES
from data.errors import DataError
from data.store import Store
from data.surveys import held_by_records, questionnaires, wjx
from data.surveys.question_bank import QUESTIONS, AnswerType, Audience
from data.surveys.reading import SurveyMapping
from data.words import Text, both

Person = Literal["sex", "age_band", "residence_type", "has_disability"]
Use = Literal["area", "village", "sex", "age_band", "residence_type", "has_disability"] | AnswerType
PEOPLE: tuple[Person, ...] = ("sex", "age_band", "residence_type", "has_disability")
ANSWER_TYPES: tuple[AnswerType, ...] = ("sat5", "yesno", "count", "text")
NOT_SCORED = both("form.not_scored")
# Best first, as the points 5 … 1.
SCALE = tuple(both(f"form.scale.{points}") for points in (5, 4, 3, 2, 1))
YES_NO = (both("form.yes"), both("form.no"))
_ID = re.compile(r"[\w-]{1,60}")
_LONGEST = 200
_BANK = {question.question_id: question for question in QUESTIONS}


@dataclass(frozen=True)
class Own:
    """A question of the county's own. reason: why it is asked though records hold it; else ''."""

    text: Text
    answer_type: AnswerType
    reason: str = ""


@dataclass(frozen=True)
class Design:
    """A questionnaire. questions: ids of the bank. people: what is asked of the respondent."""

    survey_id: str
    title: Text
    audience: Audience
    questions: tuple[str, ...]
    people: tuple[Person, ...] = PEOPLE
    village: bool = True
    own: tuple[Own, ...] = ()


@dataclass(frozen=True)
class Entry:
    """One numbered question as it is asked. code: its id in the bank, else ''.

    use: what its answers are read as. options: () where the answer is written.
    """

    number: int
    code: str
    use: Use
    text: Text
    options: tuple[Text, ...] = ()


def entries(design: Design, towns: Sequence[tuple[str, str]] = ()) -> tuple[Entry, ...]:
    """Return the questions in their order: place, bank, own, respondent.

    towns: (code, name) of the townships to choose from; without any the place is written.
    Questions of the bank keep the bank's order, whatever order they were chosen in.
    """
    asked: list[tuple[str, Use, Text, tuple[Text, ...]]] = [_of("area", _named(towns))]
    if design.village:
        asked.append(_of("village"))
    for question in QUESTIONS:
        if question.question_id in design.questions:
            options = _options(question.answer_type)
            asked.append((question.question_id, question.answer_type, question.text, options))
    asked += [("", own.answer_type, own.text, _options(own.answer_type)) for own in design.own]
    asked += [_of(person, _labels(person)) for person in PEOPLE if person in design.people]
    return tuple(Entry(number, *each) for number, each in enumerate(asked, start=1))


def _of(use: Use, options: tuple[Text, ...] = ()) -> tuple[str, Use, Text, tuple[Text, ...]]:
    return "", use, both(f"form.ask.{use}"), options


def _options(answer_type: AnswerType) -> tuple[Text, ...]:
    if answer_type == "sat5":
        return (*SCALE, NOT_SCORED)
    return YES_NO if answer_type == "yesno" else ()


def _labels(person: Person) -> tuple[Text, ...]:
    return YES_NO if person == "has_disability" else tuple(code.label for code in CODES[person])


def _named(towns: Sequence[tuple[str, str]]) -> tuple[Text, ...]:
    """Name the townships to choose from; two of one name are told apart by their code."""
    return tuple(Text(label, label) for label in _town_labels(towns))


def _town_labels(towns: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return label -> code."""
    names = [name for _, name in towns]
    return {(name if names.count(name) == 1 else f"{name}（{code}）"): code for code, name in towns}


def check(design: Design) -> None:
    """Refuse a questionnaire that is not whole, asks who somebody is, or asks what records hold.

    Raises DataError `design_unnamed`, `design_empty`, `bank_unknown`, `question_blank`,
    `question_personal`, `question_held` (with the table and the field that hold it).
    """
    if not _ID.fullmatch(design.survey_id) or not design.title.zh.strip():
        raise DataError("design_unnamed", survey=design.survey_id)
    unknown = next((code for code in design.questions if code not in _BANK), None)
    if unknown:
        raise DataError("bank_unknown", question=unknown, bank=unknown)
    if not design.questions and not design.own:
        raise DataError("design_empty", survey=design.survey_id)
    for own in design.own:
        check_own(own)


def check_own(own: Own) -> None:
    """Refuse a question of the county's own that must not be asked; see `check`.

    An opinion is never held by records, so that only what happened, how often and what there is
    is looked up. A reason (to verify the record) lets a question stand.
    """
    text = own.text.zh.strip()
    if not text or len(text) > _LONGEST or "\n" in text:
        raise DataError("question_blank", longest=_LONGEST)
    if own.answer_type in ("count", "text") and wjx.asks_who(text):
        raise DataError("question_personal", question=text)
    column = None if own.answer_type == "sat5" else held_by_records.held(text)
    if column and not own.reason.strip():
        label = TABLES[column.table].label
        raise DataError("question_held", question=text, table=label, column=column.label)


def header(design: Design) -> list[str]:
    """Return the headers under which 问卷星 exports this questionnaire, after its own columns."""
    return [f"{entry.number}、{entry.text.zh}" for entry in entries(design)]


def fingerprint(design: Design) -> str:
    """Return what an export of this questionnaire is recognised by."""
    return questionnaires.fingerprint(
        [
            wjx.Question(entry.number, "single", (entry.number,), wjx.clean(entry.text.zh))
            for entry in entries(design)
        ]
    )


def mapping(design: Design, towns: Sequence[tuple[str, str]] = ()) -> SurveyMapping:
    """Return what the importer must know to read an export of this questionnaire unasked.

    Bare digits stay a question: whether 1 is the best or the worst depends on who typed them.
    """
    labels: dict[str, int | None] = {
        label.zh: points for label, points in zip(SCALE, (5, 4, 3, 2, 1), strict=True)
    }
    own = {own.text.zh: own.text.en or own.text.zh for own in design.own}
    questions: dict[str, dict[str, str]] = {}
    for entry in entries(design):
        said: dict[str, str] = {"bank": entry.code} if entry.code else {"use": entry.use}
        if not entry.code and entry.text.zh in own:
            said["text_en"] = own[entry.text.zh]
        questions[f"Q{entry.number}"] = said
    return SurveyMapping(
        survey={"audience": design.audience},
        questions=questions,
        labels={**labels, NOT_SCORED.zh: None},
        areas=_town_labels(towns),
    )


def towns(store: Store) -> list[tuple[str, str]]:
    """Return code and name of all townships of a store."""
    rows = store.read("SELECT township_code, name_zh FROM townships ORDER BY 1")
    return list(rows.itertuples(index=False, name=None))


def keep(store: Store, design: Design, *, new: bool = False) -> None:
    """Keep a checked design under its survey id, and what its export is read by.

    What was decided about an earlier export of the same questionnaire stays, below this.
    new: it must not replace another. Raises DataError `design_exists` and those of `check`.
    """
    check(design)
    if new and _file(store.folder, design.survey_id).exists():
        raise DataError("design_exists", survey=design.survey_id)
    known = fingerprint(design)
    saved.write(_file(store.folder, design.survey_id), {**asdict(design), "fingerprint": known})
    said = mapping(design, towns(store))
    earlier = questionnaires.recall(store.folder, known)
    questionnaires.remember(
        store.folder, known, questionnaires.overlaid(earlier, said) if earlier else said
    )


def kept(folder: Path) -> dict[str, Design]:
    """Return the designs of a store by survey id, the newest first.

    Raises DataError `saved_unreadable`, `design_damaged`.
    """
    files = (folder / "mappings" / "designs").glob("*.json")
    newest = sorted(files, key=lambda file: file.stat().st_mtime_ns, reverse=True)
    found = [_read(file, saved.read(file)) for file in newest]
    return {design.survey_id: design for design in found}


def planned(folder: Path, known: str) -> Design | None:
    """Return the newest design whose export has this fingerprint."""
    return next((each for each in kept(folder).values() if fingerprint(each) == known), None)


def awaited(store: Store, known: str) -> Design | None:
    """Return the design an export answers, while the store holds no answers of its survey yet.

    Later answers are another wave, whose survey id a person says: they must not replace these.
    """
    design = planned(store.folder, known)
    if design is None:
        return None
    query = "SELECT count(*) AS n FROM survey_respondents WHERE survey_id = $survey"
    held = int(store.read(query, {"survey": design.survey_id})["n"].item())
    return None if held else design


def _read(file: Path, content: dict[str, Any]) -> Design:
    try:
        own = [Own(Text(*each["text"]), each["answer_type"], each["reason"])
               for each in content["own"]]  # fmt: skip
        design = Design(
            survey_id=content["survey_id"],
            title=Text(*content["title"]),
            audience=cast(Audience, content["audience"]),
            questions=tuple(content["questions"]),
            people=tuple(content["people"]),
            village=content["village"],
            own=tuple(own),
        )
        check(design)
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError("design_damaged", file=file.name, reason=str(error)[:200]) from error
    return design


def _file(folder: Path, survey_id: str) -> Path:
    digest = hashlib.sha256(survey_id.encode()).hexdigest()[:16]
    return folder / "mappings" / "designs" / f"{digest}.json"
