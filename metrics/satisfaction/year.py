"""Satisfaction of a year for indicators and scores, from the survey each township had last.

The estimator is the one the page of satisfaction uses, so that a figure without an error there has
none here either.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from data.store import Store
from metrics.queries import sql
from metrics.survey import estimate_from_sums

# Sums of weights of the answers 1 to 5 behind a figure of satisfaction.
ANSWER_SUMS = ("sw1", "sw2", "sw3", "sw4", "sw5")

_KEYS = dict.fromkeys(("item", "unit_code", "note"), pd.Series(dtype=str))
_FIGURES = dict.fromkeys(("num", "den", "n", "value"), pd.Series(dtype=float))
_NO_ANSWERS = pd.DataFrame({**_KEYS, **_FIGURES})


def of_year(store: Store, parameters: Mapping[str, object], item: str) -> pd.DataFrame:
    """Return sums per PSU: unit_code, survey_id, item, psus, n, sw, swy, swyy, ANSWER_SUMS.

    item: an index, or 'pair:' for those of all blocks. parameters: way, year and county. psus: how
    many were drawn in the township, those without an answer included.
    """
    return store.read_once(sql("indicators/S"), {**parameters, "item": item})


def with_points(sums: pd.DataFrame, points: Sequence[float]) -> pd.DataFrame:
    """Return the sums under other points for the answers 1 to 5; only of PSUs that tell these."""
    told = sums[sums["sw1"].notna()]
    answers = told[list(ANSWER_SUMS)].to_numpy(float)
    worth = np.array(points, dtype=float)
    return told.assign(swy=answers @ worth, swyy=answers @ worth**2)


def by_township(sums: pd.DataFrame) -> pd.DataFrame:
    """Return unit_code, item, value (0-100), num, den, n and note, one row per township and item.

    sums: as of `of_year`. n: respondents; note: as of `metrics.survey.estimate`.
    """
    if sums.empty:  # a county without a survey asks for thirty items of it
        return _NO_ANSWERS.copy()
    added = {"num": "swy", "den": "sw", "n": "n"}
    grouped = sums.groupby(["item", "unit_code"], observed=True)
    table = grouped.agg(**{name: (source, "sum") for name, source in added.items()})
    found = estimate_from_sums(_placed(sums), _drawn(sums), by="unit_code")
    told = found.set_index(["item", "unit_code"])[["estimate", "note"]]
    return table.join(told.rename(columns={"estimate": "value"})).reset_index()


def notes_of_all(sums: pd.DataFrame) -> Mapping[str, str]:
    """Return item -> note (`metrics.survey.estimate`) over all the townships given.

    sums: item, unit_code, psus, n, sw, swy, swyy, one row per item and PSU.
    """
    if sums.empty:
        return {}
    found = estimate_from_sums(_placed(sums), _drawn(sums))
    return dict(zip(found["item"], found["note"], strict=True))


def _placed(sums: pd.DataFrame) -> pd.DataFrame:
    return sums.assign(stratum=sums["unit_code"])


def _drawn(sums: pd.DataFrame) -> pd.DataFrame:
    strata = sums.drop_duplicates("unit_code")
    return pd.DataFrame({"stratum": strata["unit_code"], "psus": strata["psus"]})
