"""What goes with overall satisfaction, and how well the questions of an index hold together.

A read-out of association in the place of the scope: never a weight, never a cause. These figures
need the answers of each person side by side, so that they are read from the rows, not the roll-up.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.answer_points import POINTS
from data.scope import Scope
from data.store import Store
from metrics.disclosure.base_rule import minimum_base
from metrics.queries import sql
from metrics.satisfaction.figures import likert, scale_of
from metrics.survey import alpha, drivers, importance

OVERALL = "S1"
CORNERS = ("improve", "keep", "later", "enough")
QUESTIONS = [
    *("question_id", "text_zh", "text_en", "index_code", "n", "performance", "importance"),
    *("corner", "shown", "note"),
]
SHARES = ["item", "n", "share", "part", "r_squared", "note"]
ALPHAS = ["item", "questions", "n", "alpha", "note"]


@dataclass(frozen=True)
class Drivers:
    """What goes with the overall answer (index S1), in one place.

    questions: QUESTIONS, one row per scored question outside S1. performance: its weighted mean in
    points, as everywhere; importance: weighted correlation with the overall answer, on the n who
    answered both. corner: 'improve' (importance above, performance below the means of the
    questions shown), 'keep' (both above), 'later' (both below), 'enough'; '' where not shown.
    shares: SHARES, one row per other index, a person's index being the mean of its answers, on the
    people who have all. alphas: ALPHAS, one row per index of two questions and more, on the people
    who answered all of them. note: '' | 'below_base' | 'complement' | 'no_answers' |
    'no_variation' | 'too_few_answers'; with a note no figure is given.
    """

    questions: pd.DataFrame
    shares: pd.DataFrame
    alphas: pd.DataFrame


def read_out(store: Store, scope: Scope, survey_id: str) -> Drivers:
    """Return importance beside performance, driver shares and alpha; empty tables without S1."""
    way = scale_of(store, scope, survey_id).way
    asked_for = scope.parameters() | {"survey_id": survey_id, "way": way}
    points = store.read(sql("satisfaction/points"), asked_for)
    known = likert(store, scope, survey_id)
    minimum = minimum_base(store)
    people = _by_person(points)
    asked = known.dropna(subset="index_code").groupby("index_code")["question_id"].apply(list)
    sets = {str(code): [q for q in held if q in people] for code, held in asked.items()}
    indices = people[["weight"]].assign(
        **{code: people[held].mean(axis=1) for code, held in sets.items() if held}
    )
    return Drivers(
        _importance(people.assign(overall=indices.get(OVERALL)), known, POINTS[way], minimum),
        _shares(indices, _open(known, sets), minimum),
        _alphas(people, sets, _open(known, sets), minimum),
    )


def _by_person(points: pd.DataFrame) -> pd.DataFrame:
    """Return one row per respondent: weight, and a column of points for every question."""
    wide = points.pivot(index="respondent_id", columns="question_id", values="y")
    weight = points.drop_duplicates("respondent_id").set_index("respondent_id")["weight"]
    return wide.assign(weight=weight).rename_axis(columns=None)


def _open(known: pd.DataFrame, sets: dict[str, list[str]]) -> set[str]:
    """Return the indices none of whose questions the base rule hides."""
    secret = set(known.loc[known["note"].isin(["below_base", "complement"]), "question_id"])
    return {code for code, held in sets.items() if not secret & set(held)}


def _importance(
    people: pd.DataFrame, known: pd.DataFrame, worth: Sequence[float], minimum: int
) -> pd.DataFrame:
    rows = known[known["index_code"] != OVERALL].copy()
    overall = known.loc[known["index_code"] == OVERALL]
    if overall.empty or rows.empty:
        return pd.DataFrame(columns=QUESTIONS)
    # From the same sums as on every other panel: a mean over those who answered both would give
    # away, beside the mean of all, the few who did not.
    points = sum(worth[value - 1] * rows[f"share{value}"] / 100 for value in range(1, 6))
    held = [name for name in rows["question_id"] if name in people]
    found = (
        importance(people, "overall", held, "weight") if held else pd.DataFrame(columns=["item"])
    )
    found = found.rename(columns={"item": "question_id", "note": "why"})
    columns = ["question_id", "n", "importance", "why"]
    table = rows.drop(columns="n").assign(performance=points)
    table = table.merge(found.reindex(columns=columns), on="question_id", how="left")
    hidden = overall["note"].iloc[0] if not overall["shown"].all() else ""
    note = table["note"].where(table["note"] != "", hidden)
    few = table["n"].fillna(0) < minimum
    note = note.mask((note == "") & few, "below_base")
    note = note.where(note != "", table["why"].fillna("no_answers"))
    table = table.assign(note=note, shown=note == "")
    figures = ["n", "performance", "importance"]
    table[figures] = table[figures].astype(float).where(table["shown"])
    return table.assign(corner=_corners(table))[QUESTIONS]


def _corners(table: pd.DataFrame) -> list[str]:
    well = table["performance"] >= table["performance"].mean()
    much = table["importance"] >= table["importance"].mean()
    named = np.select([much & ~well, much & well, ~much & ~well], CORNERS[:3], CORNERS[3])
    return [str(name) if shown else "" for name, shown in zip(named, table["shown"], strict=True)]


def _shares(indices: pd.DataFrame, open_: set[str], minimum: int) -> pd.DataFrame:
    names = [str(name) for name in indices if name not in ("weight", OVERALL)]
    if OVERALL not in indices or not names:
        return pd.DataFrame(columns=SHARES)
    table = drivers(indices, OVERALL, names, "weight")
    if table["n"].iloc[0] < minimum:
        table["note"] = "below_base"
    elif not {OVERALL, *names} <= open_:
        table["note"] = "complement"
    figures = ["n", "share", "part", "r_squared"]
    table[figures] = table[figures].astype(float).where(table["note"] == "")
    return table[SHARES]


def _alphas(
    people: pd.DataFrame, sets: dict[str, list[str]], open_: set[str], minimum: int
) -> pd.DataFrame:
    rows = []
    for code, held in sets.items():
        if len(held) < 2:
            continue
        found = alpha(people, held, "weight").iloc[0]
        reason = "below_base" if found["n"] < minimum else ""
        reason = reason or ("" if code in open_ else "complement") or found["note"]
        n, value = (np.nan, np.nan) if reason else (found["n"], found["alpha"])
        rows.append((code, len(held), n, value, reason))
    return pd.DataFrame(rows, columns=ALPHAS)
