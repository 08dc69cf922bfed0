"""Marks on questionnaires of a survey, and the decision which of them do not count.

A mark never deletes anything: an evaluator decides which kinds are set aside, signs it, and may
take it back. The marks are those of `data.surveys.quality_flags` on what the store holds, the
file's own (`survey_marks`), and four of interviewers and villages (framework/survey.md, 'Quality').
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.contracts import CODES
from data.errors import DataError
from data.scope import Scope
from data.store import Change, Store
from data.surveys import quality_flags
from data.words import both
from metrics.decisions.survey_effect import Effect, Moved, effect_of
from metrics.disclosure.base_rule import minimum_base
from metrics.evaluate import wilson
from metrics.queries import sql
from metrics.satisfaction.figures import protection_of, reason_of

KINDS = tuple(code.value for code in CODES["survey_flag"])
# An interview takes ten minutes and more; ten in one hour were not held.
MOST_PER_HOUR = 10
# Fewer marks than these may lie together by chance.
FEWEST_CLUSTERED = 5
KIND_COLUMNS = ["flag", "n", "share", "set_aside", "unit_code", "name_zh", "name_en", "unit_share"]
UNIT_COLUMNS = ["unit_code", "name_zh", "name_en", "n", "marked", "share", "set_aside", "note"]
_SEPARATOR = ";"


@dataclass(frozen=True)
class Quality:
    """The marks of a survey in one place.

    kinds: KIND_COLUMNS, one row per kind of mark. n: questionnaires marked, share: of all in the
    place, in %; set_aside: of the marked ones. unit_code, names, unit_share (%): the township with
    the highest share whose Wilson interval lies above the place's share, blank where marks do not
    cluster. units: UNIT_COLUMNS, one row per township: respondents, those with any mark; note
    'below_base' | 'complement' where the base rule hides them. respondents, marked, set_aside:
    of the place. decided: kinds that are set aside now. note: why the place itself is hidden, or
    ''; then nothing is counted of it: kinds is empty.
    """

    kinds: pd.DataFrame
    units: pd.DataFrame
    respondents: int
    marked: int
    set_aside: int
    decided: tuple[str, ...]
    note: str = ""


def quality(store: Store, scope: Scope, survey_id: str) -> Quality:
    """Return the marks of a survey in the scope."""
    marks = _marks(store, survey_id)
    units = store.read(sql("units"), scope.parameters())
    psus = store.read(sql("satisfaction/people"), {"survey_id": survey_id})
    people = psus.set_index("township_code")
    table = units[["unit_code", "name_zh", "name_en"]].copy()
    for name in ("n", "set_aside"):
        table[name] = table["unit_code"].map(people[name]).fillna(0).astype(int)
    here = marks[marks["township_code"].isin(units["unit_code"])]
    anyone = here.drop_duplicates("respondent_id").groupby("township_code").size()
    table["marked"] = table["unit_code"].map(anyone).fillna(0).astype(int)
    protection = protection_of(store, scope, people["n"], minimum_base(store))
    table["note"] = [str(protection.units.get(code, "")) for code in table["unit_code"]]
    note = reason_of(scope, protection)
    respondents = int(table["n"].sum())
    kinds = pd.DataFrame(
        [_kind(flag, here[here["flag"] == flag], table, respondents) for flag in KINDS],
        columns=KIND_COLUMNS,
    )
    table["share"] = 100 * table["marked"] / table["n"].where(table["n"] > 0)
    figures = ["n", "marked", "share", "set_aside"]
    shown = table["note"] == ""
    return Quality(
        kinds.head(0) if note else kinds,
        table.assign(**{name: table[name].astype(float).where(shown) for name in figures})[
            UNIT_COLUMNS
        ],
        0 if note else respondents,
        0 if note else int(here["respondent_id"].nunique()),
        0 if note else int(table["set_aside"].sum()),
        decided(store, survey_id),
        note,
    )


def _kind(flag: str, rows: pd.DataFrame, units: pd.DataFrame, respondents: int) -> list[object]:
    n = len(rows)
    share = 100 * n / respondents if respondents else np.nan
    own = units["unit_code"].map(rows.groupby("township_code").size()).fillna(0).astype(float)
    low, _ = wilson(np.asarray(own, dtype=float), np.asarray(units["n"], dtype=float))
    dense = units.assign(share=100 * own / units["n"], low=low, own=own)
    dense = dense[(dense["note"] == "") & (dense["low"] > share) & (own >= FEWEST_CLUSTERED)]
    if dense.empty or len(units) < 2:
        place: list[object] = ["", "", "", np.nan]
    else:
        most = dense.iloc[int(dense["share"].argmax())]
        place = [most[name] for name in ("unit_code", "name_zh", "name_en", "share")]
    return [flag, n, share, int(rows["set_aside"].sum()), *place]


def _marks(store: Store, survey_id: str) -> pd.DataFrame:
    marks = store.read(
        sql("satisfaction/marks"),
        {
            "survey_id": survey_id,
            "fast_share": quality_flags.FAST_SHARE,
            "fewest_scored": quality_flags.FEWEST_SCORED,
            "fewest_alike": quality_flags.FEWEST_ALIKE,
            "most_per_hour": MOST_PER_HOUR,
            "base": minimum_base(store),
        },
    )
    near = _near_duplicates(store, survey_id)
    # A copy is a copy, not nearly one.
    copies = set(marks.loc[marks["flag"] == "duplicate_answers", "respondent_id"])
    near = near[~near["respondent_id"].isin(copies)]
    return pd.concat([marks, near], ignore_index=True) if len(near) else marks


def _near_duplicates(store: Store, survey_id: str) -> pd.DataFrame:
    """Return the marks 'near_duplicate': all but a few answers as another of the same block's."""
    wanted = {"survey_id": survey_id, "per_word": quality_flags.PER_WORD}
    held = store.read(sql("satisfaction/packed_answers"), wanted)
    people = held.drop_duplicates("respondent_id").drop(columns=["word", "packed"])
    row = pd.Index(people["respondent_id"]).get_indexer(pd.Index(held["respondent_id"]))
    packed = np.zeros((len(people), int(held["word"].max()) + 1 if len(held) else 1), np.uint64)
    packed[row, held["word"].to_numpy(np.int64)] = held["packed"].to_numpy(np.uint64)
    block = pd.factorize(people["block"])[0].astype(np.int64)
    share = quality_flags.near_duplicates(packed, block)
    found = people.assign(flag="near_duplicate", value=share)[share > 0]
    return found[["respondent_id", "flag", "value", "township_code", "set_aside"]]


