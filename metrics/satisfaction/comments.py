"""What people wrote, grouped by frequent terms; and the places they gave to options.

Terms are runs of two to four Chinese characters (or Latin words) that many respondents use, found
by counting alone: no dictionary, no network. Comments are read for the whole county only, never
for a part of it: a term's users in one township could otherwise be worked out from two views. Over
several counties those are left out where too few wrote something, and terms that, less what the
other counties show of them, would be known to be those of a few.
"""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.scope import Scope
from data.store import Store
from metrics.disclosure.base_rule import minimum_base
from metrics.queries import sql
from metrics.satisfaction.figures import protection_of, reason_of

TERMS = ["term", "n", "share", "examples"]
RANKED = ["option", "n", "first", "mean_place", "shown", "note"]
MOST_TERMS = 20
EXAMPLES = 3
LONGEST_EXAMPLE = 80
# A longer term that most users of a shorter one write stands for both.
_SAME_THING = 0.7
_LENGTHS = (4, 3, 2)


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


_NOTHING = _words(
    "无 没 没有 没有了 无意见 没意见 没有意见 无建议 没建议 没有建议 暂无 不知道 不清楚 都好 很好",
    "好 都满意 满意 很满意 挺好 挺好的 没什么 没啥 none no nothing n/a",
)
# Words that say nothing by themselves; a term never crosses them.
_EMPTY_WORDS = re.compile(
    "希望|建议|我们|他们|你们|大家|没有|不能|可以|应该|应当|需要|能够|问题|方面|比较|非常|一下|一些|"
    "现在|以后|进一步|有的|有些|这个|那个|什么|怎么|就是|还是|但是|因为|所以|如果|而且|或者|以及|"
    "政府|有关|部门|加强|加大|尽快|多一点|一点|要求|感觉|觉得|认为|真的|特别|太少|太多|没人|不方便|方便"
)
_COVERED = re.compile("【[^】]*】")
# Characters that no term begins or ends with.
_EDGES = frozenset(
    "的了是在和与及就也都还我你他她它这那个么吗呢吧啊把被让给对从到向为以而但或等很太更最要有多能会"
)
_RUNS = re.compile(r"[\u4e00-\u9fff]+|[A-Za-z]{3,}")
_ENGLISH_EMPTY = _words(
    "the and for that this with are was were not have has had you our",
)


@dataclass(frozen=True)
class Comments:
    """The comments on one question in a county.

    n: respondents who wrote something (NaN below the minimum base). terms: TERMS, one row per
    frequent term, most frequent first: respondents who use it (at least the minimum base), their
    share of n in %, up to EXAMPLES comments with it, covered and cut, without their place.
    left_out: counties that are not counted, as fewer than the minimum base wrote something there.
    """

    n: float
    terms: pd.DataFrame
    left_out: int = 0


def questions(store: Store, scope: Scope, survey_id: str) -> pd.DataFrame:
    """Return the open and ranking questions: question_id, answer_type, text_zh, text_en."""
    _ = scope
    return store.read(sql("satisfaction/open_questions"), {"survey_id": survey_id})


def comments(store: Store, scope: Scope, survey_id: str, question_id: str) -> Comments:
    """Return the comments on a question, for the county of the scope as a whole."""
    told = {"survey_id": survey_id, "question_id": question_id, "county": scope.county}
    rows = store.read(sql("satisfaction/comments"), told)
    bare = rows["comment"].str.strip(" 。.,，!！").str.lower()
    rows = rows[~bare.isin(_NOTHING)].drop_duplicates("respondent_id")
    base = minimum_base(store)
    writers = rows["county_code"].map(rows["county_code"].value_counts())
    left_out = int(rows.loc[writers < base, "county_code"].nunique())
    rows = rows[writers >= base]
    if rows.empty:
        return Comments(np.nan, pd.DataFrame(columns=TERMS))
    found = frequent(rows["comment"], base, rows["county_code"])
    table = pd.DataFrame(
        [
            (term, len(users), 100 * len(users) / len(rows), _examples(rows["comment"], users))
            for term, users in found.items()
        ],
        columns=TERMS,
    )
    return Comments(float(len(rows)), table, left_out)


