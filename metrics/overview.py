"""One page for a leader: what is good, what is not, who owes it (framework/scoring.md)."""

from dataclasses import replace

import numpy as np
import pandas as pd

from data.scope import Scope
from data.store import Store
from metrics.assessment.township_card import assessed
from metrics.duty.burden import registry
from metrics.evaluate import Evaluation, latest_year
from metrics.register import INDICATORS

CAPACITIES = ("B1", "B2", "B3", "B4", "B5")
# Rates whose denominator counts people: those not reached are people left out.
OF_PEOPLE = ("D5", "D6", "D7", "D8", "D9", "B2.T1", "B2.S2")
REACH = ("D5", "D6", "D7", "D8")
BURDENS = ("G2", "G4", "G7")


def gaps(store: Store, scope: Scope) -> pd.DataFrame:
    """Return people left out by indicator, the most first: indicator_id, people, of, accountable.

    Of the township in scope, else of the county: denominator less numerator of OF_PEOPLE.
    """
    rows = _own(store, scope, OF_PEOPLE)
    table = pd.DataFrame(
        {
            "indicator_id": rows.index,
            "people": rows["den"] - rows["num"],
            "of": rows["den"],
            "accountable": [INDICATORS[i].accountable for i in rows.index],
        }
    )
    held = table[table["people"].notna() & (table["people"] > 0)]
    return held.sort_values("people", ascending=False).reset_index(drop=True)


def burden_strip(store: Store, scope: Scope) -> pd.DataFrame:
    """Return BURDENS of the year and the year before, against the local caps.

    Columns: indicator_id, before, after, target; cap (the highest in force, NaN where there is
    none), over (townships above theirs).
    """
    year = latest_year(store, scope)
    after = _own(store, replace(scope, year=year), BURDENS)["value"]
    earlier = replace(scope, year=None if year is None else year - 1)
    before = _own(store, earlier, BURDENS)["value"] if year is not None else after * np.nan
    target = [INDICATORS[i].scored_target for i in after.index]
    asked = registry(store, replace(scope, year=year))
    capped = asked[asked["cap"].notna()]
    over = capped[capped["after"] > capped["cap"]]
    table = pd.DataFrame({"before": before, "after": after, "target": target})
    table["cap"] = capped.groupby("about")["cap"].max().reindex(table.index)
    table["over"] = over.groupby("about").size().reindex(table.index, fill_value=0)
    return table.astype(float).rename_axis("indicator_id").reset_index()


def capacities(store: Store, scope: Scope) -> pd.DataFrame:
    """Return the five capacities: block, score, low, high, units.

    score: of the township in scope, else the mean of those with a score. low, high: 10th and
    90th percentile of the townships (units) it stands among.
    """
    everywhere = assessed(store, replace(scope, township=None))
    own = assessed(store, scope) if scope.township else everywhere
    rows = []
    for block in CAPACITIES:
        if block not in everywhere.blocks:
            continue
        held = everywhere.scores.of(block).dropna()
        score = own.scores.of(block).mean()
        ends = held.quantile([0.1, 0.9]) if len(held) else pd.Series([np.nan, np.nan])
        rows.append((block, score, *ends, len(held)))
    return pd.DataFrame(rows, columns=["block", "score", "low", "high", "units"])


def reach(store: Store, scope: Scope) -> pd.DataFrame:
    """Return residents outside the reach of each service: indicator_id, outside, share, note."""
    rows = _own(store, scope, REACH)
    return pd.DataFrame(
        {
            "indicator_id": rows.index,
            "outside": rows["den"] - rows["num"],
            "share": 100 - rows["value"],
            "note": rows["note"],
        }
    ).reset_index(drop=True)


def reach_by_township(store: Store, scope: Scope) -> pd.DataFrame:
    """Return unit_code, indicator_id, share: of REACH, percent of residents outside; NaN unknown.

    All townships of the county, whichever place or type is in scope.
    """
    asked = [INDICATORS[i] for i in REACH]
    everywhere = replace(scope, township=None, unit_type=None)
    rows = Evaluation(store, everywhere).table(asked)
    towns = rows[rows["level"].eq("township")]
    found = towns[["unit_code", "indicator_id"]].assign(share=100 - towns["value"])
    return found.reset_index(drop=True)


def _own(store: Store, scope: Scope, ids: tuple[str, ...]) -> pd.DataFrame:
    table = Evaluation(store, scope).table([INDICATORS[i] for i in ids])
    level = "township" if scope.township else "county"
    rows = table[table["level"].eq(level)].drop_duplicates("indicator_id")
    return rows.set_index("indicator_id").reindex(list(ids))
