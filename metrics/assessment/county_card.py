"""The county card: what the county owes its townships, scored by the same data.

70 % facts (response 20, lists 20, burden 25, correction 5, resources 20, system 10), 15 % the
relief cadres feel (S8) and 15 % the residents' overall satisfaction (S1); an opinion without a
valid survey leaves its share to the rest. Method: framework/scoring.md, section 5.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from data.words import both
from metrics.assessment import cards
from metrics.assessment.framework import Framework, Item
from metrics.assessment.goalposts import Posts
from metrics.evaluate import Evaluation
from metrics.register import INDICATORS
from metrics.scoring import score

OPINIONS: Mapping[str, float] = {"S8": 0.15, "S1": 0.15}
COLUMNS = [*cards.TREE_COLUMNS, "target"]
_FACTS = "facts"
_MEASURED = ("value", "num", "den", "n", "low", "high", "origin")


def county_card(evaluation: Evaluation, framework: Framework, posts: Posts) -> pd.DataFrame:
    """Return COLUMNS: the total, the duties, their indicators, the opinions beside them.

    level: 'total' | 'block' | 'indicator' | 'satisfaction'; otherwise as the township's tree.
    """
    items = framework.of("county")
    asked = [*(item.indicator for item in items), *(INDICATORS[i] for i in OPINIONS)]
    table = evaluation.table(asked)
    own = table[table["level"].eq("county")].drop_duplicates("indicator_id")
    records: list[dict[str, Any]] = own.to_dict("records")  # type: ignore[assignment]
    county = {row["indicator_id"]: row for row in records}
    leaves = [_leaf(item, county[item.indicator_id], posts, evaluation) for item in items]
    duties = framework.groups("county")
    points = {row["node"]: float(row["points"]) for row in leaves}
    facts = _facts(points, items, duties)
    opinions = {i: float(county[i]["value"]) for i in OPINIONS}
    total, weights = _total(points, items, duties, facts, opinions)
    rows = [_total_row(total, facts, opinions)]
    for duty, weight in duties.items():
        rows += [_duty_row(duty, weight, facts), *(r for r in leaves if r["parent"] == duty)]
    rows += [_opinion_row(i, county[i]) for i in OPINIONS]
    return cards.tree(rows, weights, COLUMNS)


def _facts(
    points: Mapping[str, float], items: list[Item], duties: Mapping[str, float]
) -> dict[str, tuple[float, float]]:
    """Return score and data share of every duty and of the total of facts."""
    rows = [(duty, cards.ROOT, weight) for duty, weight in duties.items()]
    rows += [(item.indicator_id, item.group, item.weight) for item in items]
    values = pd.DataFrame([points], index=["county"])
    scores = score(values, cards.points_scheme(rows), data_threshold=cards.DATA_THRESHOLD)
    return {
        node: (float(scores.of(node).iloc[0]), float(scores.coverage(node).iloc[0]))
        for node in (*duties, cards.ROOT)
    }


def _total(
    points: Mapping[str, float],
    items: list[Item],
    duties: Mapping[str, float],
    facts: Mapping[str, tuple[float, float]],
    opinions: Mapping[str, float],
) -> tuple[float, dict[str, float]]:
    """Return the score and the effective weights of all nodes; none without enough facts."""
    if not cards.is_scored(facts[cards.ROOT][0]):
        return np.nan, {}
    rows = [
        (_FACTS, cards.ROOT, cards.FACTS_SHARE),
        *((i, cards.ROOT, share) for i, share in OPINIONS.items()),
    ]
    rows += [(duty, _FACTS, weight) for duty, weight in duties.items()]
    rows += [(item.indicator_id, item.group, item.weight) for item in items]
    counted = {i.indicator_id: cards.is_scored(facts[i.group][0]) for i in items}
    values = {i: value if counted[i] else np.nan for i, value in points.items()} | dict(opinions)
    frame = pd.DataFrame([values], index=["county"])
    scores = score(frame, cards.points_scheme(rows), data_threshold=cards.ANY_DATA)
    return float(scores.of(cards.ROOT).iloc[0]), cards.effective_weights(scores, "county")


def _leaf(
    item: Item, county: Mapping[str, Any], posts: Posts, evaluation: Evaluation
) -> dict[str, Any]:
    found = item.indicator
    goals = posts.county_goals(item, evaluation.county)
    value = float(county["value"])
    points = float(goals.points(pd.Series([value], goals.low.index)).iloc[0])
    unscored = cards.is_scored(value) and not cards.is_scored(points)
    why = "no_target" if item.goal is None else "few_peers"
    return {
        **{name: county[name] for name in _MEASURED},
        "node": found.id,
        "parent": item.group,
        "level": "indicator",
        **cards.words(found.name, found.unit),
        "target": item.goal,
        "goal_low": goals.low.iloc[0],
        "goal_high": goals.high.iloc[0],
        "basis": goals.basis.iloc[0],
        "points": points,
        "weight": item.weight,
        "data_share": float(cards.is_scored(points)),
        "note": why if unscored else county["note"],
    }


def _total_row(
    total: float, facts: Mapping[str, tuple[float, float]], opinions: Mapping[str, float]
) -> dict[str, Any]:
    without = not all(map(cards.is_scored, opinions.values()))
    note = (
        "not_enough_data" if not cards.is_scored(total) else "opinions_missing" if without else ""
    )
    return {
        "node": cards.ROOT,
        "level": "total",
        **cards.words(both("scorecard.county_total"), both("scorecard.points_unit")),
        "points": total,
        "weight": 100.0,
        "data_share": facts[cards.ROOT][1],
        "note": note,
    }


def _duty_row(duty: str, weight: float, facts: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
    points, share = facts[duty]
    return {
        "node": duty,
        "parent": cards.ROOT,
        "level": "block",
        **cards.words(both(f"scorecard.duty.{duty}"), both("scorecard.points_unit")),
        "points": points,
        "weight": weight,
        "data_share": share,
        "note": "" if cards.is_scored(points) else "not_enough_data",
    }


def _opinion_row(indicator_id: str, county: Mapping[str, Any]) -> dict[str, Any]:
    found = INDICATORS[indicator_id]
    value = float(county["value"])
    return {
        **{name: county[name] for name in _MEASURED},
        "note": county["note"],
        "node": indicator_id,
        "parent": cards.ROOT,
        "level": "satisfaction",
        **cards.words(found.name, both("scorecard.points_unit")),
        "points": value,
        "weight": 100 * OPINIONS[indicator_id],
        "data_share": float(cards.is_scored(value)),
    }
