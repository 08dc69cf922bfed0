"""What follows from a figure: actions with an owner and a day, proposals, and practices to copy.

A finding is a place, an indicator and a year. Whether an action, an adopted proposal or a practice
changed anything is read from the indicator itself: its value of the finding's year beside the next
one with a value, told from noise as all changes are. None of this is ever scored. Clauses I.ii.2
(prevent, respond, review, fix), VII.i.9 (proposals), VII.v and VII.vi (practices and models).
"""

from datetime import date

import pandas as pd

from data import clock
from data.scope import Scope
from data.store import Store
from metrics.assessment.progress import judged
from metrics.evaluate import Evaluation, latest_year, wilson
from metrics.queries import sql
from metrics.register import INDICATORS

_EFFECT = ["value", "later_year", "later_value", "verdict"]
_PLACE = ["unit_code", "name_zh", "name_en", "indicator_id", "year"]
ACTION_COLUMNS = [
    "action_id", *_PLACE, "finding", "owner", "measure", "found_on", "due_on", "done_on", "state",
    *_EFFECT,
]  # fmt: skip
PROPOSAL_COLUMNS = [
    "proposal_id", *_PLACE, "finding", "raised_by", "proposal", "department", "raised_on",
    "answered_on", "outcome", "answer", *_EFFECT,
]  # fmt: skip
PRACTICE_COLUMNS = [
    "practice_id", *_PLACE, "kind", "title", "summary", "evidence", "started_on", "recognised_by",
    *_EFFECT,
]  # fmt: skip
RECHECK_COLUMNS = [
    "township_code", "name_zh", "name_en", "unit_code", "place_zh", "place_en", "item_code",
    "evidence_ref", "confirmed", "checked_on", "note",
]  # fmt: skip
# A handful a township: enough to tell 'nearly all' from 'half', few enough to be done.
RECHECKED_EACH = 10
_FIGURES = ["value", "num", "den", "n"]


def actions(store: Store, scope: Scope, *, today: date | None = None) -> pd.DataFrame:
    """Return ACTION_COLUMNS of the scope, what is not done first, by its day.

    state: 'open' | 'overdue' (not done, past its day) | 'done' | 'done_late'. value: of the year of
    the finding; later_value: of later_year, the next one with a value; verdict: 'better' | 'worse'
    | 'noise' | 'same' | 'open' (no interval) | 'moved' (no better and no worse) | 'not_yet' (no
    later value) | 'no_value'.
    """
    rows = _read(store, scope, "actions")
    day = pd.Timestamp(today or clock.today())
    due, done = pd.to_datetime(rows["due_on"]), pd.to_datetime(rows["done_on"])
    state = pd.Series("open", rows.index).mask(due < day, "overdue")
    state = state.mask(done.notna(), "done").mask(done > due, "done_late")
    return _with_effect(store, scope, rows.assign(state=state))[ACTION_COLUMNS]


def proposals(store: Store, scope: Scope) -> pd.DataFrame:
    """Return PROPOSAL_COLUMNS of the scope, what is not answered first; the rest as of `actions`.

    outcome: 'adopted' | 'partly' | 'rejected', blank while there is no answer.
    """
    return _with_effect(store, scope, _read(store, scope, "proposals"))[PROPOSAL_COLUMNS]


def practices(store: Store, scope: Scope) -> pd.DataFrame:
    """Return PRACTICE_COLUMNS of the county of the scope, the newest first.

    value: of the last year before the practice began; the rest as of `actions`.
    """
    return _with_effect(store, scope, _read(store, scope, "practices"))[PRACTICE_COLUMNS]


def rechecks(store: Store, scope: Scope, *, each: int = RECHECKED_EACH) -> pd.DataFrame:
    """Return RECHECK_COLUMNS of the year: items reported as met that are drawn for a second look.

    `each` items a township, its villages' included. confirmed, checked_on, note: blank where nobody
    has looked yet. The draw depends on the year and the items alone, so that it can be repeated.
    """
    parameters = scope.parameters() | {"year": latest_year(store, scope), "each": each}
    return store.read_once(sql("follow_up/rechecks"), parameters)[RECHECK_COLUMNS]


