"""The township card, and the county card beside it: facts and opinions as points.

Facts and opinions are combined late and openly: every block is 70 % facts and 30 % the paired
satisfaction of residents. Points come from goalposts, never from ranks. Contested
values leave the score until decided. Method: framework/scoring.md, section 5 (two cards, bands
90/75/60/40, no veto, missing is not zero).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.contracts import CODES
from data.scope import Scope
from data.store import Store
from data.words import Text, both
from metrics.assessment.cards import (
    ANY_DATA,
    DATA_THRESHOLD,
    FACTS_SHARE,
    ROOT,
    TREE_COLUMNS,
    effective_weights,
    is_scored,
    points_scheme,
    tree,
    words,
)
from metrics.assessment.county_card import county_card
from metrics.assessment.framework import UNIT_TYPES, Framework, Item, in_force, named
from metrics.assessment.goalposts import Goals, Posts, freeze_goalposts, frozen_goalposts
from metrics.assessment.red_flags import red_flags
from metrics.disclosure.base_rule import NOT_ESTIMABLE, why_hidden
from metrics.evaluate import Evaluation, latest_year
from metrics.queries import sql
from metrics.register import INDICATORS
from metrics.satisfaction.year import by_township, of_year, with_points
from metrics.scoring import DECIMALS, Scheme, score

__all__ = [
    "BAND_CUTS", "FACTS_SHARE", "ROOT", "TREE_COLUMNS", "Assessment", "Card", "band", "card",
    "freeze_goalposts", "frozen_goalposts",
]  # fmt: skip

# India's Panchayat Advancement Index publishes these cut points.
BAND_CUTS = (90.0, 75.0, 60.0, 40.0)
GOAL_COLUMNS = ("block", "goal_low", "goal_high", "basis", "few", "out")
OVERVIEW_COLUMNS = [
    "unit_code", "name_zh", "name_en", "unit_type", "score", "band", "facts", "satisfaction",
    "data_share", "contested", "flags", "note",
]  # fmt: skip


@dataclass(frozen=True)
class Card:
    """The assessment of a scope.

    tree: TREE_COLUMNS of the township in scope, empty when there is none. level: 'total' |
    'block' | 'indicator' | 'satisfaction'. goal_low is the value worth 0 points, goal_high 100.
    weight: share of 100 after renormalisation over what has data, so that contribution = points *
    weight / 100 and contributions add up to the score; 0 where a node does not count. Without a
    score, weights are the declared ones. basis: 'target' | 'frozen' | 'provisional' | ''. note:
    as of an indicator, or 'contested' | 'exempt' (an appeal has taken the value out of the score).
    overview: OVERVIEW_COLUMNS, one row per township; band 1 (best) to 5; contested: how many of
    its values are out of the score; flags: how many red flags stand beside its band; note:
    'not_enough_data' | 'facts_only' (no block has a satisfaction that counts) | 'partly_facts'
    (some have none) | ''.
    flags: what `metrics.assessment.red_flags.red_flags` answers; never part of a score.
    duty: what `county_card` answers.
    framework: what was scored.
    """

    tree: pd.DataFrame
    overview: pd.DataFrame
    flags: pd.DataFrame
    duty: pd.DataFrame
    framework: Framework


def band(points: float) -> float:
    """Return the band of a score, 1 (90 and more) to 5 (under 40), NaN without a score."""
    if np.isnan(points):
        return np.nan
    return 1.0 + sum(round(points, DECIMALS) < cut for cut in BAND_CUTS)


def card(store: Store, scope: Scope, *, framework: str | Framework | None = None) -> Card:
    """Return the card of the scope; without a year, of the newest one.

    framework: another one than that in force, or its id, for comparison. Raises DataError
    `unknown_framework`.
    """
    if isinstance(framework, str):
        framework = named(store, framework)
    if framework:
        return Assessment(store, scope, framework).card()
    return assessed(store, scope).card()


def bands_under(
    store: Store, scope: Scope, *, blocks: tuple[tuple[str, float], ...]
) -> pd.DataFrame:
    """Return what `Assessment.bands_under` answers for weights (block, weight)."""
    return assessed(store, scope).bands_under(dict(blocks))


def assessed(
    store: Store, scope: Scope, framework: Framework | None = None, way: str | None = None
) -> "Assessment":
    """Return the scope assessed by a published framework, by that in force if none is given.

    way: of scoring satisfaction, None for the one in force there and then.
    It is made once for a version of the data, and many figures share it: do not change it.
    """
    about = ("assessed", scope, framework.id if framework else None, way)
    return store.once(
        about, lambda: Assessment(store, scope, framework, way=way), lambda made: len(made.facts)
    )


class Assessment:
    """One scope assessed by one framework; every page's figures come from here."""

    def __init__(
        self,
        store: Store,
        scope: Scope,
        framework: Framework | None = None,
        frozen: pd.DataFrame | None = None,
        way: str | None = None,
    ) -> None:
        """Assess a scope; framework, frozen, way: others than those in force, to try them."""
        self.scope = replace(scope, year=latest_year(store, scope))
        self.framework = framework or in_force(store, self.scope.year)
        self.evaluation = Evaluation(store, self.scope, way)
        units = self.evaluation.units
        if self.scope.township:
            units = units[units["unit_code"].eq(self.scope.township)]
        self.units = units.set_index("unit_code")
        self.posts = Posts(store, self.framework, self.evaluation.units, self.scope.year, frozen)
        year = {"year": self.scope.year}
        self._out = store.read_once(sql("assessment/contested"), year).set_index(
            ["unit_code", "indicator_id"]
        )["note"]
        self._why_out = dict(self._out.items())
        self.items = self.framework.of("township")
        self.blocks = self.framework.groups("township")
        self.facts = self._facts()
        self.pairs = self._pairs(store)
        self._score()

    def card(self) -> Card:
        """Return the card."""
        own = pd.DataFrame(columns=TREE_COLUMNS)
        if self.scope.township in self.units.index:
            own = self._tree(str(self.scope.township))
        duty = county_card(self.evaluation, self.framework, self.posts)
        flags = red_flags(self.evaluation, self._out)
        return Card(own, self.overview(flags), flags, duty, self.framework)

    def trees(self) -> pd.DataFrame:
        """Return the trees of all townships of the scope, each row with unit_code and names."""
        names = self.units[["name_zh", "name_en"]].astype(str)
        parts = [
            self._tree(str(code)).assign(unit_code=str(code), unit_name_zh=zh, unit_name_en=en)
            for code, zh, en in zip(names.index, names["name_zh"], names["name_en"], strict=True)
        ]
        found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=TREE_COLUMNS)
        first = ["unit_code", "unit_name_zh", "unit_name_en"]
        return found.reindex(columns=[*first, *TREE_COLUMNS])

    def _facts(self) -> pd.DataFrame:
        """Return the indicators of all townships with goalposts and points, one below another."""
        table = self.evaluation.table([item.indicator for item in self.items])
        table = table[table["level"].eq("township")].reset_index(drop=True)
        codes = table["unit_code"].to_numpy(object)[: len(table) // max(len(self.items), 1)]
        columns = [self._goals_of(item, codes) for item in self.items]
        empty = {name: np.array([], dtype=object) for name in GOAL_COLUMNS}
        made = {n: np.concatenate([empty[n], *(c[n] for c in columns)]) for n in GOAL_COLUMNS}
        table = table.assign(**made).astype({"goal_low": float, "goal_high": float})
        value = table["value"].to_numpy(np.float64)
        points = Goals(table["goal_low"], table["goal_high"], table["basis"]).points(table["value"])
        held = ~np.isnan(value)
        aside = held & table["out"].ne("").to_numpy(bool)
        note = table["note"].mask(held & points.isna(), table["few"]).mask(aside, table["out"])
        table = table.assign(points=points.mask(aside), note=note, aside=aside)
        return table.drop(columns=["few", "out"])

    def _goals_of(self, item: Item, codes: npt.NDArray[np.object_]) -> dict[str, list[object]]:
        """Return GOAL_COLUMNS of one item, by unit.

        few: the note where there is a value without points. out: why a value is out of the score.
        """
        goals = self.posts.goals(item)
        few = "no_target" if goals.basis.eq("target").all() else "few_peers"
        at = goals.low.index.get_indexer(pd.Index(codes, dtype=object))
        return {
            "block": [item.group] * len(codes),
            "goal_low": list(goals.low.to_numpy(np.float64)[at]),
            "goal_high": list(goals.high.to_numpy(np.float64)[at]),
            "basis": list(goals.basis.to_numpy(object)[at]),
            "few": [few] * len(codes),
            "out": [self._why_out.get((code, item.indicator_id), "") for code in codes],
        }

    def _pairs(self, store: Store) -> pd.DataFrame:
        """Return the satisfaction paired with every block, by township, under the base rule."""
        self._pair_sums = of_year(store, self.evaluation.parameters, "pair:")
        found = by_township(self._pair_sums)
        found["block"] = found["item"].str.removeprefix("pair:")
        found = found[found["block"].isin(list(self.blocks))]
        hidden = {
            (item, code): reason
            for item, rows in self._pair_sums.groupby("item")
            for code, reason in self.evaluation.protection(
                rows.groupby("unit_code")["n"].sum(), rows, str(item)
            ).units.items()
        }
        places = zip(found["item"], found["unit_code"], strict=True)
        secret = np.array([hidden.get(each, "") for each in places], dtype=object)
        notes = why_hidden(secret, found["note"].isin(NOT_ESTIMABLE).to_numpy())
        found = found.assign(note=pd.Series(notes, found.index, dtype=object))
        figures = ["value", "num", "den"]
        found[figures] = found[figures].astype(float).mask(found["note"] != "")
        found["n"] = found["n"].astype(float).mask(secret != "")
        return found

    def _score(self) -> None:
        """Score facts on the tree, then add the paired satisfaction block by block."""
        names = list(self.blocks)
        points = self.facts.pivot(index="unit_code", columns="indicator_id", values="points")
        points = points.reindex(index=self.units.index)
        kinds = self.units["unit_type"].where(self.units["unit_type"].isin(UNIT_TYPES))
        parts = [
            self._facts_of(points.loc[rows.index], None if pd.isna(kind) else str(kind))
            for kind, rows in kinds.groupby(kinds, dropna=False)
        ]
        columns = [*names, ROOT]
        empty = pd.DataFrame(columns=columns, dtype=float)
        self.fact_scores, self.shares = (
            pd.concat([empty, *(part[side] for part in parts)]).reindex(self.units.index)
            for side in (0, 1)
        )
        self.paired = self.pairs.pivot(index="unit_code", columns="block", values="value")
        self.paired = self.paired.reindex(index=self.units.index, columns=names).astype(float)
        self.values, self.scheme = self._combined(points)
        self.scores = score(self.values, self.scheme, data_threshold=ANY_DATA)

    def _facts_of(
        self, points: pd.DataFrame, kind: str | None
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return scores and data shares (units × blocks and total) of units of one type."""
        items = self.framework.of("township", kind)
        held = dict.fromkeys(item.group for item in items)
        rows = [(block, ROOT, self.blocks[block]) for block in held]
        rows += [(item.indicator_id, item.group, item.weight) for item in items]
        scheme = points_scheme(rows)
        values = points.reindex(columns=list(scheme.leaves))
        scores = score(values, scheme, data_threshold=DATA_THRESHOLD)
        nodes = [*held, ROOT]
        return (
            pd.DataFrame({node: scores.of(node) for node in nodes}),
            pd.DataFrame({node: scores.coverage(node) for node in nodes}),
        )

    def scheme_of(self, blocks: Mapping[str, float], facts_share: float = FACTS_SHARE) -> Scheme:
        """Return the tree that adds up points: blocks of these weights, facts of this share."""
        rows = [(block, ROOT, weight) for block, weight in blocks.items()]
        rows += [(f"facts:{b}", b, facts_share) for b in blocks]
        rows += [(f"pair:{b}", b, 1 - facts_share) for b in blocks]
        rows += [(i.indicator_id, f"facts:{i.group}", i.weight) for i in self.items]
        return points_scheme(rows)

    def bands_under(self, blocks: Mapping[str, float]) -> pd.DataFrame:
        """Return score and band of every township under other weights of blocks, and as declared.

        Columns: unit_code, name_zh, name_en, score_before, score_after, band_before, band_after.
        """
        scheme = self.scheme_of(blocks)
        return self._compared(score(self.values, scheme, data_threshold=ANY_DATA).of(ROOT))

    def bands_with_points(self, points: Sequence[float]) -> pd.DataFrame:
        """Return what `bands_under` does, with other points for the answers 1 to 5, 0 to 100."""
        found = by_township(with_points(self._pair_sums, points))
        found["block"] = found["item"].str.removeprefix("pair:")
        found["value"] = found["value"].mask(found["note"].isin(NOT_ESTIMABLE))
        paired = found.pivot(index="unit_code", columns="block", values="value")
        columns = [f"pair:{block}" for block in self.blocks]
        held = paired.reindex(index=self.units.index, columns=list(self.blocks)).set_axis(
            columns, axis=1
        )
        values = self.values.copy()
        values[columns] = held.where(values[columns].notna())
        return self._compared(score(values, self.scheme, data_threshold=ANY_DATA).of(ROOT))

    def _compared(self, found: pd.Series) -> pd.DataFrame:
        """Return score and band of every township as declared and as found otherwise."""
        before = self.scores.of(ROOT)
        table = self.units[["name_zh", "name_en"]].assign(
            score_before=before, score_after=found,
            band_before=before.map(band), band_after=found.map(band),
        )  # fmt: skip
        return table.reset_index(names="unit_code")

    def _combined(self, points: pd.DataFrame) -> tuple[pd.DataFrame, Scheme]:
        """Return points of facts and opinions that count, and the tree that adds them up.

        A block without enough facts counts for nothing, and neither does its satisfaction; a unit
        without enough facts has no score.
        """
        scheme = self.scheme_of(self.blocks)
        counts = self.fact_scores.notna()
        counts = counts[list(self.blocks)].mul(counts[ROOT], axis=0)
        group = {item.indicator_id: item.group for item in self.items}
        facts = points.reindex(columns=list(group))
        held = counts[[group[str(i)] for i in facts]].to_numpy(bool)
        opinions = self.paired.where(counts.to_numpy(bool)).add_prefix("pair:")
        values = facts.where(held).join(opinions)
        return values, scheme

    def overview(self, flags: pd.DataFrame | None = None) -> pd.DataFrame:
        """Return OVERVIEW_COLUMNS of the townships of the scope."""
        if flags is None:
            flags = red_flags(self.evaluation, self._out)
        total = self.scores.of(ROOT)
        counted = self.values[[f"pair:{b}" for b in self.blocks]].notna().to_numpy()
        scored = self.fact_scores[list(self.blocks)].notna().to_numpy()
        unheard = np.where(counted.any(axis=1), "partly_facts", "facts_only")
        note = np.where((scored & ~counted).any(axis=1), unheard, "")
        note = np.where(total.isna(), "not_enough_data", note)
        counts = {
            "contested": self.facts[self.facts["aside"]].groupby("unit_code").size(),
            "flags": flags.groupby("unit_code").size(),
        }
        table = self.units.assign(
            score=total,
            band=total.map(band),
            facts=self.fact_scores[ROOT],
            satisfaction=_weighted(self.paired, self.blocks),
            data_share=self.shares[ROOT],
            **{k: n.reindex(self.units.index, fill_value=0) for k, n in counts.items()},
            note=note,
        )
        return table.reset_index(names="unit_code")[OVERVIEW_COLUMNS]

    def _tree(self, township: str) -> pd.DataFrame:
        total = float(self.scores.of(ROOT)[township])
        root = {
            "node": ROOT,
            "level": "total",
            **words(both("scorecard.total"), both("scorecard.points_unit")),
            "points": total,
            "weight": 100.0,
            "data_share": self.shares[ROOT][township],
            "note": "not_enough_data" if np.isnan(total) else "",
        }
        facts = self.facts[self.facts["unit_code"].eq(township)]
        kind = self.units["unit_type"][township]
        ids = {i.indicator_id for i in self.framework.of("township", _text(kind))}
        facts = facts[facts["indicator_id"].isin(ids)]
        pairs = self.pairs[self.pairs["unit_code"].eq(township)].set_index("block")
        rows: list[dict[str, Any]] = [root]
        for block in self.blocks:
            rows += self._block(township, block, facts[facts["block"].eq(block)], pairs)
        weights = effective_weights(self.scores, township) if is_scored(total) else {}
        return tree(rows, weights, TREE_COLUMNS)

    def _block(
        self, township: str, block: str, facts: pd.DataFrame, pairs: pd.DataFrame
    ) -> list[dict[str, Any]]:
        """Return the rows of a block, its indicators and its satisfaction, weights as declared."""
        fact, paired = self.fact_scores[block][township], self.paired[block][township]
        note = "not_enough_data" if np.isnan(fact) else "facts_only" if np.isnan(paired) else ""
        both_parts = FACTS_SHARE * fact + (1 - FACTS_SHARE) * paired
        weight = 100 * self.blocks[block] / sum(self.blocks.values())
        unit = both("scorecard.points_unit")
        items = {i.indicator_id: i.weight for i in self.items}
        declared = sum(items[i] for i in facts["indicator_id"])
        rows: list[dict[str, Any]] = [
            {
                "node": block,
                "parent": ROOT,
                "level": "block",
                **words(block_name(block), unit),
                "points": fact if np.isnan(paired) else both_parts,
                "weight": weight,
                "data_share": self.shares[block][township],
                "note": note,
            }
        ]
        kept = ["value", "num", "den", "n", "low", "high", "goal_low", "goal_high", "basis"]
        for row in facts.to_dict("records"):
            found = INDICATORS[row["indicator_id"]]
            rows.append(
                {
                    "node": found.id,
                    "parent": block,
                    "level": "indicator",
                    **words(found.name, found.unit),
                    **{str(c): row[c] for c in (*kept, "points", "origin", "note")},
                    "weight": weight * FACTS_SHARE * items[found.id] / declared,
                    "data_share": float(pd.notna(row["points"])),
                }
            )
        held: dict[str, Any] = {}
        if block in pairs.index:
            held = {c: pairs.loc[block, c] for c in ("value", "num", "den", "n", "note")}
        own: dict[str, Any] = {
            "node": f"pair:{block}",
            "parent": block,
            "level": "satisfaction",
            **words(both("scorecard.satisfaction", block=block_name(block)), unit),
            "note": "no_data",
            **held,
            "points": held.get("value", np.nan),
            "weight": weight * (1 - FACTS_SHARE),
            "data_share": float(not np.isnan(paired)),
            "origin": "" if np.isnan(paired) else "computed",
        }
        return [*rows, own]


def _weighted(blocks: pd.DataFrame, weights: Mapping[str, float]) -> "pd.Series[float]":
    """Return the mean of the blocks that are there, weighted."""
    own = pd.Series(weights, dtype=float)
    held = blocks.notna().mul(own).sum(axis=1)
    return blocks.mul(own).sum(axis=1) / held.where(held > 0)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def block_name(block: str) -> Text:
    """Return a block of the township card in words."""
    return next(code.label for code in CODES["pair_dim"] if code.value == block)
