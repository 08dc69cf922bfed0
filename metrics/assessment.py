"""The township card of the light start, and the county's own duties beside it.

Facts and opinions are combined late and openly: every block is 70 % facts and 30 % the paired
satisfaction of residents. Points come from goalposts, never from ranks: a target where one
exists, else the frozen 10th to 90th percentile of the peers in the baseline year. Method:
framework/scoring.md, section 5 (two cards, bands 90/75/60/40, no veto, missing is not zero).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.contracts import CODES
from data.scope import Scope
from data.store import Store
from data.words import Text, both
from metrics.evaluate import Evaluation, latest_year
from metrics.queries import sql
from metrics.register import INDICATORS, Indicator
from metrics.scoring import DECIMALS, Scheme, score

FRAMEWORK = "light-2026"
BLOCK_WEIGHTS: Mapping[str, float] = {
    "B2": 12.0,
    "B3": 7.0,
    "B4": 8.0,
    "B5": 7.0,
    "C": 15.0,
    "D": 22.0,
    "E": 9.0,
    "F": 9.0,
}
FACTS_SHARE = 0.7
DATA_THRESHOLD = 0.6
# Where a target is to be reached from below, half of it is worth no points.
FLOOR_SHARE = 0.5
FEWEST_PEERS = 8
# India's Panchayat Advancement Index publishes these cut points.
BAND_CUTS = (90.0, 75.0, 60.0, 40.0)
# The county owes its duties once: they are measured against all townships together.
ALL_PEERS = "all"
ROOT = "total"
GOALPOST_COLUMNS = [
    "framework", "indicator_id", "peer_group", "goal_low", "goal_high", "baseline_year",
    "source",
]  # fmt: skip
TREE_COLUMNS = [
    "node", "parent", "level", "name_zh", "name_en", "unit_zh", "unit_en", "value", "num", "den",
    "n", "low", "high", "goal_low", "goal_high", "basis", "points", "weight", "contribution",
    "data_share", "origin", "note",
]  # fmt: skip
OVERVIEW_COLUMNS = [
    "unit_code", "name_zh", "name_en", "unit_type", "score", "band", "facts", "satisfaction",
    "data_share", "note",
]  # fmt: skip
DUTY_COLUMNS = [*TREE_COLUMNS, "target"]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Card:
    """The assessment of a scope.

    tree: TREE_COLUMNS of the township in scope, empty when there is none. level: 'total' |
    'block' | 'indicator' | 'satisfaction'. goal_low is the value worth 0 points, goal_high 100.
    weight: share of 100 after renormalisation over what has data, so that contribution = points *
    weight / 100 and contributions add up to the score; 0 where a node does not count. Without a
    score, weights are the declared ones. basis: 'target' | 'frozen' | 'provisional' | ''.
    overview: OVERVIEW_COLUMNS, one row per township; band 1 (best) to 5.
    duty: DUTY_COLUMNS, the county's own row of each of its duties.
    """

    tree: pd.DataFrame
    overview: pd.DataFrame
    duty: pd.DataFrame


def township_indicators() -> list[Indicator]:
    """Return the indicators of the township card, block by block."""
    return [i for i in INDICATORS.values() if i.light_start and i.block in BLOCK_WEIGHTS]


def duty_indicators() -> list[Indicator]:
    """Return the indicators the county answers for."""
    return [i for i in INDICATORS.values() if i.light_start and i.block == "G"]


def band(points: float) -> float:
    """Return the band of a score, 1 (90 and more) to 5 (under 40), NaN without a score."""
    if np.isnan(points):
        return np.nan
    return 1.0 + sum(round(points, DECIMALS) < cut for cut in BAND_CUTS)


def freeze_goalposts(store: Store, year: int) -> pd.DataFrame:
    """Return the goalposts of a baseline year, with the columns of the table goalposts.

    One row per indicator scored without a rising target and peer group with at least 8 values
    that differ: the worst and the best decile (10th and 90th percentile, linear interpolation).
    """
    evaluation = Evaluation(store, Scope(year))
    groups = _peer_groups(evaluation.units)
    parts = [
        _deciles(evaluation.evaluate(each), each, groups, year) for each in _measured_by_peers()
    ]
    return pd.concat(parts, ignore_index=True)[GOALPOST_COLUMNS]


def frozen_goalposts(store: Store, scope: Scope) -> pd.DataFrame:
    """Return the frozen goalposts: indicator_id, peer_group, goal_low, goal_high, baseline_year.

    They hold for the whole store, whatever the scope. Empty while none are frozen.
    """
    _ = scope
    return store.read_once(sql("indicators/goalposts"), {"framework": FRAMEWORK})


def card(store: Store, scope: Scope) -> Card:
    """Return the card of the scope; without a year, of the newest one."""
    scope = replace(scope, year=latest_year(store, scope))
    evaluation = Evaluation(store, scope)
    posts = _Posts(store)
    kinds = store.read_once(sql("indicators/kinds")).set_index("unit_code")
    facts = pd.concat(
        [_facts(evaluation, each, posts, kinds) for each in township_indicators()],
        ignore_index=True,
    )
    pairs = _pairs(store, evaluation)
    units = evaluation.units.set_index("unit_code")
    if scope.township:
        units = units[units.index == scope.township]
    result = _combine(facts, pairs, units.index)
    tree = pd.DataFrame(columns=TREE_COLUMNS)
    if scope.township in units.index:
        tree = _tree(str(scope.township), facts, pairs, result)
    return Card(tree, _overview(units, result), _duty(evaluation, posts))


def _measured_by_peers() -> list[Indicator]:
    township = [i for i in township_indicators() if i.scored_target is None and not _by_kind(i)]
    return [*township, *(i for i in duty_indicators() if _needs_worst(i))]


def _by_kind(each: Indicator) -> bool:
    return each.target_village is not None and each.target_community is not None


def _needs_worst(each: Indicator) -> bool:
    """Say whether the target is to be reached from above, so that a worst value is needed."""
    return each.polarity == "lower" and each.scored_target == 0


def _peer_groups(units: pd.DataFrame) -> pd.Series:
    groups = units["peer_group"].fillna(units["unit_type"]).fillna("")
    return groups.set_axis(units["unit_code"])


def _deciles(table: pd.DataFrame, each: Indicator, groups: pd.Series, year: int) -> pd.DataFrame:
    values = table[table["level"].eq("township")].set_index("unit_code")["value"].dropna()
    peers = groups.reindex(values.index)
    if each.block not in BLOCK_WEIGHTS:
        peers = pd.Series(ALL_PEERS, values.index)
    worst, best = (0.1, 0.9) if each.polarity != "lower" else (0.9, 0.1)
    rows = []
    for group, held in values.groupby(peers):
        low = float(held.quantile(worst))
        high = 0.0 if _needs_worst(each) else float(held.quantile(best))
        if len(held) >= FEWEST_PEERS and round(high - low, DECIMALS) != 0:
            source = f"p10-p90, n={len(held)}"
            rows.append((FRAMEWORK, each.id, group, low, high, year, source))
    return pd.DataFrame(rows, columns=GOALPOST_COLUMNS)


class _Posts:
    """Goalposts by peers: the frozen ones, else those of the earliest year with data."""

    def __init__(self, store: Store) -> None:
        self._frozen = frozen_goalposts(store, Scope())
        self.basis = "provisional" if self._frozen.empty else "frozen"
        self._evaluations: list[tuple[int, Evaluation]] = []
        if self._frozen.empty:
            years = sorted(int(year) for year in store.read_once(sql("years"))["year"])
            self._evaluations = [(year, Evaluation(store, Scope(year))) for year in years]

    def of(self, each: Indicator) -> pd.DataFrame:
        """Return goal_low and goal_high by peer group."""
        rows = self._frozen[self._frozen["indicator_id"].eq(each.id)]
        for year, evaluation in self._evaluations:
            table = evaluation.evaluate(each)
            if table["value"].notna().any():
                rows = _deciles(table, each, _peer_groups(evaluation.units), year)
                break
        return rows.set_index("peer_group")[["goal_low", "goal_high"]].astype(float)


def _facts(
    evaluation: Evaluation, each: Indicator, posts: _Posts, kinds: pd.DataFrame
) -> pd.DataFrame:
    """Return one indicator of all townships with goalposts and points."""
    table = evaluation.evaluate(each)
    table = table[table["level"].eq("township")].reset_index(drop=True)
    goals = _goals(each, table["unit_code"], evaluation, posts, kinds)
    table = table.assign(indicator_id=each.id, block=each.block, **goals)
    table["points"] = _points(table)
    unscored = table["value"].notna() & table["points"].isna()
    few = "no_target" if table["basis"].eq("target").all() else "few_peers"
    table["note"] = table["note"].mask(unscored, few)
    return table


def _goals(
    each: Indicator,
    codes: pd.Series,
    evaluation: Evaluation,
    posts: _Posts,
    kinds: pd.DataFrame,
) -> dict[str, Any]:
    if each.target_village is not None and each.target_community is not None:
        counts = kinds.reindex(codes).astype(float)
        villages, communities = counts["villages"], counts["communities"]
        weighted = villages * each.target_village + communities * each.target_community
        target = (weighted / (villages + communities)).to_numpy(np.float64)
        return {"goal_low": FLOOR_SHARE * target, "goal_high": target, "basis": "target"}
    if each.scored_target is not None:
        # A thing to be done a number of times starts at none, not at half of them.
        low = 0.0 if each.polarity == "target" else FLOOR_SHARE * each.scored_target
        return {"goal_low": low, "goal_high": each.scored_target, "basis": "target"}
    groups = _peer_groups(evaluation.units).reindex(codes)
    found = posts.of(each).reindex(groups)
    basis = np.where(found["goal_low"].notna(), posts.basis, "")
    return {
        "goal_low": found["goal_low"].to_numpy(np.float64),
        "goal_high": found["goal_high"].to_numpy(np.float64),
        "basis": basis,
    }


def _points(table: pd.DataFrame) -> pd.Series:
    """Return 0-100 between the goalposts; over-fulfilment earns nothing."""
    span = table["goal_high"] - table["goal_low"]
    return (100 * (table["value"] - table["goal_low"]) / span.where(span != 0)).clip(0, 100)


def _pairs(store: Store, evaluation: Evaluation) -> pd.DataFrame:
    """Return the satisfaction paired with every block, by township, under the base rule."""
    parameters = {**evaluation.parameters, "item": "pair:"}
    found = store.read_once(sql("indicators/S"), parameters)
    found["block"] = found["item"].str.removeprefix("pair:")
    found = found[found["block"].isin(list(BLOCK_WEIGHTS))]
    hidden = {
        (block, code): reason
        for block, rows in found.groupby("block")
        for code, reason in evaluation.protection(rows.set_index("unit_code")["n"]).units.items()
    }
    notes = pd.Series(
        [hidden.get(place, "") for place in zip(found["block"], found["unit_code"], strict=True)],
        found.index,
        dtype=object,
    )
    figures = ["value", "num", "den", "n"]
    found[figures] = found[figures].astype(float).mask(notes != "")
    return found.assign(note=notes)


@dataclass(frozen=True)
class _Result:
    """Scores by unit (rows) and block (columns); totals by unit."""

    blocks: pd.DataFrame
    facts: pd.DataFrame
    satisfaction: pd.DataFrame
    shares: pd.DataFrame
    total: pd.Series
    total_facts: pd.Series
    total_satisfaction: pd.Series
    share: pd.Series


def _scheme() -> Scheme:
    blocks = pd.DataFrame(
        {"id": list(BLOCK_WEIGHTS), "parent": ROOT, "weight": list(BLOCK_WEIGHTS.values())}
    )
    leaves = pd.DataFrame(
        [(i.id, i.block, 1.0) for i in township_indicators()], columns=["id", "parent", "weight"]
    )
    meta = pd.concat([blocks, leaves], ignore_index=True)
    return Scheme.from_frame(meta.assign(direction=1, goal_low=0.0, goal_high=100.0))


def _combine(facts: pd.DataFrame, pairs: pd.DataFrame, units: pd.Index) -> _Result:
    """Score facts on the tree, then add the paired satisfaction block by block."""
    points = facts.pivot(index="unit_code", columns="indicator_id", values="points")
    points = points.reindex(index=units, columns=[i.id for i in township_indicators()])
    scores = score(points, _scheme(), data_threshold=DATA_THRESHOLD)
    names = list(BLOCK_WEIGHTS)
    fact = pd.DataFrame({b: scores.of(b) for b in names}).reindex(units)
    shares = pd.DataFrame({b: scores.coverage(b) for b in names}).reindex(units)
    paired = pairs.pivot(index="unit_code", columns="block", values="value")
    paired = paired.reindex(index=units, columns=names).astype(float)
    both_parts = FACTS_SHARE * fact + (1 - FACTS_SHARE) * paired
    blocks = both_parts.where(paired.notna(), fact)
    total_facts = scores.of(ROOT).reindex(units)
    return _Result(
        blocks=blocks,
        facts=fact,
        satisfaction=paired,
        shares=shares,
        total=_weighted(blocks).where(total_facts.notna()),
        total_facts=total_facts,
        total_satisfaction=_weighted(paired),
        share=scores.coverage(ROOT).reindex(units),
    )


def _weighted(blocks: pd.DataFrame) -> pd.Series:
    weights = pd.Series(BLOCK_WEIGHTS)
    held = blocks.notna().mul(weights).sum(axis=1)
    return blocks.mul(weights).sum(axis=1) / held.where(held > 0)


def _overview(units: pd.DataFrame, result: _Result) -> pd.DataFrame:
    alone = (result.facts.notna() & result.satisfaction.isna()).any(axis=1)
    note = np.where(result.total.isna(), "not_enough_data", np.where(alone, "facts_only", ""))
    table = units.assign(
        score=result.total,
        band=result.total.map(band),
        facts=result.total_facts,
        satisfaction=result.total_satisfaction,
        data_share=result.share,
        note=note,
    )
    return table.reset_index(names="unit_code")[OVERVIEW_COLUMNS]


def _block_name(block: str) -> Text:
    return next(code.label for code in CODES["pair_dim"] if code.value == block)


def _words(name: Text, unit: Text) -> dict[str, Any]:
    return {
        "name_zh": name.zh,
        "name_en": name.en,
        "unit_zh": unit.zh,
        "unit_en": unit.en,
    }


def _tree(township: str, facts: pd.DataFrame, pairs: pd.DataFrame, result: _Result) -> pd.DataFrame:
    scored = not np.isnan(result.total[township])
    blocks = result.blocks.loc[township]
    counted = [b for b in BLOCK_WEIGHTS if not scored or not np.isnan(blocks[b])]
    total = sum(BLOCK_WEIGHTS[b] for b in counted)
    unit = both("scorecard.points_unit")
    root = {
        "node": ROOT,
        "level": "total",
        **_words(both("scorecard.total"), unit),
        "points": result.total[township],
        "weight": 100.0,
        "data_share": result.share[township],
        "note": "" if scored else "not_enough_data",
    }
    rows: list[dict[str, Any]] = [root]
    for block in BLOCK_WEIGHTS:
        weight = 100 * BLOCK_WEIGHTS[block] / total if block in counted else 0.0
        mine = facts[facts["unit_code"].eq(township) & facts["block"].eq(block)]
        pair = pairs[pairs["unit_code"].eq(township) & pairs["block"].eq(block)]
        rows.extend(_block_rows(block, weight, mine, pair, result, township))
    tree = pd.DataFrame(rows).reindex(columns=TREE_COLUMNS)
    counts = scored & tree["points"].notna() & (tree["weight"] > 0)
    tree["contribution"] = (tree["points"].astype(float) * tree["weight"] / 100).where(counts)
    text = ["parent", "basis", "origin", "note"]
    tree[text] = tree[text].fillna("")
    return tree


def _block_rows(
    block: str,
    weight: float,
    facts: pd.DataFrame,
    pair: pd.DataFrame,
    result: _Result,
    township: str,
) -> list[dict[str, Any]]:
    points = float(result.blocks[block][township])
    scored = not np.isnan(points)
    paired = not np.isnan(float(result.satisfaction[block][township]))
    facts_share = FACTS_SHARE if paired or not scored else 1.0
    note = "not_enough_data" if not scored else "" if paired else "facts_only"
    unit = both("scorecard.points_unit")
    rows: list[dict[str, Any]] = [
        {
            "node": block,
            "parent": ROOT,
            "level": "block",
            **_words(_block_name(block), unit),
            "points": points,
            "weight": weight,
            "data_share": result.shares[block][township],
            "note": note,
        }
    ]
    counted = facts["points"].notna() if scored else pd.Series(True, facts.index)
    each_weight = weight * facts_share / max(int(counted.sum()), 1)
    kept = ["value", "num", "den", "n", "low", "high", "goal_low", "goal_high", "basis"]
    for row, counts in zip(facts.to_dict("records"), counted, strict=True):
        found = INDICATORS[row["indicator_id"]]
        rows.append(
            {
                "node": found.id,
                "parent": block,
                "level": "indicator",
                **_words(found.name, found.unit),
                **{str(c): row[c] for c in (*kept, "points", "origin", "note")},
                "weight": each_weight if counts else 0.0,
                "data_share": float(pd.notna(row["points"])),
            }
        )
    held: dict[str, Any] = {}
    if len(pair):
        held = {c: pair[c].iloc[0] for c in ("value", "num", "den", "n", "note")}
    own: dict[str, Any] = {
        "node": f"pair:{block}",
        "parent": block,
        "level": "satisfaction",
        **_words(both("scorecard.satisfaction", block=_block_name(block)), unit),
        "note": "no_data",
        **held,
        "points": held.get("value", np.nan),
        "weight": weight * (1 - facts_share),
        "data_share": float(paired),
        "origin": "computed" if paired else "",
    }
    return [*rows, own]


def _duty(evaluation: Evaluation, posts: _Posts) -> pd.DataFrame:
    """Return what the county owes: its own row of every duty, with points where a target is."""
    rows = []
    for each in duty_indicators():
        county: dict[str, Any] = evaluation.evaluate(each).to_dict("records")[0]  # type: ignore[assignment]  # columns are words
        low, high, basis = _duty_goals(each, posts)
        rows.append(
            {
                **county,
                "node": each.id,
                "parent": each.block,
                "level": "indicator",
                **_words(each.name, each.unit),
                "target": each.scored_target,
                "goal_low": low,
                "goal_high": high,
                "basis": basis,
                "data_share": float(pd.notna(county["value"])),
            }
        )
    table = pd.DataFrame(rows).reindex(columns=DUTY_COLUMNS)
    numbers = ["value", "goal_low", "goal_high", "target", "weight", "contribution"]
    table[numbers] = table[numbers].astype(float)
    table["points"] = _points(table)
    unscored = table["value"].notna() & table["points"].isna()
    why = np.where(table["target"].isna(), "no_target", "few_peers")
    table["note"] = table["note"].mask(unscored, pd.Series(why, table.index))
    return table


def _duty_goals(each: Indicator, posts: _Posts) -> tuple[float, float, str]:
    if each.scored_target is None:
        return np.nan, np.nan, ""
    if not _needs_worst(each):
        return FLOOR_SHARE * each.scored_target, each.scored_target, "target"
    found = posts.of(each)
    if ALL_PEERS not in found.index:
        return np.nan, np.nan, ""
    return float(found["goal_low"][ALL_PEERS]), 0.0, posts.basis
