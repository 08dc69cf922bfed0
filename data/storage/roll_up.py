"""The sums of a survey, from which every figure of satisfaction is made.

They are made anew from the survey's rows in the transaction that touches them, so that no version
has sums of other rows than its own.
"""

from collections.abc import Mapping, Sequence, Set

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from data.contracts import TABLES
from data.storage.lake import Cursor, Parameters, bound, lent, nothing, query_file

SURVEY_TABLES = frozenset(
    {"survey_answers", "survey_respondents", "survey_questions", "survey_set_aside", "survey_meta"}
)
# The sufficient statistics of the surveys; each is the answer of sql/<name>.sql.
ROLLED_UP = ("survey_psus", "survey_sums", "survey_group_sums", "survey_counts")
# Where nothing has changed of these, the first of them, survey_psus, stays.
_OF_PSUS = frozenset({"survey_respondents", "survey_set_aside"})
# Tables that they are computed from and to which mostly nothing was ever written.
_OFTEN_UNUSED = ("survey_scoring", "survey_set_aside")
# What they are computed from, in this order; temporary tables of the publication.
_PEOPLE = ("survey_decided", "survey_people", "survey_places", "survey_classes", "survey_items")
_PACKED, _ANSWERED, _CELLS, _BY_ITEM = (
    f"survey_{name}" for name in ("packed", "answered", "cells", "by_item")
)
# One row per five-point question and class of a survey: how many of its people gave no score
# (unscored), how many gave which answer (n0 to n7), and any (answers).
_OF_CELLS = pa.schema(
    [("question", pa.int16())]
    + [
        (name, pa.int32())
        for name in ("class", "unscored", *(f"n{k}" for k in range(8)), "answers")
    ]
)
# An answer is packed in four bits; see sql/survey_packed.sql.
_BITS = 4
_UNSCORED, _SCORED = 1, slice(8, 16)


def roll_up(
    cursor: Cursor, surveys: Mapping[str, Set[str]], unused: Set[str] = frozenset()
) -> None:
    """Make the sufficient statistics of surveys anew from their rows.

    surveys: survey -> the tables in which its rows may have changed. unused: tables that had no
    rows before: no sums of these surveys have to give way there.
    """
    without = [name for name in _OFTEN_UNUSED if surveys and name in unused]
    for name in without:
        cursor.execute(f'CREATE TEMP VIEW "{name}" AS {nothing(TABLES[name])}')
    for survey_id, changed in sorted(surveys.items()):
        survey: dict[str, object] = {"survey_id": survey_id}
        year = cursor.execute(
            "SELECT year(start_on) FROM survey_meta WHERE survey_id = $survey_id", survey
        ).fetchall()
        _make(cursor, _PEOPLE, survey | {"year": year[0][0] if year else None})
        _pack(cursor, survey)
        _make(cursor, (_ANSWERED,), survey)
        _count(cursor)
        _make(cursor, (_BY_ITEM,), survey)
        for name in ROLLED_UP if changed & _OF_PSUS else ROLLED_UP[1:]:
            if name not in unused:
                cursor.execute(f'DELETE FROM lake."{name}" WHERE survey_id = $survey_id', survey)  # noqa: S608 - contract names only
            # The table is one of ROLLED_UP and the query its file; the survey is bound.
            cursor.execute(f'INSERT INTO lake."{name}" BY NAME {query_file(name)}', survey)
        for name in (*_PEOPLE, _PACKED, _ANSWERED, _CELLS, _BY_ITEM):
            cursor.execute(f"DROP TABLE temp.{name}")
    for name in without:
        cursor.execute(f'DROP VIEW temp."{name}"')


def _make(cursor: Cursor, names: Sequence[str], known: Parameters) -> None:
    for name in names:
        sql = query_file(name)
        cursor.execute(f"CREATE TEMP TABLE {name} AS {sql}", bound(sql, known) or None)


def _pack(cursor: Cursor, survey: Parameters) -> None:
    """Pack the answers, page by page; see sql/survey_packed.sql."""
    cursor.execute(
        f"CREATE TEMP TABLE {_PACKED}(respondent_id VARCHAR, page BIGINT, packed BIGINT)"
    )
    pages = cursor.execute(
        "SELECT page, list(question_id ORDER BY question) FROM "
        "(SELECT DISTINCT page, question, question_id FROM temp.survey_items) GROUP BY page"
    ).fetchall()
    for page, questions in pages:
        on_page = {**survey, "page": page, "questions": questions}
        cursor.execute(f"INSERT INTO temp.{_PACKED} {query_file(_PACKED)}", on_page)


def _count(cursor: Cursor) -> None:
    """Count the packed answers of each class of people; see _OF_CELLS.

    Counted as numbers this takes a tenth of the time of a query with a row for each answer. One
    question after the other: a survey without villages has as many classes as people.
    """
    answered = cursor.execute(f"SELECT page, class, packed FROM temp.{_ANSWERED}").fetchnumpy()  # noqa: S608
    questions = cursor.execute(
        "SELECT DISTINCT question, page, position FROM temp.survey_items ORDER BY question"
    ).fetchall()
    cells = (_cells(answered, *question) for question in questions)
    counted = pa.RecordBatchReader.from_batches(_OF_CELLS, cells)
    with lent(cursor, {"counted": counted}):
        cursor.execute(f"CREATE TEMP TABLE {_CELLS} AS FROM counted")


def _cells(
    answered: Mapping[str, npt.ArrayLike], question: int, page: int, position: int
) -> pa.RecordBatch:
    pages, of_class, packed = (np.asarray(answered[name]) for name in ("page", "class", "packed"))
    here = pages == page
    said = (packed[here] >> (_BITS * position)) & (2**_BITS - 1)
    told = (of_class[here].astype(np.int64) << _BITS) + said
    all_told = (int(of_class.max(initial=0)) + 1) << _BITS
    counts = np.bincount(told, minlength=all_told).reshape(-1, 2**_BITS).astype(np.int32)
    classes = np.flatnonzero(counts[:, _UNSCORED] + counts[:, _SCORED].sum(axis=1))
    unscored, scores = counts[classes, _UNSCORED], counts[classes, _SCORED]
    columns = [
        np.full(len(classes), question, np.int16), classes.astype(np.int32), unscored,
        *scores.T, scores.sum(axis=1, dtype=np.int32),
    ]  # fmt: skip
    return pa.record_batch([np.ascontiguousarray(each) for each in columns], schema=_OF_CELLS)
