"""Satisfaction figures for pages and exports, read from the roll-up of the published surveys.

The design: townships are strata, villages the PSUs, ultimate clusters with replacement; a
respondent without a village is a PSU of their own. Scores are 0-100 (5 = 100 … 1 = 0); answers
that are not scored never count. What the base rule hides is blank here already.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.answer_points import POINTS, SHARES
from data.errors import DataError
from data.scope import Level, Scope
from data.store import Store
from data.words import both
from metrics.disclosure.base_rule import (
    NOT_ESTIMABLE,
    Also,
    Protection,
    blank,
    minimum_base,
    protect,
    why_hidden,
)
from metrics.disclosure.cover import covered
from metrics.estimation.intervals import interval
from metrics.queries import sql
from metrics.satisfaction.scale import Scale, scale
from metrics.satisfaction.year import notes_of_all
from metrics.survey import estimate_from_sums

FIGURES = ["estimate", "se", "df", "low", "high", "deff", "share_3_5"]
COLUMNS = [
    *("unit_code", "level", "name_zh", "name_en", "unit_type", "n"),
    *(*FIGURES, "shown", "note", "lonely"),
]
LEVEL = 0.95
_WHOLE = {"township": "county", "county": "area"}
_RATED = ["rated_3_5", "rated"]


def surveys(store: Store, scope: Scope) -> pd.DataFrame:
    """Return the surveys of the scope's year, residents' first, newest first.

    Columns: those of survey_meta, respondents, set_aside (of these, by an evaluator's decision)
    and townships (in the scope's county), weight_effect (Kish's design effect of unequal weights,
    1 where all weigh alike), has_margins (raked to totals of the population), approval:
    'registered', 'unregistered' (no approval number) or 'expired' (before the survey ended);
    scale: the `satisfaction_scale.Scale` of the survey's year in the scope.
    """
    found = store.read(sql("satisfaction/surveys"), scope.parameters())
    scales = [scale(store, scope, day.year) for day in found["start_on"]]
    return found.assign(scale=pd.Series(scales, found.index, dtype=object))


def items(store: Store, scope: Scope, survey_id: str) -> pd.DataFrame:
    """Return what a survey can show: item, kind ('index' | 'question'), zh, en, n.

    n: respondents with an answer in the whole survey, blank below the minimum base.
    """
    _ = scope  # the items of a survey are the same in every place
    found = store.read(sql("satisfaction/items"), {"survey_id": survey_id})
    pooled = found["text_zh"].isna()
    labels = [both(f"survey.index.{item}") for item in found.loc[pooled, "item"]]
    for language in ("zh", "en"):
        found[language] = found[f"text_{language}"]
        found.loc[pooled, language] = [label.in_language(language) for label in labels]
    found["kind"] = np.where(pooled, "index", "question")
    found["n"] = found["n"].astype(float).where(found["n"] >= minimum_base(store))
    return found[["item", "kind", "zh", "en", "n"]]


def by_unit(
    store: Store,
    scope: Scope,
    survey_id: str,
    item: str,
    points: str | None = None,
    level: Level = "township",
) -> pd.DataFrame:
    """Estimate an item for the scope as a whole (first row) and for each of its townships.

    item: a question, an index S1..S8, or 'pair:<block>'. level: 'county' estimates the counties of
    the scope instead, each as its own whole. Columns COLUMNS: unit_code, '' of the whole
    (`is_whole`), which is left out where it is a single township; level 'county' (the whole) or
    'township', of counties 'area' (the whole) or 'county'; estimate, se, low, high in
    points, the t interval not cut at 0 or 100; deff where the item is one question (an index pools
    several answers of a respondent); share_3_5 in % of scored answers; lonely: a stratum with a
    single PSU stands behind the error, which is then adjusted upwards. note: '' | 'below_base' |
    'complement' (would give away another unit) | 'no_answers' | 'not_estimable'; with a note no
    figure is shown, and n neither where the base rule hides it. points: a way of scoring of POINTS;
    shares have logit intervals. Raises DataError `unknown_item`.
    """
    questions = store.read_once(
        sql("satisfaction/questions"), {"survey_id": survey_id, "item": item}
    )["question_id"]
    if questions.empty:
        raise DataError("unknown_item", survey=survey_id, item=item)
    way = points or scale_of(store, scope, survey_id).way
    sums, design = unit_sums(store, survey_id, item, way)
    shares = store.read_once(sql("satisfaction/shares"), {"survey_id": survey_id, "item": item})
    table = _estimates(places(store, scope, level), sums, design, shares)
    if len(questions) > 1:
        table["deff"] = np.nan
    if way in SHARES:
        table = _as_shares(table)
    counted = sums.groupby("township_code")["n"].sum()
    also = covered(store, scope.county, survey_id).get(item, ())
    return _hide(table, scope, protection_of(store, scope, counted, minimum_base(store), also))


def unit_sums(
    store: Store, survey_id: str, item: str, points: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what `estimate_from_sums` needs to estimate an item for any set of townships.

    Its sums under a way of scoring (of POINTS), each row a PSU of its own, and the number of PSUs
    of each stratum: 386,000 PSUs of a nation are read in a third of the time when none of them is
    named.
    """
    wanted = {"survey_id": survey_id, "item": item, "points": list(POINTS[points])}
    sums = store.read_once(sql("satisfaction/unit_sums"), wanted, coded=["township_code"])
    design = store.read_once(sql("satisfaction/strata"), wanted)
    named = pd.Categorical.from_codes(np.zeros(len(sums), np.int8), pd.Index([item]))
    return sums.assign(item=named, stratum=sums["township_code"]), design


def standing(table: pd.DataFrame) -> pd.Series:
    """Say whether a row's interval lies wholly outside that of the scope's whole.

    table: as of `by_unit`. Returns 'above' | 'same' | 'below', '' where the row or the whole is
    not shown.
    """
    whole = table[is_whole(table) & table["shown"]]
    answer = pd.Series("", index=table.index)
    if len(whole):
        answer[table["shown"]] = "same"
        answer[table["low"] > whole["high"].iloc[0]] = "above"
        answer[table["high"] < whole["low"].iloc[0]] = "below"
    return answer


def scale_of(store: Store, scope: Scope, survey_id: str) -> Scale:
    """Return how a survey is scored in the place of the scope."""
    started = store.read_once(sql("satisfaction/started"), {"survey_id": survey_id})["year"]
    return scale(store, scope, int(started.iloc[0]) if len(started) else None)


def scored(sums: pd.DataFrame, points: str) -> pd.DataFrame:
    """Return sums per PSU under a way of scoring, whatever each county has adopted."""
    answers = [sums[f"sw{value}"].to_numpy(float, na_value=np.nan) for value in range(1, 6)]
    made = {}
    for name, power in (("swy", 1), ("swyy", 2)):
        own = sum(p**power * sw for p, sw in zip(POINTS[points], answers, strict=True))
        # Sums that were rolled up without the single answers are of the default way.
        made[name] = np.where(np.isnan(own), sums[name].to_numpy(float, na_value=np.nan), own)
    return sums.assign(**made)


def _as_shares(table: pd.DataFrame) -> pd.DataFrame:
    """Give shares in % the interval that stays between 0 and 100."""
    value, se, df, n = (np.asarray(table[c], dtype=float) for c in ("estimate", "se", "df", "n"))
    low, high = interval("logit", value / 100, se / 100, df, n, LEVEL)
    return table.assign(low=100 * low, high=100 * high)


def likert(store: Store, scope: Scope, survey_id: str) -> pd.DataFrame:
    """Return the weighted shares of the five answers to each scored question in the scope.

    Columns: question_id, text_zh, text_en, index_code, n (scored answers), share1..share5 (% of
    the scored answers), not_scored (asked, not used or don't know), shown, note ('' |
    'below_base' | 'complement' | 'no_answers' | 'not_estimable': the question has no score here,
    and its shares would be one; the counts stay).
    """
    table = store.read(sql("satisfaction/counts"), scope.parameters() | {"survey_id": survey_id})
    bases = store.read(sql("satisfaction/bases"), scope.parameters() | {"survey_id": survey_id})
    minimum = minimum_base(store)
    also = covered(store, scope.county, survey_id)
    reasons = {
        question: reason_of(scope, protect(rows, minimum, also.get(str(question), ())))
        for question, rows in bases.groupby("question_id")
    }
    table["note"] = [
        reasons.get(question, "") if n else "no_answers"
        for question, n in zip(table["question_id"], table["n"], strict=True)
    ]
    secret = ~table["note"].isin(["", "no_answers"])
    vague = table["question_id"].isin(_without_error(store, scope, survey_id))
    table["note"] = why_hidden(table["note"].to_numpy(object), vague.to_numpy())
    table["shown"] = table["note"] == ""
    for value in range(1, 6):
        table[f"share{value}"] = 100 * table[f"sw{value}"] / table["sw"].where(table["shown"])
    table["n"] = table["n"].astype(float).mask(secret)
    table["not_scored"] = table["not_scored"].astype(float).mask(secret)
    shares = [f"share{value}" for value in range(1, 6)]
    words = ["question_id", "text_zh", "text_en", "index_code"]
    return table[[*words, "n", *shares, "not_scored", "shown", "note"]]


def _without_error(store: Store, scope: Scope, survey_id: str) -> set[str]:
    """Return the questions whose score has no error in the scope as a whole."""
    points = POINTS[scale_of(store, scope, survey_id).way]
    wanted = scope.parameters() | {"survey_id": survey_id, "points": list(points)}
    sums = store.read_once(sql("satisfaction/question_sums"), wanted)
    return {item for item, note in notes_of_all(sums).items() if note in NOT_ESTIMABLE}


@dataclass(frozen=True)
class Places:
    """What a scope is told in: its townships, or its counties.

    rows: unit_code, name_zh, name_en, unit_type (blank of counties). part: township -> unit_code of
    the row it belongs to.
    """

    rows: pd.DataFrame
    level: Level
    part: "pd.Series[str]"

    def placed(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows whose township_code is of a place here, with its unit_code."""
        inside = rows[rows["township_code"].isin(self.part.index)]
        if self.level == "township":  # 386,000 rows of a nation are not copied
            return inside.rename(columns={"township_code": "unit_code"})
        return inside.assign(unit_code=inside["township_code"].map(self.part))


def places(store: Store, scope: Scope, level: Level) -> Places:
    """Return the townships of a scope, or the counties these belong to."""
    units = store.read_once(sql("units"), scope.parameters())
    codes = units.set_index("unit_code")["county_code"]
    if level == "township":
        return Places(units, level, codes)
    counties = store.read_once(sql("counties"))
    counties = counties[counties["unit_code"].isin(codes)].reset_index(drop=True)
    return Places(counties.assign(unit_type=None), level, codes)


def is_whole(table: pd.DataFrame) -> "pd.Series[bool]":
    """Say which row is the whole of the scope, of a table as of `by_unit`."""
    return table["unit_code"].eq("")


def _estimates(
    told: Places, sums: pd.DataFrame, design: pd.DataFrame, shares: pd.DataFrame
) -> pd.DataFrame:
    """Return the scope's row, unless it is a single place, and one row per place."""
    inside = told.placed(sums)
    each = estimate_from_sums(inside, design, by="unit_code")
    each = told.rows.merge(each, on="unit_code", how="left").assign(level=told.level)
    rated = told.placed(shares).groupby("unit_code", as_index=False)[_RATED].sum()
    each = each.merge(rated, on="unit_code", how="left")
    whole = estimate_from_sums(inside, design)
    if whole.empty:
        whole = pd.DataFrame({"n": [0], "note": ["no_answers"]})
    whole = whole.assign(level=_WHOLE[told.level], unit_code="", **rated[_RATED].sum())
    table = each if len(told.rows) == 1 else pd.concat([whole, each], ignore_index=True)
    table["share_3_5"] = 100 * table["rated_3_5"] / table["rated"]
    table["n"], table["note"] = table["n"].fillna(0), table["note"].fillna("no_answers")
    return table


def protection_of(
    store: Store, scope: Scope, counted: pd.Series, minimum: int, also: Also = ()
) -> Protection:
    """Decide over the whole county, whatever part of it the scope shows; also: of `protect`."""
    everywhere = store.read_once(sql("units"), Scope(county=scope.county).parameters())
    n = everywhere["unit_code"].map(counted).fillna(0)
    return protect(everywhere.assign(n=n), minimum, also)


def reason_of(scope: Scope, protection: Protection) -> str:
    """Say why the figure of a whole scope is hidden, or ''."""
    if scope.township:
        return protection.units.get(scope.township, "")
    return protection.totals.get((scope.county, scope.unit_type), "")


def _hide(table: pd.DataFrame, scope: Scope, protection: Protection) -> pd.DataFrame:
    """Blank what is not estimable, and with its n what the base rule hides."""
    whole, counties = reason_of(scope, protection), table["level"].eq("county")
    reason = [
        whole
        if not code
        else protection.totals.get((code, scope.unit_type), "")
        if of_county
        else protection.units.get(code, "")
        for code, of_county in zip(table["unit_code"], counties, strict=True)
    ]
    return blank(table, pd.Series(reason, table.index), FIGURES).reindex(columns=COLUMNS)