def frequent(
    texts: pd.Series, fewest: int, counties: pd.Series | None = None
) -> dict[str, list[int]]:
    """Return term -> positions of the texts with it, for terms in at least `fewest` texts.

    counties: of each text. A term that fewer than `fewest` texts of a county hold stands there for
    two such counties at least, with `fewest` texts together. A shorter term gives way to a longer
    one that at least 70 % of its texts hold, and of terms that overlap in nearly all their texts
    the one that begins first stays.
    """
    users: dict[str, list[int]] = {}
    begins: dict[str, int] = {}
    for place, text in enumerate(texts):
        for term, start in _terms(str(text)).items():
            users.setdefault(term, []).append(place)
            begins.setdefault(term, start)
    held = {
        term: places
        for term, places in users.items()
        if len(places) >= fewest and (counties is None or _covered(counties, places, fewest))
    }
    kept: dict[str, list[int]] = {}
    for term in sorted(held, key=lambda term: (-len(term), -len(held[term]), term)):
        longer = [other for other in kept if term in other]
        if not any(len(kept[other]) >= _SAME_THING * len(held[term]) for other in longer):
            kept[term] = held[term]
    order = sorted(kept, key=lambda term: (-len(kept[term]), begins[term], term))
    return {term: kept[term] for term in _without_overlaps(order, kept)[:MOST_TERMS]}


def _covered(counties: pd.Series, places: list[int], fewest: int) -> bool:
    """Say whether what all counties show of a term, less what some do, is never that of a few."""
    users = counties.iloc[places].value_counts()
    few = users[users < fewest]
    return few.empty or (len(few) > 1 and few.sum() >= fewest)


def _without_overlaps(order: list[str], kept: dict[str, list[int]]) -> list[str]:
    """Leave out a term that a more frequent one across it has nearly all texts of."""
    result: list[str] = []
    for term in order:
        places = set(kept[term])
        alike = [other for other in result if _overlap(term, other)]
        if not any(len(places & set(kept[o])) >= _SAME_THING * len(places) for o in alike):
            result.append(term)
    return result


def _overlap(one: str, other: str) -> bool:
    """Say whether one of two terms holds the other, or ends as the other begins."""
    return other in one or any(
        left[-size:] == right[:size]
        for left, right in ((one, other), (other, one))
        for size in range(1, min(len(one), len(other)))
    )


def _terms(text: str) -> dict[str, int]:
    """Return the terms of a text with the place where each first begins."""
    bare = _EMPTY_WORDS.sub(" ", _COVERED.sub(" ", text))
    found: dict[str, int] = {}
    for run in _RUNS.finditer(bare):
        said = run.group().lower()
        for gram, start in [(said, 0)] if said[0].isascii() else _grams(said):
            if gram not in _ENGLISH_EMPTY:
                found.setdefault(gram, run.start() + start)
    return found


def _grams(run: str) -> list[tuple[str, int]]:
    """Return the terms in a run of Chinese characters and where they begin."""
    grams = [(run[n : n + size], n) for size in _LENGTHS for n in range(len(run) - size + 1)]
    return [(gram, n) for gram, n in grams if not {gram[0], gram[-1]} & _EDGES]


def _examples(texts: pd.Series, places: list[int]) -> str:
    """Return a few different comments, those of middling length first."""
    said = texts.iloc[places].drop_duplicates()
    near = (said.str.len() - 20).abs().sort_values(kind="stable").index[:EXAMPLES]
    return " / ".join(text[:LONGEST_EXAMPLE] for text in said.loc[near])


def rankings(store: Store, scope: Scope, survey_id: str, question_id: str) -> pd.DataFrame:
    """Return the places given to the options of a ranking question in the scope.

    Columns RANKED, most often first on top: n who placed the option, first: share of all who
    answered that put it first (%), mean_place among the n (1 is first), both weighted. note: '' |
    'below_base' | 'complement' | 'no_answers'; the share rests on all who answered, n and
    mean_place on those who placed the option, each under the base rule of its own.
    """
    told = {"survey_id": survey_id, "question_id": question_id}
    rows = store.read(sql("satisfaction/rankings"), told)
    units = store.read(sql("units"), scope.parameters())["unit_code"]
    minimum = minimum_base(store)
    persons = rows.drop_duplicates("respondent_id")
    whole = reason_of(
        scope, protection_of(store, scope, persons.groupby("unit_code").size(), minimum)
    )
    here, people = (frame[frame["unit_code"].isin(units)] for frame in (rows, persons))
    everyone = people["weight"].sum()
    parts = []
    for option, placed in rows.groupby("option", sort=True):
        reason = whole or reason_of(
            scope, protection_of(store, scope, placed.groupby("unit_code").size(), minimum)
        )
        own = here[here["option"] == option]
        first = own.loc[own["place"] == 1, "weight"].sum()
        mean = np.average(own["place"], weights=own["weight"]) if len(own) else np.nan
        share = 100 * first / everyone if len(people) and not whole else np.nan
        shown = reason == "" and len(own) > 0
        parts.append(
            (
                option, float(len(own)) if shown else np.nan, share,
                mean if shown else np.nan, shown, reason or ("" if len(own) else "no_answers"),
            )
        )  # fmt: skip
    table = pd.DataFrame(parts, columns=RANKED)
    return table.sort_values(
        ["first", "option"], ascending=[False, True], na_position="last", ignore_index=True
    )