def decided(store: Store, survey_id: str) -> tuple[str, ...]:
    """Return the kinds of marks for which questionnaires of a survey are set aside now."""
    held = store.read(
        "SELECT DISTINCT unnest(string_split(flags, ';')) AS flag FROM survey_set_aside "
        "WHERE survey_id = $survey_id AND set_aside AND flags IS NOT NULL",
        {"survey_id": survey_id},
    )["flag"]
    return tuple(kind for kind in KINDS if kind in set(held))


def decision(store: Store, survey_id: str, kinds: Sequence[str], reason: str) -> pd.DataFrame:
    """Return the rows of `survey_set_aside` by which exactly these kinds are set aside.

    A questionnaire set aside for a kind that is no longer chosen is taken back; those decided one
    by one stay as they are. Raises DataError `flag_unknown`.
    """
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise DataError("flag_unknown", flags=_SEPARATOR.join(unknown))
    marks = _marks(store, survey_id)
    chosen = marks[marks["flag"].isin(kinds)].groupby("respondent_id")["flag"]
    aside = chosen.agg(_SEPARATOR.join).rename("flags").reset_index()
    before = store.read(
        "SELECT respondent_id, flags FROM survey_set_aside WHERE survey_id = $survey_id",
        {"survey_id": survey_id},
    )
    alone = set(before.loc[before["flags"].isna(), "respondent_id"])
    by_kind = before.loc[before["flags"].notna(), ["respondent_id"]]
    back = by_kind[~by_kind["respondent_id"].isin(aside["respondent_id"])]
    rows = pd.concat(
        [
            aside[~aside["respondent_id"].isin(alone)].assign(set_aside=True),
            back.assign(flags="", set_aside=False),
        ]
    )
    return rows.assign(survey_id=survey_id, reason=reason.strip()).reset_index(drop=True)


def trial(store: Store, scope: Scope, survey_id: str, kinds: tuple[str, ...]) -> Effect:
    """Return what setting exactly these kinds aside would do to the survey's results."""
    rows = decision(store, survey_id, kinds, "")
    whom = _moved(store, survey_id, kinds, rows)
    return effect_of(store, scope, survey_id, [Change("survey_set_aside", rows)], whom)


def _moved(store: Store, survey_id: str, kinds: Sequence[str], rows: pd.DataFrame) -> Moved:
    """Return who is set aside or comes back, by what is told apart: the kinds of marks they bear.

    Kinds that are decided on now or would be. Two choices may differ in a few people although each
    of them moves many.
    """
    marks = _marks(store, survey_id)
    marks = marks[marks["flag"].isin({*kinds, *decided(store, survey_id)})]
    by_person = marks.sort_values("flag").groupby("respondent_id")
    people = by_person.agg(
        unit_code=("township_code", "first"),
        pattern=("flag", _SEPARATOR.join),
        before=("set_aside", "first"),
    )
    after = rows.set_index("respondent_id")["set_aside"].astype(bool)
    after = after.reindex(people.index).fillna(people["before"]).astype(bool)
    moved = people["before"].astype(bool) != after
    touched = people[people["unit_code"].isin(people.loc[moved, "unit_code"])]
    parts = touched.groupby(["unit_code", "pattern"], as_index=False).size()
    return Moved(parts.rename(columns={"size": "n"}), int(moved.sum()))


def set_aside(
    store: Store, survey_id: str, kinds: Sequence[str], *, author: str, reason: str
) -> int:
    """Publish the decision that exactly these kinds are set aside; return the version.

    Raises DataError `flag_unknown`, `decision_unsigned` without an author and a reason.
    """
    if not author.strip() or not reason.strip():
        raise DataError("decision_unsigned", survey=survey_id)
    rows = decision(store, survey_id, kinds, reason)
    message = both("quality.message", survey=survey_id, n=int(rows["set_aside"].sum())).zh
    return store.publish([Change("survey_set_aside", rows)], author=author.strip(), message=message)
