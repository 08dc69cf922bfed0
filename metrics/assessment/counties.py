"""Counties side by side: the bands of their townships, and what each county owes itself.

Townships are scored as everywhere, from goalposts that hold for the whole store, so that the
counties can be set beside each other; the duties of a county are those of its own whole (sums,
never means of townships), as its own page shows them. In the order of their codes: a share of
bands has no interval here, and is no rank.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from data.scope import Scope
from data.store import Store
from metrics import units
from metrics.assessment.cards import ROOT
from metrics.assessment.county_card import county_card
from metrics.assessment.township_card import BAND_CUTS, assessed, card
from metrics.evaluate import Evaluation

NAMES = ["unit_code", "name_zh", "name_en"]
BANDS = [f"band_{n}" for n in range(1, len(BAND_CUTS) + 2)]
BAND_COLUMNS = [*NAMES, "townships", "scored", "score", *BANDS, "adequate", "flagged"]
DUTY_COLUMNS = [*NAMES, "node", "points", "data_share", "note"]
_ADEQUATE = 3


def bands(store: Store, scope: Scope) -> pd.DataFrame:
    """Return BAND_COLUMNS, one row per county of the scope.

    townships, scored: how many there are, and how many have a score; score: the mean of theirs.
    band_1 … band_5: share of the scored in each band, 0-1; adequate: in band 3 or better, 0-1.
    flagged: townships with a red flag. Scores and shares are NaN where no township has a score.
    """
    overview = card(store, scope).overview
    held = units.all_units(store, scope).set_index("unit_code")["county_code"]
    county = overview["unit_code"].map(held)
    scored = overview["band"].notna()
    made: dict[str, pd.Series[Any]] = {
        "townships": overview.groupby(county).size(),
        "scored": scored.groupby(county).sum(),
        "score": overview["score"].groupby(county).mean(),
        "flagged": (overview["flags"] > 0).groupby(county).sum(),
    }
    for number, name in enumerate(BANDS, start=1):
        inside = overview["band"].eq(number).astype(float).where(scored)
        made[name] = inside.groupby(county).mean()
    table = pd.DataFrame(made)
    table["adequate"] = table[BANDS[:_ADEQUATE]].sum(axis=1, skipna=False)
    counties = units.counties(store, scope)
    return counties.merge(table, left_on="unit_code", right_index=True)[BAND_COLUMNS]


def duties(store: Store, scope: Scope) -> pd.DataFrame:
    """Return DUTY_COLUMNS, one row per county of the scope and node: its total, then its duties.

    points: 0-100, NaN where too little is known; data_share: 0-1; note: as of `county_card`. Every
    county is evaluated by itself, which takes about half a second each.
    """
    assessment = assessed(store, scope)
    counties = units.counties(store, scope)
    inside = units.all_units(store, scope)["county_code"]
    parts = [pd.DataFrame(columns=DUTY_COLUMNS)]
    for code, zh, en in counties.itertuples(index=False, name=None):
        if not inside.eq(code).any():
            continue
        own = Evaluation(store, replace(assessment.scope, county=code), together=True)
        told = county_card(own, assessment.framework, assessment.posts)
        told = told[told["node"].eq(ROOT) | told["level"].eq("block")]
        parts.append(told.assign(unit_code=code, name_zh=zh, name_en=en)[DUTY_COLUMNS])
    found = pd.concat(parts, ignore_index=True)
    return found.astype({"points": np.float64, "data_share": np.float64})
