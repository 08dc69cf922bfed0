"""A township's profile as something to read: the sections of its page, in words and figures."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from data.words import Language, Text, both, say
from metrics.assessment.cards import ROOT
from metrics.assessment.improvement import sides
from metrics.exports import profile_words as words
from metrics.exports.extract_words import in_words
from metrics.exports.extracts import Extract
from metrics.exports.profile import UNIT
from metrics.exports.reports import Section, bare, plain

CLEAR = ("better", "worse", "moved")
_SHOWN = {
    "sides": ("side", "name", "value", "unit", "n", "points"),
    "improvements": ("improvement", "name", "gain", "value", "goal_high", "unit", "points"),
    "change": ("indicator", "verdict", "before", "after", "unit", "change", "low", "high"),
    "history": ("year", "name", "score"),
    "appeal": (
        "indicator", "appeal_kind", "appeal_outcome", "filed_on", "due_on", "decided_on", "late",
        "grounds", "decision",
    ),
    "tree": (
        "name", "value", "unit", "n", "points", "weight", "basis", "origin", "note",
    ),
}  # fmt: skip
_FORMS = {
    name: form
    for form, names in {
        "%,.0f": "n improvement",
        "%.0f": "year",
        "%.1f": "value points weight goal_low goal_high score before after change low high gain",
    }.items()
    for name in names.split()
}


def sections(found: Extract, language: Language) -> Iterator[Section]:
    """Yield the sections of every township of a profile, one township after the other."""
    year = int(found.about["period"])
    for code, tree in found.table.groupby("unit_code", sort=False):
        parts = {name: part[part["unit_code"].eq(code)] for name, part in found.parts.items()}
        name = str(tree[f"unit_name_{language}"].iloc[0])
        root = tree[tree["node"].eq(ROOT)].iloc[0].to_dict()
        yield Section(name, bare(_standing(tree, root).in_language(language)), pd.DataFrame(), {})
        clear = parts["change"][parts["change"]["verdict"].isin(CLEAR)]
        ordered = tree.set_index("node", drop=False)
        told: list[tuple[str, Text, pd.DataFrame]] = [
            ("sides", words.strong_and_weak(tree), ordered.loc[sides(tree)["node"]]),
            ("improvements", words.improvements(tree), _first_three(tree)),
            ("change", words.changed(parts["change"], year), clear),
            ("history", words.history(parts["history"]), _total(parts["history"])),
            ("appeal", words.appealed(parts["appeal"], "appeal_outcome"), parts["appeal"]),
            ("tree", words.counted(tree), _coded(tree)),
        ]
        for key, sentence, table in told:
            shown = replace(found, table=table.drop(columns=UNIT, errors="ignore"))
            yield _section(name, key, bare(sentence.in_language(language)), shown, language)


def _unheard(tree: pd.DataFrame) -> str:
    """Return the note of the overview: no block, or not every one, is heard in the score."""
    if not tree["note"].eq("facts_only").any():
        return ""
    heard = tree["level"].eq("satisfaction") & tree["contribution"].notna()
    return "partly_facts" if heard.any() else "facts_only"


def _standing(tree: pd.DataFrame, root: Mapping[Any, Any]) -> Text:
    """Say band, score, flags, how sure the band is, and what is out of the score."""
    unit = {
        "name_zh": root["unit_name_zh"], "name_en": root["unit_name_en"], "score": root["points"],
        "band": root["band"], "data_share": root["data_share"], "sure": root["sure"],
        "low": root["rank_low"], "high": root["rank_high"], "peers": root["peers"],
        "satisfaction": root["satisfaction"],
        "note": _unheard(tree),
    }  # fmt: skip
    flags = Text(root["flags_zh"], root["flags_en"])
    return words.joined(
        words.headline(unit),
        both("flags.one", names=Text(*map(plain, flags))) if flags.zh else None,
        words.sureness(None if pd.isna(unit["sure"]) else unit),
        words.contested(tree),
    )


def _first_three(tree: pd.DataFrame) -> pd.DataFrame:
    found = tree[tree["improvement"].notna()].sort_values("improvement")
    opinion = found["level"].eq("satisfaction")  # its points are its value
    return found.assign(goal_high=found["goal_high"].mask(opinion, 100.0))


def _coded(tree: pd.DataFrame) -> pd.DataFrame:
    """Return a tree with the codes of indicators before their names, and no unit of no value.

    origin: told only where a value was reported and not computed.
    """
    named = tree.assign(origin=tree["origin"].where(tree["origin"].eq("reported"), ""))
    leaves = tree["level"].eq("indicator")
    for language in ("zh", "en"):
        name, unit = f"name_{language}", f"unit_{language}"
        named[name] = tree[name].where(~leaves, tree["node"] + " " + tree[name])
        named[unit] = tree[unit].where(tree["value"].notna(), "")
    return named


def _total(history: pd.DataFrame) -> pd.DataFrame:
    return history[history["node"].eq(ROOT) & history["score"].notna()]


def _section(name: str, key: str, said: str, shown: Extract, language: Language) -> Section:
    headings, table = in_words(shown, language)
    columns = {}
    for each in _SHOWN[key]:
        column = f"{each}_{language}" if f"{each}_{language}" in table else each
        if key != "tree" or not table[column].isin(["", None]).all():
            columns[column] = (headings[column], _FORMS.get(each))
    title = say(f"export.part.{key}", language)
    return Section(f"{name} · {title}", said, table, columns)
