"""Another framework in force: made of a table or built in, compared with the old, published.

Goalposts taken from peers hold for one framework only, so a change of framework freezes its own in
the same version: nobody is scored for a day on goalposts that move. To undo it, restore the version
before. Method: framework/scoring.md, section 5 ('frozen for the period').
"""

from dataclasses import dataclass

import pandas as pd

from data.errors import DataError
from data.scope import Scope
from data.store import Change, Store
from data.words import Text, both
from metrics.assessment.framework import (
    BUILT_IN,
    Framework,
    changes,
    check,
    from_frame,
    in_force,
    named,
    own_frameworks,
)
from metrics.assessment.goalposts import by_peers, freeze_goalposts, frozen_of
from metrics.assessment.township_card import Assessment, card
from metrics.evaluate import Evaluation
from metrics.queries import sql
from metrics.register import INDICATORS

COLUMNS = ["card", "indicator_id", "name_zh", "name_en", "weight", "target"]
_SIDES = ["score_before", "score_after", "band_before", "band_after"]


@dataclass(frozen=True)
class Proposal:
    """A framework not yet in force. refused: what forbids it, in words; empty where nothing does.

    changes: as `framework.changes`. year: its first year, else the newest with data; bands:
    unit_code, name_zh, name_en, score_before, score_after, band_before, band_after of that year,
    and data_share (0-1) under it. unused: scored indicators without a value there. baseline: year
    of its goalposts. posts: the goalposts to be frozen with it; empty where its own are held
    already. held: whether they are. without: indicators measured by peers that have no goalposts
    for want of eight units that differ in the baseline year; they earn no points.
    """

    framework: Framework
    replaces: Framework
    refused: list[Text]
    changes: pd.DataFrame
    bands: pd.DataFrame
    unused: list[str]
    year: int | None
    baseline: int | None
    posts: pd.DataFrame
    held: bool
    without: list[str]


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
    store: Store,
    rows: pd.DataFrame,
    framework_id: str,
    name: Text,
    effective_from: int,
    *,
    baseline: int | None = None,
) -> Proposal:
    """Make a framework of a table and say what it would change, without keeping it.

    baseline: year of its goalposts; None for that of the framework it replaces, else the earliest.
    Raises what `from_frame` raises, DataError `framework_name` (no id or name, or an id taken).
    """
    taken = {*BUILT_IN, *store.read("SELECT framework FROM frameworks")["framework"]}
    if not framework_id or not name.zh.strip() or framework_id in taken:
        raise DataError("framework_name", framework=framework_id)
    replaces = in_force(store, effective_from)
    made = from_frame(rows, framework_id, name, effective_from, replaces)
    return _proposal(store, made, replaces, check(made, replaces), baseline)


def rehearse(
    store: Store, scope: Scope, *, framework_id: str, baseline: int | None = None
) -> Proposal:
    """Say what a framework that exists would change against that in force in the scope's year.

    Raises DataError `unknown_framework`.
    """
    return _proposal(store, named(store, framework_id), in_force(store, scope.year), [], baseline)


def held_baseline(store: Store, scope: Scope, *, framework_id: str) -> int | None:
    """Return the baseline year of a framework's frozen goalposts, None while none are frozen."""
    _ = scope  # goalposts hold for the whole store
    held = frozen_of(store, named(store, framework_id))["baseline_year"]
    return int(held.iloc[0]) if len(held) else None


def _proposal(
    store: Store, made: Framework, replaces: Framework, refused: list[Text], baseline: int | None
) -> Proposal:
    years = sorted(int(each) for each in store.read_once(sql("years"))["year"])
    last = made.effective_from or max(years, default=None)
    year = max((each for each in years if last is None or each <= last), default=last)
    held = frozen_of(store, made)
    base, posts = _baseline(store, made, replaces, baseline, years, held)
    names = ["unit_code", "name_zh", "name_en"]
    bands = pd.DataFrame(columns=[*names, *_SIDES, "data_share"])
    unused: list[str] = []
    if made.items:
        scope = Scope(year)
        frozen = held if len(held) or posts.empty else posts
        after = Assessment(store, scope, made, frozen if len(frozen) else None).card()
        before = card(store, scope, framework=replaces).overview.set_index("unit_code")
        table = after.overview.set_index("unit_code")
        bands = table[["name_zh", "name_en", "data_share"]].assign(
            score_before=before["score"], score_after=table["score"],
            band_before=before["band"], band_after=table["band"],
        ).reset_index()  # fmt: skip
        unused = _unused(store, scope, made)
    known = set((held if len(held) else posts)["indicator_id"])
    without = [i.indicator_id for i in by_peers(made) if i.indicator_id not in known]
    return Proposal(
        made, replaces, refused, changes(replaces, made), bands, unused, year, base, posts,
        held=bool(len(held)), without=list(dict.fromkeys(without)),
    )  # fmt: skip


def _baseline(
    store: Store, made: Framework, replaces: Framework, asked: int | None, years: list[int],
    held: pd.DataFrame,
) -> tuple[int | None, pd.DataFrame]:  # fmt: skip
    """Return the baseline year and the goalposts to freeze with the framework, if any."""
    if len(held):
        return int(held["baseline_year"].iloc[0]), held.iloc[:0]
    old = frozen_of(store, replaces)["baseline_year"]
    year = asked or (int(old.iloc[0]) if len(old) else min(years, default=None))
    posts = freeze_goalposts(store, year, made) if year else held.iloc[:0]
    return year, posts


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
        *_frozen_with(proposal),
    ]
    return store.publish(changed, author=author.strip(), message=_chosen(made))


def choose(store: Store, proposal: Proposal, *, author: str) -> int:
    """Let a built-in framework hold where no own one does, with its goalposts; return the version.

    Raises DataError `unknown_framework`, `framework_unsigned`.
    """
    made = proposal.framework
    if made.id not in BUILT_IN:
        raise DataError("unknown_framework", framework=made.id, known=", ".join(BUILT_IN))
    if not author.strip():
        raise DataError("framework_unsigned", framework=made.id)
    frame = pd.DataFrame({"name": ["framework"], "value": [made.id]})
    changed = [Change("settings", frame), *_frozen_with(proposal)]
    return store.publish(changed, author=author.strip(), message=_chosen(made))


def _frozen_with(proposal: Proposal) -> list[Change]:
    return [Change("goalposts", proposal.posts)] if len(proposal.posts) else []


def _chosen(framework: Framework) -> str:
    if framework.effective_from is None:
        return both("frameworks.chosen", name=framework.name.zh).zh
    year = framework.effective_from
    return both("frameworks.message", name=framework.name.zh, year=year).zh


def undoable(store: Store) -> int | None:
    """Return the version to restore to undo a change of framework, None if it is not the newest.

    Once other data are published, undoing would take them back as well.
    """
    history = store.history()
    told = {_chosen(each) for each in (*BUILT_IN.values(), *own_frameworks(store))}
    if len(history) < 2 or history[0].message not in told:
        return None
    return history[1].number
