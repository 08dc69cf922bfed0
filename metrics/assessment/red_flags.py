"""Red flags: what must not be missing, shown beside the band and never part of the score.

A flag cannot be made up for by good figures elsewhere, and it takes no point away: the document
asks leaders to clear one-vote vetoes. Method: framework/scoring.md, 'No one-vote veto'. The flags
are declared in `contracts/red_flags.csv` with clause and reason.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from data.contracts import FOLDER
from data.words import Text
from metrics.evaluate import Evaluation
from metrics.queries import sql
from metrics.register import INDICATORS

COLUMNS = ["unit_code", "name_zh", "name_en", "flag", "places", "of_places", "note"]


@dataclass(frozen=True)
class Flag:
    """One thing that must not be missing.

    indicator_id: what it belongs to; an appeal against that is one against the flag. seen_in: items
    of checklists, or 'disclosures'; without any, the flag is the indicator's value being zero.
    """

    id: str
    indicator_id: str
    seen_in: tuple[str, ...]
    clause: str
    name: Text
    reason: Text


def _flags() -> Mapping[str, Flag]:
    with (FOLDER / "red_flags.csv").open(encoding="utf-8", newline="") as lines:
        return {
            row["flag"]: Flag(
                id=row["flag"],
                indicator_id=row["indicator_id"],
                seen_in=tuple(filter(None, row["seen_in"].split(";"))),
                clause=row["clause"],
                name=Text(row["name_zh"], row["name_en"]),
                reason=Text(row["reason_zh"], row["reason_en"]),
            )
            for row in csv.DictReader(lines, strict=True)
        }


FLAGS = _flags()


def red_flags(evaluation: Evaluation, aside: "pd.Series[str]") -> pd.DataFrame:
    """Return COLUMNS: the flags raised in the year, by township.

    aside: 'contested' | 'exempt' by (unit_code, indicator_id). places, of_places: villages or
    units where it is missing, of those whose facts are known; NaN for the township as a whole.
    note: 'contested' while an appeal is open; with an exemption there is no flag.
    """
    told = {
        "year": evaluation.parameters["year"],
        "items": [each for flag in FLAGS.values() for each in flag.seen_in],
    }
    facts = evaluation.store.read_once(sql("assessment/red_flags"), told)
    rows = pd.concat(
        [_seen(flag, facts) if flag.seen_in else _zero(flag, evaluation) for flag in FLAGS.values()]
    )
    keys = zip(rows["unit_code"], rows["flag"], strict=True)
    rows["note"] = [aside.get((code, FLAGS[flag].indicator_id), "") for code, flag in keys]
    names = evaluation.units[["unit_code", "name_zh", "name_en"]]
    if evaluation.township:
        names = names[names["unit_code"].eq(evaluation.township)]
    return names.merge(rows[rows["note"].ne("exempt")], on="unit_code")[COLUMNS]


def _seen(flag: Flag, facts: pd.DataFrame) -> pd.DataFrame:
    """Return the units with places where it is missing."""
    own = facts[facts["about"].isin(flag.seen_in)]
    found = own.groupby("unit_code", as_index=False)[["places", "of_places"]].sum()
    return found[found["places"] > 0].assign(flag=flag.id)


def _zero(flag: Flag, evaluation: Evaluation) -> pd.DataFrame:
    """Return the units whose value is known to be zero, computed or reported."""
    values = evaluation.evaluate(INDICATORS[flag.indicator_id])
    found = values[values["level"].eq("township") & values["value"].eq(0)]
    return found[["unit_code"]].assign(places=float("nan"), of_places=float("nan"), flag=flag.id)
