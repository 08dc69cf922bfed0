"""What a survey file was read as, and what a person decided about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from data.surveys import wjx
from data.surveys.answer_labels import NOT_ANSWERED
from data.surveys.question_bank import QUESTIONS as ALL_QUESTIONS
from data.surveys.respondents import ATTRIBUTES
from data.words import Text

BLANKS = NOT_ANSWERED
QUESTIONS = {question.question_id: question for question in ALL_QUESTIONS}
SURVEY_TABLE_ORDER = ("survey_meta", "survey_questions", "survey_respondents", "survey_answers")
# Tables a survey need not have.
OPEN_TABLES = ("survey_comments", "survey_rankings")
# What a person may say a question is read as.
USES = ("sat5", "yesno", "count", "multi", "text", "area", "village", *ATTRIBUTES)
VILLAGE_COLUMNS = ("name", "respondents", "community_code", "state")


@dataclass(frozen=True)
class SurveyMapping:
    """What a person decided about a survey file; all of it may be empty.

    survey: columns of survey_meta. questions: question id -> index_code, pair_dim, text_en;
    bank: the question of the bank it is, whose id it then gets; use: one of USES; separator: what
    stands between the options of a multiple choice in one column, else ┋.
    labels: answer label -> points 1..5 (1 or 0 of a yes-or-no), or None for 'not scored'; bare
    digits mean something else in every question and are said as 'Q3=1'.
    areas: place name -> 9-digit code; of a village 'township code/name' -> 12-digit code, '' for
    one that is not to be found. leave_out: question ids that are not imported.
    """

    survey: Mapping[str, str] = field(default_factory=dict)
    questions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    labels: Mapping[str, int | None] = field(default_factory=dict)
    areas: Mapping[str, str] = field(default_factory=dict)
    leave_out: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Understood:
    """What one question of the file was read as.

    use: 'sat5', 'yesno', 'count', 'area', 'village', 'sex', 'age_band', 'residence_type', 'text',
    'ranking', 'unused'. options: the answers seen, where they are a list (for
    `question_matching.suggest`).
    """

    question_id: str
    text: str
    columns: tuple[int, ...]
    use: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class SurveyReading:
    """A survey file as tables of text, and everything a person should see about it.

    tables: contract table -> frame of text with `record` and `line`.
    labels: columns label, points, state ('known', 'not_scored', 'chosen', 'unclear').
    areas: columns name, respondents, township_code, state ('found', 'chosen', 'unknown', 'blank').
    villages: the same with community_code; names are 'township code/name', as in the mapping.
    personal: headers that were dropped. flags: columns record, flag, value.
    questions: as the headings say them, for `questionnaires.fingerprint`.
    registered: columns of survey_meta that keep what is registered (`data.surveys.registrations`).
    aside: headers of remarks, which are not kept. said: what else a person should know.
    """

    tables: dict[str, pd.DataFrame]
    understood: tuple[Understood, ...]
    labels: pd.DataFrame
    areas: pd.DataFrame
    problems: list[dict[str, object]]
    personal: tuple[str, ...]
    flags: pd.DataFrame
    villages: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=list(VILLAGE_COLUMNS))
    )
    questions: tuple[wjx.Question, ...] = ()
    registered: frozenset[str] = frozenset()
    aside: tuple[str, ...] = ()
    said: tuple[Text, ...] = ()
