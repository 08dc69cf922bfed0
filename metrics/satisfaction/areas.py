"""Figures of small townships strengthened by a model, beside the direct ones, never instead.

The area model of Fay and Herriot with smoothed sampling variances
(`metrics.estimation.small_area`). A direct figure that the base rule hides takes no part in the
model: what is said of such a township rests on the others and on its covariate alone, so that
nothing of its answers can be worked out.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.scope import Scope
from data.store import Store
from metrics.estimation.small_area import small_area
from metrics.queries import sql
from metrics.satisfaction.figures import by_unit

# What the townships' figures may go with; one at a time, as counties have few townships.
COVARIATES = ("none", "subdistrict", "population", "migrants", "urban")
KEYS = ["unit_code", "name_zh", "name_en", "n"]
DIRECT = ["direct", "direct_low", "direct_high"]
MODEL = ["estimate", "mse", "low", "high", "shrinkage"]
COLUMNS = [*KEYS, *DIRECT, *MODEL, "kind", "note"]


@dataclass(frozen=True)
class Areas:
    """An item by township, direct and by the model.

    table: COLUMNS. direct with its t interval, blank where `figures.by_unit` shows none (note
    says why); estimate, mse (points²), low, high (normal): the model's; shrinkage: 0 all direct,
    1 all model. kind: 'both' (direct figure drawn to the model's), 'model' (no usable direct
    figure), '' (the covariate is not known: no figure). coefficient: points per unit of the
    covariate, NaN without one. areas: townships the model rests on; area_variance: between them,
    beyond the covariate (points²).
    """

    table: pd.DataFrame
    coefficient: float
    areas: int
    area_variance: float


def known(store: Store, scope: Scope, survey_id: str) -> tuple[str, ...]:
    """Return the covariates that at least three townships have, and that differ among them."""
    table = store.read(
        sql("satisfaction/covariates"), scope.parameters() | {"survey_id": survey_id}
    )
    return tuple(
        name
        for name in COVARIATES
        if name == "none" or (table[name].count() > 2 and table[name].nunique() > 1)
    )


def by_area(store: Store, scope: Scope, survey_id: str, item: str, covariate: str) -> Areas:
    """Return the item's figures by township, direct and by the model.

    Raises DataError as `small_area` does: too few townships, or all with the same base.
    """
    table = by_unit(store, scope, survey_id, item)
    towns = table[table["level"] == "township"].reset_index(drop=True)
    facts = store.read(
        sql("satisfaction/covariates"), scope.parameters() | {"survey_id": survey_id}
    )
    towns = towns.merge(facts, on="unit_code", how="left")
    names = [] if covariate == "none" else [covariate]
    usable = towns[names].notna().all(axis=1)
    found = small_area(
        towns.loc[usable, ["unit_code", "estimate", "se", "n", *names]],
        names,
        area="unit_code",
        smooth=True,
    )
    told = found.attrs
    model = found[["unit_code", *MODEL]].assign(
        kind=np.where(found["note"].eq("synthetic"), "model", "both")
    )
    towns = towns.rename(columns={"estimate": "direct", "low": "direct_low", "high": "direct_high"})
    merged = towns[[*KEYS, *DIRECT, "note"]].merge(model, on="unit_code", how="left")
    return Areas(
        merged.assign(kind=merged["kind"].fillna(""))[COLUMNS],
        float(told["coefficients"].get(covariate, np.nan)),
        int(told["areas"]),
        float(told["area_variance"]),
    )
