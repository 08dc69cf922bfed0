"""A county's own framework: made of a table, compared with what it replaces, published."""

from dataclasses import dataclass

import pandas as pd

from data.errors import DataError
from data.scope import Scope
from data.store import Change, Store
from data.words import Text, both
from metrics.assessment import card
from metrics.evaluate import Evaluation
from metrics.framework import BUILT_IN, Framework, changes, check, from_frame, in_force
from metrics.register import INDICATORS

COLUMNS = ["card", "indicator_id", "name_zh", "name_en", "weight", "target"]
_SIDES = ["score_before", "score_after", "band_before", "band_after"]


@dataclass(frozen=True)
class Proposal:
    """A framework not yet published. refused: what forbids it, in words; empty where nothing does.

    changes: as `framework.changes`. bands: unit_code, name_zh, name_en, score_before, score_after,
    band_before, band_after of its first year. unused: scored indicators without a value there.
    """

    framework: Framework
    replaces: Framework
    refused: list[Text]
    changes: pd.DataFrame
    bands: pd.DataFrame
    unused: list[str]


def table_of(framework: Framework) -> pd.DataFrame:
    """Return COLUMNS: every indicator that may be scored, card by card; NaN weight where it is not.

    It can be edited as a file and read by `propose` again.
    """
    scored = {(item.card, item.indicator_id): item for item in framework.items}
    rows = []
    for name in ("township", "county"):
        for found in INDICATORS.values():
            owed_by = (name, "shared")
            item = scored.get((name, found.id))
            if item is None and (found.accountable not in owed_by or found.is_survey):
                continue
            weight = None if item is None else item.weight
            target = None if item is None else item.target
            rows.append((name, found.id, found.name.zh, found.name.en, weight, target))
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.astype({"weight": float, "target": float})


def propose(
    store: Store, rows: pd.DataFrame, framework_id: str, name: Text, effective_from: int
) -> Proposal:
    """Make a framework of a table and say what it would change, without keeping it.

    Raises what `from_frame` raises, DataError `framework_name` (no id or name, or an id taken).
    """
    taken = {*BUILT_IN, *store.read("SELECT framework FROM frameworks")["framework"]}
    if not framework_id or not name.zh.strip() or framework_id in taken:
        raise DataError("framework_name", framework=framework_id)
    replaces = in_force(store, effective_from)
    made = from_frame(rows, framework_id, name, effective_from, replaces)
    scope = Scope(effective_from)
    found = card(store, scope, framework=made) if made.items else None
    before = card(store, scope, framework=replaces).overview.set_index("unit_code")
    names = ["unit_code", "name_zh", "name_en"]
    bands = pd.DataFrame(columns=[*names, *_SIDES])
    unused: list[str] = []
    if found is not None:
        after = found.overview.set_index("unit_code")
        bands = after[["name_zh", "name_en"]].assign(
            score_before=before["score"], score_after=after["score"],
            band_before=before["band"], band_after=after["band"],
        ).reset_index()  # fmt: skip
        unused = _unused(store, scope, made)
    refused = check(made, replaces)
    return Proposal(made, replaces, refused, changes(replaces, made), bands, unused)


def _unused(store: Store, scope: Scope, framework: Framework) -> list[str]:
    """Return scored indicators that no unit has a value of."""
    table = Evaluation(store, scope).table([item.indicator for item in framework.items])
    held = set(table.loc[table["value"].notna(), "indicator_id"])
    return [i.indicator_id for i in framework.items if i.indicator_id not in held]


def publish(store: Store, proposal: Proposal, *, author: str, reason: str) -> int:
    """Publish a proposal as a version and return it.

    Raises DataError `framework_refused` (a rule forbids it), `framework_unsigned`.
    """
    made = proposal.framework
    if proposal.refused:
        zh, en = zip(*proposal.refused, strict=True)
        reasons = Text("；".join(zh), "; ".join(en))
        raise DataError("framework_refused", framework=made.id, reasons=reasons)
    if not author.strip() or not reason.strip():
        raise DataError("framework_unsigned", framework=made.id)
    head = {
        "framework": made.id, "name_zh": made.name.zh, "name_en": made.name.en,
        "effective_from": made.effective_from, "replaces": made.replaces,
        "author": author.strip(), "reason": reason.strip(),
    }  # fmt: skip
    items = [(made.id, i.card, i.indicator_id, i.weight, i.target) for i in made.items]
    names = ["framework", "card", "indicator_id", "weight", "target"]
    changed = [
        Change("frameworks", pd.DataFrame([head])),
        Change("framework_items", pd.DataFrame(items, columns=names).astype({"target": float})),
    ]
    message = both("frameworks.message", name=made.name.zh, year=made.effective_from).zh
    return store.publish(changed, author=author.strip(), message=message)


def choose(store: Store, framework_id: str, *, author: str) -> int:
    """Choose the built-in framework that holds where no own one does; return the version.

    Raises DataError `unknown_framework`, `framework_unsigned`.
    """
    if framework_id not in BUILT_IN:
        raise DataError("unknown_framework", framework=framework_id, known=", ".join(BUILT_IN))
    if not author.strip():
        raise DataError("framework_unsigned", framework=framework_id)
    frame = pd.DataFrame({"name": ["framework"], "value": [framework_id]})
    message = both("frameworks.chosen", name=BUILT_IN[framework_id].name.zh).zh
    return store.publish([Change("settings", frame)], author=author.strip(), message=message)
