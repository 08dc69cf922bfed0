"""Indicator values of townships and of the county they make up.

The county is the sum of the numerators over the sum of the denominators, never the mean of the
townships. Missing is not zero: a unit without facts has no value and a note that says why.
"""

from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.scope import Scope
from data.store import Store
from metrics.disclosure import Protection, minimum_base, protect
from metrics.queries import sql
from metrics.register import INDICATORS, Indicator, indicator

COLUMNS = [
    "unit_code",
    "level",
    "value",
    "num",
    "den",
    "n",
    "low",
    "high",
    "origin",
    "note",
]
Floats = npt.NDArray[np.float64]
_Z = NormalDist().inv_cdf(0.975)


def evaluate(store: Store, indicator_id: str, scope: Scope) -> pd.DataFrame:
    """Return one indicator for the county of the scope (first row) and each of its townships.

    Columns COLUMNS. level: 'county' | 'township'. n: the base, respondents or denominator.
    low, high: Wilson 95 % interval of a rate. origin: 'computed' | 'reported' | ''.
    note: '' | 'no_data' | 'not_run' (no formula yet and nothing reported) | 'not_applicable' |
    'below_base' | 'complement' (hidden so that a hidden figure cannot be worked out).
    Raises DataError `unknown_indicator`.
    """
    found = indicator(indicator_id)
    return Evaluation(store, scope).evaluate(found)


def evaluate_all(store: Store, scope: Scope) -> pd.DataFrame:
    """Return all indicators, one below the other: `evaluate` with the column indicator_id first."""
    frame = Evaluation(store, scope)
    tables = [frame.evaluate(each).assign(indicator_id=each.id) for each in INDICATORS.values()]
    return pd.concat(tables, ignore_index=True)[["indicator_id", *COLUMNS]]


def latest_year(store: Store, scope: Scope) -> int | None:
    """Return the year of the scope, else the newest one the store holds facts for."""
    if scope.year is not None:
        return scope.year
    years = store.read(sql("years"))["year"]
    return int(years.iloc[0]) if len(years) else None


def wilson(num: Floats, den: Floats) -> tuple[Floats, Floats]:
    """Return the Wilson score interval at 95 % of num/den, in percent (Wilson 1927).

    NaN where the denominator is not positive or the numerator lies outside it.
    """
    valid = (den > 0) & (num >= 0) & (num <= den)
    d = np.where(valid, den, np.nan)
    p = num / d
    middle = p + _Z**2 / (2 * d)
    reach = _Z * np.sqrt(p * (1 - p) / d + _Z**2 / (4 * d**2))
    scale = 100 / (1 + _Z**2 / d)
    return np.clip(scale * (middle - reach), 0, 100), np.clip(scale * (middle + reach), 0, 100)


