"""The standards in force in a place and year: radii, detour factor, what is to be provided.

Of the rows that hold for a county the nearest place comes first, then the newest year; a row
without place or year holds everywhere or always. Every value carries where it comes from.
"""

import numpy as np
import pandas as pd

from data.scope import Scope
from data.store import Store
from data.words import Text, both
from metrics.queries import sql
from metrics.register import DEFAULT_ROWS

DETOUR = "reach.detour"
# The minutes for 1 km by each of the ways of travelling that a road table may hold.
PACES = {"walk": "reach.minutes_per_km", "drive": "reach.minutes_per_km_drive"}
COLUMNS = ["county_code", "value", "place_code", "from_year", "source_zh", "source_en"]


def radii(store: Store, scope: Scope) -> pd.DataFrame:
    """Return the radius of every county of the scope, service and setting that has one.

    Columns: county_code, service, setting, radius_m (metres), place_code, from_year, source.
    """
    return store.read_once(sql("coverage/radii"), scope.parameters())


def limits(store: Store, scope: Scope, parameter: str) -> pd.DataFrame:
    """Return the value of a parameter in every county of the scope, as COLUMNS.

    parameter: of the code list indicator_param. Where no place has set one: the setting of the
    store (detour factor), else the product's default; value NaN where there is none.
    """
    found = store.read_once(sql("coverage/limits"), scope.parameters() | {"parameter": parameter})
    usual = DEFAULT_ROWS[parameter]
    value, source = float(usual["value"] or np.nan), Text(usual["source_zh"], usual["source_en"])
    if parameter == DETOUR and float(store.settings()["detour_factor"]) != value:
        value, source = float(store.settings()["detour_factor"]), both("coverage.store_setting")
    unset = found["value"].isna()
    return found.assign(
        value=found["value"].astype(float).fillna(value),
        source_zh=found["source"].mask(unset, source.zh),
        source_en=found["source"].mask(unset, source.en),
    )[COLUMNS]


def of_units(store: Store, scope: Scope, parameter: str) -> "pd.Series[float]":
    """Return by unit_code the value of a parameter in force in the county of each unit."""
    units = store.read_once(sql("units"), scope.parameters()).set_index("unit_code")
    held = limits(store, scope, parameter).set_index("county_code")["value"]
    return units["county_code"].map(held).astype(float)


def detours(store: Store, scope: Scope) -> "pd.Series[float]":
    """Return the detour factor by county code."""
    table = limits(store, scope, DETOUR)
    return table.set_index("county_code")["value"]


def used(store: Store, scope: Scope, service: str = "", parameter: str = DETOUR) -> pd.DataFrame:
    """Return what holds in the scope, each value once: the radii of a service, and a parameter.

    Columns: setting (urban | rural, '' for the parameter), value, place_code ('' everywhere),
    from_year (NaN: always), source_zh, source_en, counties (how many it holds in).
    """
    own = radii(store, scope)
    own = own[own["service"].eq(service)].rename(columns={"radius_m": "value"})
    own = own.assign(source_zh=own["source"], source_en=own["source"])
    held = limits(store, scope, parameter).assign(setting="")
    table = pd.concat([own.reindex(columns=[*COLUMNS, "setting"]), held], ignore_index=True)
    names = ["setting", "value", "place_code", "from_year", "source_zh", "source_en"]
    table[["place_code", "source_zh", "source_en"]] = table[
        ["place_code", "source_zh", "source_en"]
    ].fillna("")
    # Urban before rural before the parameter, as people name them.
    order = table["setting"].map({"urban": 0, "rural": 1, "": 2})
    table = table.assign(order=order, from_year=table["from_year"].astype(float))
    counted = table.groupby(["order", *names], dropna=False, sort=True).size()
    return counted.rename("counties").reset_index()[[*names, "counties"]]
