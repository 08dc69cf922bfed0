"""A tree of weighted nodes: what a score is made of, checked before anything is scored."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.errors import DataError

# Everything is rounded to so many decimals before it is compared: ranks, ties, majorities, bands.
DECIMALS = 9

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Node:
    """One node of a scheme.

    direction of a leaf: 1 more is better, -1 less is better, 0 best between best_low and
    best_high. goal_low: the value that earns 0 points, goal_high: 100; for direction 0 both earn
    0 and stand below and above the best interval.
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
    def from_frame(cls, meta: pd.DataFrame) -> "Scheme":
        """Read a scheme from columns id, parent, weight and, where needed, those of `Node`.

        A node named only as a parent is the root. Raises DataError `scheme_tree` (not one tree),
        `weight_invalid`, `weights_all_zero`, `direction_invalid`.
        """
        optional = {"direction": 1, "goal_low": np.nan, "goal_high": np.nan}
        optional |= {"best_low": np.nan, "best_high": np.nan}
        nodes: dict[str, Node] = {}
        for row in meta.to_dict("records"):
            parent = None if pd.isna(row["parent"]) or row["parent"] == "" else str(row["parent"])
            own = {k: row.get(k, default) for k, default in optional.items()}
            nodes[str(row["id"])] = Node(str(row["id"]), parent, float(row["weight"]), **own)
        if len(nodes) < len(meta):
            raise DataError("scheme_tree", node=meta.loc[meta["id"].duplicated(), "id"].iloc[0])
        for parent in {node.parent for node in nodes.values() if node.parent} - set(nodes):
            nodes[parent] = Node(parent, None, 1.0)
        children: dict[str, list[str]] = {}
        for node in nodes.values():
            if node.parent:
                children.setdefault(node.parent, []).append(node.id)
        return cls(nodes, {k: tuple(v) for k, v in children.items()}, _root(nodes, children))

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
