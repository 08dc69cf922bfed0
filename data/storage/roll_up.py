"""The sums of a survey, from which every figure of satisfaction is made.

They are made anew from the survey's rows in the transaction that touches them, so that no version
has sums of other rows than its own.
"""

from collections.abc import Mapping, Sequence, Set

from data.contracts import TABLES
from data.storage.lake import Cursor, Parameters, bound, nothing, query_file

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
_PACKED = "survey_packed"
_COUNTED = ("survey_answered", "survey_cells", "survey_by_item")


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
        _make(cursor, _COUNTED, survey)
        for name in ROLLED_UP if changed & _OF_PSUS else ROLLED_UP[1:]:
            if name not in unused:
                cursor.execute(f'DELETE FROM lake."{name}" WHERE survey_id = $survey_id', survey)  # noqa: S608 - contract names only
            # The table is one of ROLLED_UP and the query its file; the survey is bound.
            cursor.execute(f'INSERT INTO lake."{name}" BY NAME {query_file(name)}', survey)
        for name in (*_PEOPLE, _PACKED, *_COUNTED):
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
