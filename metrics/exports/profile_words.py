r"""What is said of one township, on its page and in files: every sentence is computed.

Sentences are Markdown, names in them escaped; `metrics.exports.reports.bare` takes both away.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from data.words import Text, both
from metrics.assessment.improvement import STRONG, WEAK, lifts, next_band, sides
from metrics.assessment.red_flags import FLAGS
from metrics.exports.reports import plain
from metrics.scoring import DECIMALS

NAMED = 3
# Notes of a township of which no block, or not every one, has a satisfaction that counts.
UNHEARD = {"facts_only": "none", "partly_facts": "part"}
# In the order of the table of changes.
VERDICTS = ("worse", "better", "moved", "noise", "open", "same")


def name_of(row: Mapping[Any, Any]) -> Text:
    """Return the name of a row in both languages; the Chinese one where English is blank."""
    zh, en = row["name_zh"], row["name_en"]
    return Text(plain(zh), plain(en if isinstance(en, str) and en.strip() else zh))


def listed(names: Iterable[Text]) -> Text:
    """Join names as each language does."""
    told, joiner = list(names), both("shell.list_joiner")
    return Text(*(between.join(each[n] for each in told) for n, between in enumerate(joiner)))


def joined(*sentences: Text | None) -> Text:
    """Return sentences one after the other, those that there are."""
    told = [each for each in sentences if each]
    return Text(*(" ".join(each[n] for each in told) for n in (0, 1)))


def band_word(band: object) -> Text:
    """Return a band with its cut points, or that there is none yet."""
    known = isinstance(band, int | float) and not pd.isna(band)
    return both(f"assessment.band_cut{int(band)}" if known else "assessment.no_band")  # type: ignore[call-overload]


def headline(unit: Mapping[Any, Any]) -> Text:
    """Say band, score and data share of a township, and where its residents are not heard in it.

    unit: a row of the overview.
    """
    share = "—" if pd.isna(unit["data_share"]) else f"{unit['data_share']:.0%}"
    if pd.isna(unit["score"]):
        return both("assessment.not_scored", place=name_of(unit), share=share)
    said = both(
        "assessment.headline", place=name_of(unit), band=band_word(unit["band"]),
        value=f"{unit['score']:,.1f}", share=share,
    )  # fmt: skip
    if unit["note"] not in UNHEARD:
        return said
    heard = both(f"assessment.unheard_{UNHEARD[unit['note']]}")
    return Text(said.zh + heard.zh, said.en + heard.en)


def flags(table: pd.DataFrame) -> Text | None:
    """Say which red flags stand beside a band, None without any."""
    words = [flag(row) for row in table.to_dict("records")]
    told = listed(Text(*map(plain, each)) for each in words)
    return both("flags.one", names=told) if words else None


def flag(row: Mapping[Any, Any]) -> Text:
    """Return a red flag in words, with the places it was seen in."""
    name = FLAGS[row["flag"]].name
    if pd.notna(row["places"]):
        of, places = f"{row['of_places']:,.0f}", f"{row['places']:,.0f}"
        name = both("flags.place", name=name, places=places, of=of)
    return both("flags.contested", name=name) if row["note"] else name


def contested(tree: pd.DataFrame) -> Text | None:
    """Name the values that are out of the score for an appeal, None without any."""
    rows = tree[tree["note"].isin(["contested", "exempt"])]
    names = listed(map(name_of, rows.to_dict("records")))
    return both("outlook.contested", n=len(rows), names=names) if len(rows) else None


def range_of_places(row: Mapping[Any, Any]) -> str:
    """Write a place among the peers as a range: places alone would say more than is known."""
    low, high = round(row["low"]), round(row["high"])
    return f"{low}" if low == high else f"{low}–{high}"


def sureness(row: Mapping[Any, Any] | None) -> Text:
    """Say how sure a band is; row: of `robustness.band_ranges`, None without a score."""
    if row is None:
        return both("outlook.no_ranges")
    place = range_of_places(row)
    return both(
        "outlook.ranges_one" if "–" in place else "outlook.ranges_one_place",
        place=name_of(row),
        band=both(f"assessment.band{int(row['band'])}"),
        share=f"{row['sure']:.0%}",
        range=place,
        peers=int(row["peers"]),
    )


def strong_and_weak(tree: pd.DataFrame) -> Text:
    """Name what a township does well and what falls short."""
    found = sides(tree)
    if found.empty:
        return both("assessment.no_points")
    return joined(
        *(
            both(f"outlook.{side}" if len(rows) else f"outlook.no_{side}", n=len(rows), names=names,
                 strong=f"{STRONG:.0f}", weak=f"{WEAK:.0f}")
            for side in ("strength", "weakness")
            for rows in [found[found["side"].eq(side)]]
            for names in [_first(rows)]
        )
    )  # fmt: skip


def _first(rows: pd.DataFrame) -> Text:
    told = listed(map(name_of, rows.head(NAMED).to_dict("records")))
    return both("outlook.and_more", names=told) if len(rows) > NAMED else told


def improvements(tree: pd.DataFrame) -> Text:
    """Say what would lift a township most, and how far the next band is."""
    found = lifts(tree)
    if found.empty:
        return both("outlook.nothing_to_lift")
    names = listed(
        both("outlook.lift", name=name_of(row), gain=f"{row['gain']:,.1f}")
        for row in found.head(NAMED).to_dict("records")
    )
    said = both("outlook.lifts_sentence", names=names)
    above = next_band(tree)
    if above.band is None:
        return said
    key = "outlook.next_band" if above.steps else "outlook.next_band_far"
    word = both(f"assessment.band{above.band}")
    far = both(key, band=word, points=f"{above.needed:,.1f}", steps=above.steps)
    return joined(said, far)


def counted(tree: pd.DataFrame) -> Text:
    """Say how many indicators of a card there are, have points, and fall short."""
    rows = tree[tree["level"].eq("indicator")]
    points = rows["points"].dropna().round(DECIMALS)
    weak = int((points < WEAK).sum())
    told = {"n": len(rows), "scored": len(points), "weak": weak, "weak_at": f"{WEAK:.0f}"}
    return both("assessment.tree_sentence", **told)


def changed(table: pd.DataFrame, year: int) -> Text:
    """Say how many indicators changed beyond noise; table: of `progress.changes`."""
    if table.empty:
        return both("outlook.no_changes", year=year - 1)
    counts = table["verdict"].value_counts()
    told = {name: int(counts.get(name, 0)) for name in VERDICTS}
    return both("outlook.changes_sentence", n=len(table), year=year - 1, **told)


def history(table: pd.DataFrame) -> Text:
    """Say how the score went; table: of `progress.history`."""
    total = table[table["node"].eq("total") & table["score"].notna()].sort_values("year")
    if total.empty:
        return both("outlook.no_history")
    years: Sequence[int] = [int(year) for year in total["year"]]
    scores = [f"{value:,.1f}" for value in total["score"]]
    if len(years) == 1:
        return both("outlook.history_one", year=years[0], score=scores[0])
    return both(
        "outlook.history_sentence",
        first=years[0],
        last=years[-1],
        before=scores[0],
        after=scores[-1],
        left=f"{100 - total['score'].iloc[-1]:,.1f}",
    )


def appealed(table: pd.DataFrame, outcome: str = "outcome") -> Text:
    """Say how many appeals there are, how many wait, and how the others were decided.

    table: of `appeals.appeals`; outcome: its column of outcomes.
    """
    if table.empty:
        return both("duty.no_appeals")
    still_open, late = table["decided_on"].isna(), table["late"].astype(bool)
    counts = {
        "open": still_open,
        "late": still_open & late,
        "decided": ~still_open,
        "in_time": ~still_open & ~late,
        "upheld": table[outcome].isin(["upheld", "partly"]),
    }
    return both(
        "duty.appeals_sentence", n=len(table), **{name: int(c.sum()) for name, c in counts.items()}
    )
