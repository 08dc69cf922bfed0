"""Goalposts: the value worth 0 points and the value worth 100, fixed for a framework version.

A target where one exists; else the 10th and 90th percentile of the peers in the baseline year,
frozen, so that a unit's points move only with its own facts and nobody's gain is another's loss.
Peers are units of one type, in the same setting (urban or rural) and of a like size while there are
at least eight of them, else of one type; once frozen, the baseline year says who is a peer.
Method: framework/scoring.md, section 5.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from data.scope import Scope
from data.store import Store
from metrics.assessment.framework import Card, Framework, Item, in_force
from metrics.evaluate import Evaluation
from metrics.queries import sql
from metrics.scoring import DECIMALS

# Where a target is to be reached from below, half of it is worth no points.
FLOOR_SHARE = 0.5
FEWEST_PEERS = 8
# The county owes its duties once: they are measured against all townships together.
ALL_PEERS = "all"
COLUMNS = [
    "framework", "indicator_id", "peer_group", "goal_low", "goal_high", "baseline_year", "source",
]  # fmt: skip


def peer_groups(store: Store, units: pd.DataFrame, year: int | None) -> dict[str, tuple[str, ...]]:
    """Return the peer groups of every unit, the closest first.

    units: unit_code, unit_type, peer_group. A group the county declared is the only one.
    """
    found = store.read_once(sql("assessment/peers"), {"year": year})
    columns = (found[name].astype(object) for name in ("unit_code", "setting", "size_third"))
    near = {code: said for code, *said in zip(*columns, strict=True)}
    groups: dict[str, tuple[str, ...]] = {}
    declared_of = units[["unit_code", "unit_type", "peer_group"]].astype(object)
    for code, unit_type, declared in declared_of.itertuples(index=False, name=None):
        if isinstance(declared, str):
            groups[code] = (declared,)
            continue
        kind = unit_type if isinstance(unit_type, str) else ""
        setting, third = near.get(code, (None, None))
        chain = [kind]
        if pd.notna(setting):
            chain.insert(0, f"{kind}|{setting}")
            if pd.notna(third):
                chain.insert(0, f"{chain[0]}|{int(third)}")
        groups[code] = tuple(chain)
    return groups


def freeze_goalposts(store: Store, year: int, framework: Framework | None = None) -> pd.DataFrame:
    """Return the goalposts of a baseline year, with the columns of the table goalposts.

    One row per indicator scored without a rising target and peer group with at least 8 values
    that differ: the worst and the best decile (10th and 90th percentile, linear interpolation).
    """
    framework = framework or in_force(store, year)
    evaluation = Evaluation(store, Scope(year))
    groups = peer_groups(store, evaluation.units, year)
    parts = [_deciles(evaluation, item, groups, framework.id) for item in by_peers(framework)]
    return pd.concat([pd.DataFrame(columns=COLUMNS), *parts], ignore_index=True)[COLUMNS]


def frozen_goalposts(store: Store, scope: Scope) -> pd.DataFrame:
    """Return the frozen goalposts: indicator_id, peer_group, goal_low, goal_high, baseline_year.

    They hold for the whole store and the framework in force. Empty while none are frozen.
    """
    return frozen_of(store, in_force(store, scope.year))


def frozen_of(store: Store, framework: Framework) -> pd.DataFrame:
    """Return the frozen goalposts of any framework, as `frozen_goalposts`."""
    return store.read_once(sql("indicators/goalposts"), {"framework": framework.id})


@dataclass(frozen=True)
class Goals:
    """Goalposts of units, aligned with their codes. basis: target | frozen | provisional | ''."""

    low: "pd.Series[float]"
    high: "pd.Series[float]"
    basis: "pd.Series[str]"

    def points(self, values: "pd.Series[float]") -> "pd.Series[float]":
        """Return 0-100 between the goalposts; over-fulfilment earns nothing."""
        span = self.high - self.low
        points: pd.Series[float] = 100 * (values - self.low) / span.where(span != 0)
        return points.clip(0, 100)


class Posts:
    """Goalposts of one framework: the frozen ones, else those of the earliest year with data."""

    def __init__(
        self,
        store: Store,
        framework: Framework,
        units: pd.DataFrame,
        year: int | None,
        frozen: pd.DataFrame | None = None,
    ):
        """Read the goalposts of a framework; frozen: to be used instead of those held."""
        self._frozen = frozen_of(store, framework) if frozen is None else frozen
        self._basis = "provisional" if self._frozen.empty else "frozen"
        self._framework = framework
        self._store = store
        # Peers are those of the baseline: nobody changes group because another has grown.
        baseline = self._frozen["baseline_year"].dropna()
        self._groups = peer_groups(store, units, int(baseline.min()) if len(baseline) else year)
        self._kinds = store.read_once(sql("indicators/kinds")).set_index("unit_code")
        self._codes = pd.Index(units["unit_code"], dtype=object)
        self._homes = units["county_code"]
        self._evaluations: list[Evaluation] = []
        self._of_peers: dict[Item, pd.DataFrame] = {}
        self._groups_of_year: dict[int, dict[str, tuple[str, ...]]] = {}
        if self._frozen.empty:
            years = sorted(int(each) for each in store.read_once(sql("years"))["year"])
            self._evaluations = [Evaluation(store, Scope(each)) for each in years]

    def goals(self, item: Item) -> Goals:
        """Return the goalposts of every unit for an item of the township card."""
        if item.goal is not None or _by_kind(item):
            return self._towards(item)
        posts = self._peers(item)
        groups = [self._groups.get(code, ()) for code in self._codes]
        near = [next((g for g in chain if g in posts.index), None) for chain in groups]
        low, high = (posts[name].reindex(near).set_axis(self._codes) for name in posts)
        return Goals(low, high, self._known(low, self._basis))

    def county_goals(self, item: Item, county: str) -> Goals:
        """Return the goalposts of the county for an item of its own card."""
        codes = pd.Index([county], dtype=object)
        places = self._places_of(county)
        if _by_kind(item) and places.sum() > 0:
            target = float(_of_kinds(item, places))
            return _everywhere((FLOOR_SHARE * target, target), codes)
        if item.goal is not None and not _needs_worst(item):
            return _everywhere(_from_target(item, item.goal), codes)
        posts = self._peers(item).reindex([ALL_PEERS])
        low, high = (posts[name].set_axis(codes) for name in posts)
        return Goals(low, high, self._known(low, self._basis))

    def _places_of(self, county: str) -> "pd.Series[float]":
        """Return how many villages and communities a county has; of no single one, all of them."""
        inside = self._homes.eq(county) if self._homes.eq(county).any() else self._homes.notna()
        return self._kinds.reindex(self._codes[inside.to_numpy()]).astype(float).sum()

    def _known(self, low: "pd.Series[float]", basis: str) -> "pd.Series[str]":
        return pd.Series(np.where(low.notna(), basis, ""), low.index, dtype=object)

    def _towards(self, item: Item) -> Goals:
        """Goalposts of a target; one of villages and communities is weighed by their number."""
        goal = item.goal
        if goal is None:
            target = _of_kinds(item, self._kinds.reindex(self._codes).astype(float))
            return Goals(
                FLOOR_SHARE * target, target, pd.Series("target", self._codes, dtype=object)
            )
        if _needs_worst(item):
            worst = self._peers(item)["goal_low"].get(ALL_PEERS, np.nan)
            low = pd.Series(float(worst), self._codes)
            return Goals(low, low * 0.0, self._known(low, self._basis))
        return _everywhere(_from_target(item, goal), self._codes)

    def _peers(self, item: Item) -> pd.DataFrame:
        """Return goal_low and goal_high by peer group."""
        if item not in self._of_peers:
            self._of_peers[item] = self._found(item)
        return self._of_peers[item]

    def _groups_in(self, evaluation: Evaluation) -> dict[str, tuple[str, ...]]:
        year = int(str(evaluation.parameters["year"]))
        if year not in self._groups_of_year:
            self._groups_of_year[year] = peer_groups(self._store, evaluation.units, year)
        return self._groups_of_year[year]

    def _found(self, item: Item) -> pd.DataFrame:
        rows = self._frozen[self._frozen["indicator_id"].eq(item.indicator_id)]
        for evaluation in self._evaluations:
            rows = _deciles(evaluation, item, self._groups_in(evaluation), self._framework.id)
            if rows.attrs["values"]:
                break
        return rows.set_index("peer_group")[["goal_low", "goal_high"]].astype(float)


def _of_kinds(item: Item, places: Any) -> Any:
    """Return the target of villages and communities, weighed by how many there are of each.

    places: villages and communities, of one unit or of many.
    """
    village, community = item.indicator.target_village, item.indicator.target_community
    total = places["villages"] + places["communities"]
    return (places["villages"] * village + places["communities"] * community) / total


def _everywhere(goals: tuple[float, float], codes: pd.Index) -> Goals:
    """Return the goalposts of a target for all units."""
    low, high = (pd.Series(value, codes, dtype=float) for value in goals)
    return Goals(low, high, pd.Series("target", codes, dtype=object))


def _by_kind(item: Item) -> bool:
    found = item.indicator
    return (
        item.target is None
        and found.target_village is not None
        and found.target_community is not None
    )


def _needs_worst(item: Item) -> bool:
    """Say whether the target is to be reached from above, so that a worst value is needed."""
    return item.indicator.polarity == "lower" and item.goal == 0


def _from_target(item: Item, target: float) -> tuple[float, float]:
    """Return the goalposts of a target: half of it is worth nothing, mirrored where less is better.

    A thing to be done a number of times starts at none, not at half of them.
    """
    polarity = item.indicator.polarity
    if polarity == "lower":
        return (1 + FLOOR_SHARE) * target, target
    return (0.0 if polarity == "target" else FLOOR_SHARE * target), target


def by_peers(framework: Framework) -> Iterable[Item]:
    """Return the items whose goalposts come from a distribution, each indicator and card once."""
    for item in framework.items:
        if _needs_worst(item) or (item.goal is None and not _by_kind(item)):
            yield item


def _deciles(
    evaluation: Evaluation, item: Item, groups: dict[str, tuple[str, ...]], framework: str
) -> pd.DataFrame:
    """Return the goalposts of an item in one year, by every group that is large enough.

    attrs['values']: whether any township has a value that year.
    """
    table = evaluation.evaluate(item.indicator)
    values = table[table["level"].eq("township")].set_index("unit_code")["value"].dropna()
    worst, best = (0.1, 0.9) if item.indicator.polarity != "lower" else (0.9, 0.1)
    rows: list[tuple[Any, ...]] = []
    for group, members in _members(values.index, item.card, groups).items():
        held = values.reindex(members)
        low = float(held.quantile(worst))
        high = 0.0 if _needs_worst(item) else float(held.quantile(best))
        if len(held) >= FEWEST_PEERS and round(high - low, DECIMALS) != 0:
            source = f"p10-p90, n={len(held)}"
            year = evaluation.parameters["year"]
            rows.append((framework, item.indicator_id, group, low, high, year, source))
    found = pd.DataFrame(rows, columns=COLUMNS)
    found.attrs["values"] = bool(len(values))
    return found


def _members(
    codes: Sequence[str] | pd.Index, card: Card, groups: dict[str, tuple[str, ...]]
) -> dict[str, list[str]]:
    """Return the units with values by group; duties of the county know one group only."""
    members: dict[str, list[str]] = {}
    for code in codes:
        for group in groups.get(code, ()) if card == "township" else (ALL_PEERS,):
            members.setdefault(group, []).append(code)
    return members
