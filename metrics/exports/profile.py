"""A township on one page, as plain tables for many at once: what its page shows, told by unit.

Every figure is that of the page: the same assessment, draws, changes, history and appeals.
"""

from collections.abc import Callable, Mapping

import pandas as pd

from data.contracts import CODES
from data.scope import Scope
from data.store import Store
from data.words import both
from metrics.assessment.cards import ROOT
from metrics.assessment.improvement import lifts, sides
from metrics.assessment.progress import changes_by_unit, history_by_unit
from metrics.assessment.robustness import band_ranges
from metrics.assessment.township_card import assessed, block_name
from metrics.duty import appeals as appealed
from metrics.exports.profile_words import NAMED, flag
from metrics.register import INDICATORS

UNIT = ["unit_code", "unit_name_zh", "unit_name_en"]
# Of the township as a whole: they stand in the row of its total.
RANGE = ["sure", "rank_low", "rank_high", "peers"]
FLAGS = ["flags_zh", "flags_en"]
WHOLE = ["band", "facts", "satisfaction", *RANGE, *FLAGS]
# Of what counts towards the score. improvement: 1 to 3, what would lift it most.
OWN = ["side", "gain", "improvement"]


def trees(store: Store, scope: Scope) -> pd.DataFrame:
    """Return `Assessment.trees` with WHOLE and OWN of every township."""
    assessment = assessed(store, scope)
    table = assessment.trees()
    whole = _whole(store, scope)
    at = table["node"].eq(ROOT)
    for name in WHOLE:
        held = table["unit_code"].map(whole[name])
        table[name] = held.where(at, "" if name in FLAGS else None)
    parts = [_own(rows) for _, rows in table.groupby("unit_code", sort=False)]
    found = pd.concat(parts) if parts else pd.DataFrame(columns=OWN)
    return table.join(found)


def _whole(store: Store, scope: Scope) -> pd.DataFrame:
    """Return WHOLE by unit."""
    card = assessed(store, scope).card()
    overview = card.overview.set_index("unit_code")
    ranges = band_ranges(store, scope).set_index("unit_code")
    told = [flag(row) for row in card.flags.to_dict("records")]
    words = pd.DataFrame(told, columns=FLAGS, index=card.flags["unit_code"])
    found = overview[["band", "facts", "satisfaction"]].join(
        ranges.rename(columns={"low": "rank_low", "high": "rank_high"})[RANGE]
    )
    for name, joiner in zip(FLAGS, both("shell.list_joiner"), strict=True):
        found[name] = words.groupby(level=0)[name].agg(joiner.join)
        found[name] = found[name].astype(object).fillna("")
    return found


def _own(tree: pd.DataFrame) -> pd.DataFrame:
    """Return OWN of one township's tree."""
    gains = lifts(tree).set_index("node")["gain"]
    told = dict(sides(tree)[["node", "side"]].to_numpy())
    first = gains.index[:NAMED]
    places = pd.Series(range(1, len(first) + 1), first, dtype="Int64")
    return pd.DataFrame(
        {
            "side": [told.get(node, "") for node in tree["node"]],
            "gain": tree["node"].map(gains),
            "improvement": tree["node"].map(places).astype("Int64"),
        }
    )


def changes(store: Store, scope: Scope) -> pd.DataFrame:
    """Return `changes_by_unit` with the names of units and indicators."""
    table = changes_by_unit(store, scope)
    found = [INDICATORS[each] for each in table["indicator_id"]]
    named = table.assign(
        indicator_zh=[each.name.zh for each in found],
        indicator_en=[each.name.en for each in found],
        unit_zh=[each.unit.zh for each in found],
        unit_en=[each.unit.en for each in found],
    )
    return _named(store, scope, named)


def history(store: Store, scope: Scope) -> pd.DataFrame:
    """Return `history_by_unit` with the names of units and blocks."""
    table = history_by_unit(store, scope)
    blocks = {code.value: block_name(code.value) for code in CODES["pair_dim"]}
    words = blocks | {ROOT: both("scorecard.total")}
    named = table.assign(
        name_zh=[words[node].zh for node in table["node"]],
        name_en=[words[node].en for node in table["node"]],
    )
    return _named(store, scope, named)


def appeals(store: Store, scope: Scope) -> pd.DataFrame:
    """Return the appeals of a scope; note: the reason of the decision."""
    table = appealed.appeals(store, scope)
    found = [INDICATORS.get(str(each)) for each in table["indicator_id"]]
    for name in ("filed_on", "due_on", "decided_on"):
        days = pd.to_datetime(table[name]).dt.strftime("%Y-%m-%d").astype(object)
        table[name] = days.where(days.notna(), None)
    named = table.drop(columns=["name_zh", "name_en"]).rename(
        columns={"kind": "appeal_kind", "outcome": "appeal_outcome", "reason": "grounds",
                 "note": "decision"}
    )  # fmt: skip
    whole = both("duty.whole_score")
    named = named.assign(
        indicator_zh=[each.name.zh if each else whole.zh for each in found],
        indicator_en=[each.name.en if each else whole.en for each in found],
    )
    return _named(store, scope, named)


def _named(store: Store, scope: Scope, table: pd.DataFrame) -> pd.DataFrame:
    """Return a table by unit with UNIT first; of units of the scope alone."""
    units = assessed(store, scope).units[["name_zh", "name_en"]].astype(str)
    units = units.set_axis(UNIT[1:], axis=1)
    found = table[table["unit_code"].isin(units.index)].join(units, on="unit_code")
    return found[[*UNIT, *(c for c in found if c not in UNIT)]].reset_index(drop=True)


# What stands beside the trees; part -> what answers it.
PARTS: Mapping[str, Callable[[Store, Scope], pd.DataFrame]] = {
    "change": changes, "history": history, "appeal": appeals,
}  # fmt: skip
