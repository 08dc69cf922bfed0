"""A tree of weighted nodes: what a score is made of, checked before anything is scored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.errors import DataError
from metrics.frames import as_frame, is_number, numbers, require

# Everything is rounded to so many decimals before it is compared: ranks, ties, majorities, bands.
DECIMALS = 9

# The columns of a scheme that hold numbers, and what stands for a column that is not there.
_NUMBERS = {"weight": np.nan, "direction": 1.0} | dict.fromkeys(
    ("goal_low", "goal_high", "best_low", "best_high"), np.nan
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Node:
    """One node of a scheme.

    direction of a leaf: 1 more is better, -1 less is better, 0 best between best_low and
    best_high. goal_low: the value that earns 0 points, goal_high: 100; for direction 0 both earn
    0 and stand below and above the best interval. With direction -1 the two may as well stand in
    the order of their size (goal_low the smaller): less being better, only one reading is left.
    """

    id: str
    parent: str | None
    weight: float
    direction: int = 1
    goal_low: float = np.nan
    goal_high: float = np.nan
    best_low: float = np.nan
    best_high: float = np.nan


@dataclass(frozen=True)
class Scheme:
    """A tree of weighted nodes with one root."""

    nodes: Mapping[str, Node]
    children: Mapping[str, tuple[str, ...]]
    root: str

    @classmethod
    def from_frame(cls, meta: Any) -> "Scheme":
        """Read a scheme from columns id, parent, weight and, where needed, those of `Node`.

        meta: a DataFrame, a pyarrow Table or a DuckDB relation; other columns (level, names) may
        stand there. Ids are texts. A node named only as a parent is the root. What a node with
        children says of direction and goalposts, and the root's weight, mean nothing.

        Raises DataError `columns_missing`, `not_numeric`, `scheme_tree` (not one tree),
        `weight_invalid`, `weights_all_zero`, `direction_invalid`.
        """
        meta = as_frame(meta)
        require(meta, ["id", "parent", "weight"])
        names = pd.Series([_name(given) for given in meta["id"]], dtype=object)
        if (wrong := names.duplicated() | meta["id"].isna().to_numpy()).any():
            raise DataError("scheme_tree", node=names[wrong].iloc[0])
        held = {name: _column(meta, name, least) for name, least in _NUMBERS.items()}
        parents = [None if pd.isna(name) or name == "" else _name(name) for name in meta["parent"]]
        inner = {name for name in parents if name is not None}
        nodes: dict[str, Node] = {}
        for place, (name, parent) in enumerate(zip(names, parents, strict=True)):
            own = {column: float(values[place]) for column, values in held.items()}
            if name in inner and not np.isfinite(own["direction"]):
                own["direction"] = 1.0
            if parent is None and not np.isfinite(own["weight"]):
                own["weight"] = 1.0
            nodes[name] = Node(name, parent, **own)  # type: ignore[arg-type]
        for parent in {node.parent for node in nodes.values() if node.parent} - set(nodes):
            nodes[parent] = Node(parent, None, 1.0)
        children: dict[str, list[str]] = {}
        for node in nodes.values():
            if node.parent:
                children.setdefault(node.parent, []).append(node.id)
        return cls(nodes, {k: tuple(v) for k, v in children.items()}, _root(nodes, children))

    @classmethod
    def of(cls, given: Any) -> "Scheme":
        """Return a scheme, or the one that its table describes."""
        return given if isinstance(given, cls) else cls.from_frame(given)

    @property
    def leaves(self) -> tuple[str, ...]:
        """Return the nodes without children, in the order declared."""
        return tuple(node for node in self.nodes if node not in self.children)

    @property
    def upwards(self) -> tuple[str, ...]:
        """Return the nodes with children, every one after its own children."""
        order = [self.root]
        for node in order:
            order.extend(child for child in self.children[node] if child in self.children)
        return tuple(reversed(order))


def _name(given: Any) -> str:
    """Return an id as text; beside a blank, a column of whole numbers holds 9.0 for 9."""
    return str(int(given) if isinstance(given, float) and given.is_integer() else given)


def _column(meta: pd.DataFrame, name: str, least: float) -> Floats:
    """Return a column of numbers; where there is none, what stands for it."""
    if name not in meta:
        return np.full(len(meta), least)
    require(meta, [name])
    try:
        return numbers(meta, name)
    except DataError as refusal:
        if name not in ("weight", "direction"):
            raise
        row = int(str(refusal.values["rows"]).split(",")[0]) - 1
        values = {"node": meta["id"].iloc[row], name: meta[name].iloc[row]}
        raise DataError(f"{name}_invalid", **values) from refusal


def _root(nodes: Mapping[str, Node], children: Mapping[str, list[str]]) -> str:
    """Return the one root, or refuse what is not one sound tree."""
    roots = [node.id for node in nodes.values() if node.parent is None]
    if len(roots) != 1 or roots[0] not in children:
        raise DataError("scheme_tree", node=", ".join(roots) or next(iter(nodes), ""))
    reached = [roots[0]]
    for node in reached:
        reached.extend(children.get(node, []))
    if len(reached) < len(nodes):
        raise DataError("scheme_tree", node=", ".join(sorted(set(nodes) - set(reached))))
    _check_weights(nodes, children)
    return roots[0]


def _check_weights(nodes: Mapping[str, Node], children: Mapping[str, list[str]]) -> None:
    for each in nodes.values():
        if not (np.isfinite(each.weight) and each.weight >= 0):
            raise DataError("weight_invalid", node=each.id, weight=each.weight)
        if each.direction not in (-1, 0, 1):
            raise DataError("direction_invalid", node=each.id, direction=each.direction)
    for parent, members in children.items():
        if all(nodes[child].weight == 0 for child in members):
            raise DataError("weights_all_zero", node=parent)


def check_number(name: str, value: Any, lowest: float, highest: float) -> None:
    """Refuse a parameter that is no number in its range with DataError `parameter_outside`."""
    if not is_number(value) or not lowest <= value <= highest:
        allowed = f"{lowest:g}–{highest:g}"
        raise DataError("parameter_outside", name=name, value=value, allowed=allowed)
