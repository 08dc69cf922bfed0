"""Visits claimed beside visits remembered: C4 against question R07, instead of photographs.

Villages report how many households their committee members visited in twelve months (C4);
residents are asked whether anyone came or got in touch (R07). R07 is the wider question, so what
is claimed should not exceed what is remembered. Clauses IV.iii.1 and IV.iii.2.
"""

import numpy as np
import pandas as pd

from data.scope import Scope
from data.store import Store
from metrics.disclosure.base_rule import blank, minimum_base
from metrics.estimation.intervals import interval
from metrics.evaluate import Evaluation
from metrics.queries import sql
from metrics.register import INDICATORS
from metrics.satisfaction.figures import protection_of, reason_of
from metrics.survey import estimate_from_sums

CLAIMED, REMEMBERED = "C4", "R07"
COLUMNS = [
    "unit_code", "level", "name_zh", "name_en", "claimed", "households", "origin", "remembered",
    "low", "high", "n", "note", "verdict",
]  # fmt: skip
_FIGURES = ["remembered", "low", "high"]


def visits(store: Store, scope: Scope) -> pd.DataFrame:
    """Return COLUMNS: the county of the scope (left out for one township), then its townships.

    claimed: % of households visited, of `households`. remembered: % of residents who say so, with
    the 95 % Wilson interval on the effective sample size, n of them. note: '' | 'below_base' |
    'complement' | 'not_estimable' | 'no_answers'; with a note nothing is shown of the survey.
    verdict: 'claimed_more' (above the interval), 'agrees', 'remembered_more', '' where a side is
    missing. Only units with a figure on either side.
    """
    evaluation = Evaluation(store, scope)
    claims = evaluation.evaluate(INDICATORS[CLAIMED])
    claims = claims.rename(columns={"value": "claimed", "den": "households"})
    claims = claims[["unit_code", "level", "claimed", "households", "origin"]]
    if scope.township:
        claims = claims[claims["level"].eq("township")]
    table = claims.merge(_remembered(store, scope, evaluation), on="unit_code", how="left")
    table["note"] = table["note"].fillna("no_answers")
    names = evaluation.units[["unit_code", "name_zh", "name_en"]]
    table = table.merge(names, on="unit_code", how="left")
    low, high, claimed = (table[c].astype(float) for c in ("low", "high", "claimed"))
    known = claimed.notna() & low.notna()
    table["verdict"] = np.select(
        [~known, claimed > high, claimed < low], ["", "claimed_more", "remembered_more"], "agrees"
    )
    some = table["claimed"].notna() | table["note"].ne("no_answers")
    return table.loc[some, COLUMNS].reset_index(drop=True)


def _remembered(store: Store, scope: Scope, evaluation: Evaluation) -> pd.DataFrame:
    """Return unit_code, n, _FIGURES, note; the county's row bears the code of the evaluation."""
    year = evaluation.parameters["year"]
    sums = store.read_once(
        sql("assessment/visits_remembered"), {"question": REMEMBERED, "year": year}
    )
    if sums.empty:
        return pd.DataFrame(columns=["unit_code", "n", *_FIGURES, "note"])
    survey = str(sums["survey_id"].iloc[0])
    sums = sums.assign(item=REMEMBERED)
    design = store.read_once(sql("satisfaction/design"), {"survey_id": survey})
    inside = sums[sums["township_code"].isin(evaluation.units["unit_code"])]
    each = estimate_from_sums(inside, design, by="township_code")
    whole = estimate_from_sums(inside, design).assign(township_code=evaluation.county)
    found = pd.concat([whole, each], ignore_index=True)
    protection = protection_of(
        store, scope, sums.groupby("township_code")["n"].sum(), minimum_base(store)
    )
    secret = [reason_of(Scope(county=scope.county, unit_type=scope.unit_type), protection)]
    secret += [protection.units.get(str(code), "") for code in each["township_code"]]
    return _shown(found, pd.Series(secret, found.index, dtype=object))


def _shown(found: pd.DataFrame, hidden: pd.Series) -> pd.DataFrame:
    """Blank what may not be shown; bring the interval of a share inside 0-100."""
    share, se, df, n = (found[c].to_numpy(np.float64) for c in ("estimate", "se", "df", "n"))
    low, high = interval("wilson", share / 100, se / 100, df, n, 0.95)
    table = found[["township_code", "n", "note"]].rename(columns={"township_code": "unit_code"})
    table = table.assign(remembered=share, low=100 * low, high=100 * high)
    return blank(table, hidden, _FIGURES)[["unit_code", "n", *_FIGURES, "note"]]