class Evaluation:
    """Indicators of one scope; what they share (units, year, reported values) is read once."""

    def __init__(self, store: Store, scope: Scope) -> None:
        year = latest_year(store, scope)
        # The county stays whole when one township is looked at: its row is what it compares with.
        place = store.read(sql("units"), Scope(year, scope.county).parameters())
        if scope.township:
            mine = place.loc[place["unit_code"].eq(scope.township), "county_code"]
            place = place[place["county_code"].isin(mine)]
        self.unit_type = None if scope.township else scope.unit_type
        counties = place["county_code"].unique()
        settings = store.settings()
        self.county = (
            str(counties[0])
            if len(counties) == 1
            else scope.county or settings.get("county_code", "")
        )
        self.place = place.reset_index(drop=True)
        seen = place if self.unit_type is None else place[place["unit_type"].eq(self.unit_type)]
        self.units = seen.reset_index(drop=True)
        self.township = scope.township
        self.store = store
        self.minimum = minimum_base(store)
        self.one_county = str(counties[0]) if len(counties) == 1 else None
        self.parameters: dict[str, object] = {
            "year": year,
            "county": self.one_county,
            "detour": float(settings["detour_factor"]),
        }
        self.reported = store.read(sql("indicators/reported"), self.parameters)

    def evaluate(self, each: Indicator) -> pd.DataFrame:
        """Return one indicator for the county and its townships; see the function `evaluate`."""
        place = self._townships(each)
        towns = place[place["unit_code"].isin(self.units["unit_code"])]
        table = pd.concat([self._county(each, towns), towns], ignore_index=True)
        if each.is_survey:
            table = self._base_rule(table, self.protection(place.set_index("unit_code")["n"]))
        elif each.is_rate:
            low, high = wilson(_floats(table["num"]), _floats(table["den"]))
            table["low"], table["high"] = low, high
        if self.township:
            keep = table["level"].eq("county") | table["unit_code"].eq(self.township)
            table = table[keep].reset_index(drop=True)
        return table[COLUMNS]

    def protection(self, n: pd.Series) -> Protection:
        """Decide what stays hidden over the whole place, whatever part of it is looked at.

        n: respondents by unit code.
        """
        bases = self.place["unit_code"].map(n).fillna(0)
        return protect(self.place.assign(n=bases), self.minimum)

    def _townships(self, each: Indicator) -> pd.DataFrame:
        codes = self.place["unit_code"]
        table = self._computed(each).reindex(codes)
        value = table["value"]
        reported = self._reported(each).reindex(codes)
        applies = np.array([each.applies_to_unit(_type(t)) for t in self.place["unit_type"]], bool)
        fill = value.isna() & reported["value"].notna()
        for column in ("value", "num", "den", "n"):
            table[column] = table[column].mask(fill, reported[column]).where(applies)
        origin = np.where(fill, "reported", np.where(value.notna(), "computed", ""))
        note = np.where(table["value"].notna(), "", "no_data" if each.runs else "not_run")
        return table.assign(
            level="township",
            low=np.nan,
            high=np.nan,
            origin=np.where(applies, origin, ""),
            note=np.where(applies, note, "not_applicable"),
        ).reset_index()

    def _computed(self, each: Indicator) -> pd.DataFrame:
        if each.query is None:
            found = pd.DataFrame({"unit_code": pd.Series(dtype=object)})
        else:
            found = self.store.read(sql(each.query), {**self.parameters, **each.parameters})
        if "n" not in found and "den" in found:
            found["n"] = found["den"]
        return _numeric(found)

    def _reported(self, each: Indicator) -> pd.DataFrame:
        rows = self.reported[self.reported["indicator_id"].eq(each.id)]
        return _numeric(rows.assign(n=rows["den"]))

    def _county(self, each: Indicator, towns: pd.DataFrame) -> pd.DataFrame:
        parts = towns[towns["num"].notna() & towns["den"].notna()]
        num, den, n = (parts[c].sum(min_count=1) for c in ("num", "den", "n"))
        value = (100 if each.is_rate else 1) * num / den if den > 0 else np.nan
        origin = ""
        if not np.isnan(value):
            origin = "computed" if parts["origin"].eq("computed").any() else "reported"
        own = self._reported(each).reindex([self.county]).iloc[0]
        if origin != "computed" and pd.notna(own["value"]):
            value, num, den, n = own["value"], own["num"], own["den"], own["n"]
            origin = "reported"
        note = "" if origin else ("no_data" if each.runs else "not_run")
        row = [self.county, "county", value, num, den, n, np.nan, np.nan, origin, note]
        return pd.DataFrame([row], columns=COLUMNS)

    def _base_rule(self, table: pd.DataFrame, protection: Protection) -> pd.DataFrame:
        whole = protection.totals.get((self.one_county, self.unit_type), "")
        reason = pd.Series(
            [
                whole if level == "county" else protection.units.get(code, "")
                for level, code in zip(table["level"], table["unit_code"], strict=True)
            ],
            index=table.index,
        )
        hidden = reason != ""
        table["note"] = table["note"].mask(hidden, reason)
        table["origin"] = table["origin"].mask(hidden, "")
        figures = ["value", "num", "den", "n"]
        table[figures] = table[figures].mask(hidden)
        return table


def _type(unit_type: object) -> str | None:
    return None if pd.isna(unit_type) else str(unit_type)  # type: ignore[call-overload]


def _numeric(rows: pd.DataFrame) -> pd.DataFrame:
    table = rows.set_index("unit_code").reindex(columns=["value", "num", "den", "n"])
    return table.astype(float)


def _floats(column: pd.Series) -> Floats:
    return column.to_numpy(np.float64)
