"""What would change a band: the smallest single change up and down, beside how sure the band is."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from metrics.assessment.cards import ROOT
from pages.shared.assessment.parts import BANDS, band_word
from pages.shared.panels import Columns, Panel, worded
from pages.shared.words import figure, language, listed, names_of, plain, sentences, t

NAMED = 3
SIDES = ("up", "down")
Row = Mapping[Any, Any]


def county(moves: pd.DataFrame, ranges: pd.DataFrame) -> Panel:
    """Return for every township the nearest change of its band, up and down, with odds."""
    nearest = {(row["unit_code"], row["direction"]): row for row in moves.to_dict("records")}
    rows = [
        {
            "name": name,
            "band": band_word(unit["band"]),
            "score": unit["score"],
            **{side: _change(nearest.get((unit["unit_code"], side))) for side in SIDES},
            **_odds(unit),
        }
        for unit, name in zip(ranges.to_dict("records"), names_of(ranges), strict=True)
    ]
    columns: Columns = {
        "name": (t("shell.unit"), None),
        "up": (t("moves.up"), None),
        "down": (t("moves.down"), None),
        "stays": (t("moves.stays"), "%.0f%%"),
        "rises": (t("moves.rises"), "%.0f%%"),
        "falls": (t("moves.falls"), "%.0f%%"),
        "band": (t("assessment.band"), None),
        "score": (t("assessment.score"), "%.1f"),
    }
    table = pd.DataFrame(rows, columns=list(columns))
    return _panel(_county_sentence(moves, ranges), table, columns)


def township(tree: pd.DataFrame, moves: pd.DataFrame, ranges: pd.DataFrame) -> Panel:
    """Return every single change that moves the band of one township, the smallest first."""
    table = moves.assign(
        side=[t(f"moves.{side}") for side in moves["direction"]],
        name=moves[f"node_{language()}"],
        unit=moves[f"unit_{language()}"],
    )
    columns: Columns = {
        "side": (t("moves.direction"), None),
        "name": (t("assessment.indicator"), None),
        "value": (t("assessment.value"), "%.1f"),
        "value_needed": (t("moves.value_needed"), "%.1f"),
        "unit": (t("assessment.unit_of_measure"), None),
        "points": (t("assessment.points_column"), "%.1f"),
        "points_needed": (t("moves.points_needed"), "%.1f"),
    }
    return _panel(_township_sentence(tree, moves, ranges), table, columns)


def _change(row: Row | None) -> str:
    """Write a change as 'indicator: value now → value it takes, unit'."""
    if row is None:
        return t("moves.not_alone")
    return t(
        "moves.change",
        name=row[f"node_{language()}"],
        before=figure(row["value"]),
        after=figure(row["value_needed"]),
        unit=row[f"unit_{language()}"],
    )


def _odds(unit: Row) -> dict[str, float]:
    """Return in how many of the draws a township stays, rises and falls, in percent."""
    shares = {band: 100 * float(unit[f"band_{band}"]) for band in BANDS}
    own = int(unit["band"])
    return {
        "stays": shares[own],
        "rises": sum(share for band, share in shares.items() if band < own),
        "falls": sum(share for band, share in shares.items() if band > own),
    }


def _county_sentence(moves: pd.DataFrame, ranges: pd.DataFrame) -> str:
    if ranges.empty:
        return t("outlook.no_ranges")
    counts = moves["direction"].value_counts()
    told = {side: int(counts.get(side, 0)) for side in SIDES}
    said = t("moves.county_sentence", n=len(ranges), **told)
    near = moves.assign(far=moves["needed"].abs()).sort_values("far").drop_duplicates("unit_code")
    if near.empty:
        return said
    names = plain(listed(names_of(near.head(NAMED))))
    return sentences([said, t("moves.nearest", names=names)])


def _township_sentence(tree: pd.DataFrame, moves: pd.DataFrame, ranges: pd.DataFrame) -> str:
    root = tree[tree["node"].eq(ROOT)]
    if ranges.empty or root.empty:
        return t("outlook.no_ranges")
    unit = ranges.iloc[0].to_dict()
    said = []
    for side in SIDES:
        own = int(unit["band"]) + (-1 if side == "up" else 1)
        if own not in BANDS:
            continue
        band = t(f"assessment.band{own}")
        rows = moves[moves["direction"].eq(side)].to_dict("records")
        key = f"moves.{side}_sentence" if rows else f"moves.{side}_none"
        said.append(t(key, band=band, change=plain(_change(rows[0] if rows else None))))
    odds = {name: f"{share:.0f}%" for name, share in _odds(unit).items()}
    return sentences([*said, t("moves.odds", **odds)])


def _panel(sentence: str, table: pd.DataFrame, columns: Columns) -> Panel:
    return worded("moves.title", sentence, table, columns, key="moves")