def confirmed(drawn: pd.DataFrame) -> pd.DataFrame:
    """Return, by township, what the second look found.

    drawn: as of `rechecks`. Columns: unit_code, name_zh, name_en, drawn, checked, confirmed, share,
    low, high (% of those checked, with the Wilson 95 % interval).
    """
    held = drawn.assign(
        checked=drawn["confirmed"].notna(), confirmed=drawn["confirmed"].eq(True).fillna(False)
    )
    keys = ["township_code", "name_zh", "name_en"]
    table = held.groupby(keys, sort=False, as_index=False).agg(
        drawn=("item_code", "size"), checked=("checked", "sum"), confirmed=("confirmed", "sum")
    )
    num, den = (table[name].to_numpy(float) for name in ("confirmed", "checked"))
    low, high = wilson(num, den)
    share = 100 * table["confirmed"] / table["checked"].where(table["checked"] > 0)
    table = table.assign(share=share, low=low, high=high)
    return table.rename(columns={"township_code": "unit_code"})


def to_copy(found: pd.DataFrame, indicators: list[str], township: str) -> pd.DataFrame:
    """Return the practices of other places for some indicators, in the order of these.

    found: as of `practices`. One whose indicator got worse is none to copy.
    """
    rows = found[found["indicator_id"].isin(indicators) & found["unit_code"].ne(township)]
    rows = rows[rows["verdict"].ne("worse")]
    order = {indicator: place for place, indicator in enumerate(indicators)}
    return rows.sort_values(
        "indicator_id", key=lambda column: column.map(order), kind="stable"
    ).reset_index(drop=True)


def places(store: Store, scope: Scope) -> pd.DataFrame:
    """Return unit_code, name_zh, name_en of the counties and townships of a scope.

    A county alone in its store needs no name: its names are blank where no boundary gives them.
    """
    counties, units = (
        store.read_once(sql(each), scope.parameters())[["unit_code", "name_zh", "name_en"]]
        for each in ("counties", "units")
    )
    counties = counties[counties["unit_code"].isin(units["unit_code"].str[:6])].astype(object)
    if len(counties) == 1 and counties["name_zh"].iloc[0] == counties["unit_code"].iloc[0]:
        counties[["name_zh", "name_en"]] = None
    return pd.concat([counties, units.astype(object)], ignore_index=True)


def _read(store: Store, scope: Scope, name: str) -> pd.DataFrame:
    return store.read_once(sql(f"follow_up/{name}"), scope.parameters())


def _with_effect(store: Store, scope: Scope, rows: pd.DataFrame) -> pd.DataFrame:
    """Add names and what became of the indicator in the same place."""
    wide = Scope(county=scope.county)
    rows = rows.merge(places(store, wide), on="unit_code", how="left")
    known = rows[["unit_code", "indicator_id", "year"]].dropna().drop_duplicates()
    if known.empty:
        return rows.assign(value=float("nan"), later_year=float("nan"), later_value=float("nan"),
                           verdict="no_value")  # fmt: skip
    effects = _effects(store, wide, known.astype({"year": int}))
    found = rows.merge(effects, on=["unit_code", "indicator_id", "year"], how="left")
    return found.assign(verdict=found["verdict"].fillna("no_value"))


def _effects(store: Store, scope: Scope, asked: pd.DataFrame) -> pd.DataFrame:
    """Return unit_code, indicator_id, year, _EFFECT of what is asked."""
    keys = ["unit_code", "indicator_id"]
    held = _values(store, scope, sorted(asked["indicator_id"].unique()), int(asked["year"].min()))
    first = asked.merge(held, on=[*keys, "year"], how="left")
    after = asked.merge(held.rename(columns={"year": "later_year"}), on=keys)
    after = after[after["later_year"] > after["year"]].sort_values("later_year")
    after = after.drop_duplicates([*keys, "year"])
    both = first.merge(after, on=[*keys, "year"], how="left", suffixes=("_0", "_1"))
    verdict = judged(both)["verdict"]
    verdict = verdict.mask(both["value_1"].isna(), "not_yet").mask(
        both["value_0"].isna(), "no_value"
    )
    both = both.assign(verdict=verdict)
    both = both.rename(columns={"value_0": "value", "value_1": "later_value"})
    return both[[*keys, "year", *_EFFECT]]


def _values(store: Store, scope: Scope, indicators: list[str], first: int) -> pd.DataFrame:
    """Return unit_code, indicator_id, year and _FIGURES of every year from the first asked on."""
    parts = []
    # As today: a change of points is no change of satisfaction.
    way = Evaluation(store, Scope(county=scope.county)).way
    for year in sorted(int(each) for each in store.read_once(sql("years"))["year"]):
        if year >= first:
            evaluation = Evaluation(store, Scope(year, scope.county), way)
            table = evaluation.table([INDICATORS[each] for each in indicators])
            parts.append(table[table["value"].notna()].assign(year=year))
    names = ["unit_code", "indicator_id", "year", *_FIGURES]
    return pd.concat([pd.DataFrame(columns=names), *parts])[names].astype(
        {"year": int} | dict.fromkeys(_FIGURES, float)
    )
