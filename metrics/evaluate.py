"""Indicator values of townships and of the county they make up.

The county is the sum of the numerators over the sum of the denominators, never the mean of the
townships. Missing is not zero: a unit without facts has no value and a note that says why.
"""

from collections.abc import Sequence
from functools import cached_property
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.scope import Scope
from data.store import Store
from metrics.accessibility import standards
from metrics.disclosure.base_rule import NOT_ESTIMABLE, Protection, minimum_base, why_hidden
from metrics.disclosure.cover import protection_of_year
from metrics.disclosure.divisions import hidden_group
from metrics.queries import sql
from metrics.register import DEFAULT_ROWS, INDICATORS, Indicator, indicator
from metrics.satisfaction.group_gap import EVERYONE, GROUPS, Gaps, gaps
from metrics.satisfaction.scale import Scale, scale
from metrics.satisfaction.year import by_township, notes_of_all, of_year

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
FIGURES = ("value", "num", "den", "n")
# Larger places are not held: their columns would fill the memory.
SHARED_UNITS = 2000
Floats = npt.NDArray[np.float64]
Columns = dict[str, npt.NDArray[Any]]
_NOTHING = pd.DataFrame({"unit_code": pd.Series(dtype=object)})
_Z = NormalDist().inv_cdf(0.975)


def evaluate(store: Store, indicator_id: str, scope: Scope, way: str | None = None) -> pd.DataFrame:
    """Return one indicator for the county of the scope (first row) and each of its townships.

    Columns COLUMNS. level: 'county' | 'township'. n: the base, respondents or denominator.
    low, high: Wilson 95 % interval of a rate. origin: 'computed' | 'reported' | ''.
    note: '' | 'no_data' | 'not_run' (no formula yet and nothing reported) | 'not_applicable' |
    'below_base' | 'complement' (hidden so that a hidden figure cannot be worked out) |
    'not_estimable' (satisfaction without an error). way: of scoring satisfaction
    (`data.answer_points`), None for the one in force there and then.
    Raises DataError `unknown_indicator`.
    """
    found = indicator(indicator_id)
    return Evaluation(store, scope, way).evaluate(found)


def evaluate_all(store: Store, scope: Scope, way: str | None = None) -> pd.DataFrame:
    """Return all indicators, one below the other: `evaluate` with the column indicator_id first."""
    return Evaluation(store, scope, way).table(list(INDICATORS.values()))


def latest_year(store: Store, scope: Scope) -> int | None:
    """Return the year of the scope, else the newest one the store holds facts for."""
    if scope.year is not None:
        return scope.year
    years = store.read_once(sql("years"))["year"]
    return int(years.iloc[0]) if len(years) else None


def scoring(store: Store, scope: Scope) -> Scale:
    """Return how satisfaction is scored in the place and year of the scope, else the newest."""
    return scale(store, scope, latest_year(store, scope))


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


def wilson_of_base(num: Floats, den: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Return the interval of num/den that rests on n, which is less where things count repeatedly.

    Who is visited month after month is one person, not twelve.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return wilson(num * (n / den), n)


class Evaluation:
    """Indicators of one scope; what they share (units, year, reported values) is read once."""

    def __init__(
        self, store: Store, scope: Scope, way: str | None = None, *, together: bool = False
    ) -> None:
        """Prepare a scope; way: of scoring satisfaction, so that years or counties compare.

        together: the scope is one of several counties that are all asked about: every question is
        put once for all of them, and each answer is read by its county.
        """
        year = latest_year(store, scope)
        # The county stays whole when one township is looked at: its row is what it compares with.
        place = store.read_once(sql("units"), Scope(year, scope.county).parameters())
        if scope.township:
            mine = place.loc[place["unit_code"].eq(scope.township), "county_code"]
            place = place[place["county_code"].isin(mine)]
        self.unit_type = None if scope.township else scope.unit_type
        counties = place["county_code"].unique()
        settings = store.settings()
        self._several = set(counties) if len(counties) > 1 else set()
        self.county = (
            str(counties[0])
            if len(counties) == 1
            else scope.county or settings.get("county_code", "")
        )
        if self.county in self._several:  # what one of them says of itself is not the whole
            self.county = ""
        self.place = place.reset_index(drop=True)
        seen = place if self.unit_type is None else place[place["unit_type"].eq(self.unit_type)]
        self.units = seen.reset_index(drop=True)
        self.township = scope.township
        self.store = store
        self.minimum = minimum_base(store)
        self.one_county = str(counties[0]) if len(counties) == 1 else None
        self.way = way or scale(store, Scope(county=self.one_county), year).way
        self.parameters: dict[str, object] = {
            "way": self.way,
            "year": year,
            "county": self.one_county,
            "known_on": store.published_on().isoformat(),
            "detour": float(settings["detour_factor"]),
            "walk_pace": float(DEFAULT_ROWS[standards.PACES["walk"]]["value"]),
            "drive_pace": float(DEFAULT_ROWS[standards.PACES["drive"]]["value"]),
        }
        self._together = together
        self._asked = {**self.parameters, "county": None} if together else self.parameters
        self._covered = None if together else self.one_county
        # The county's own row comes first, then all its townships.
        self._codes = pd.Index([self.county, *self.place["unit_code"]], dtype=object)
        self._types = [None, *map(_type, self.place["unit_type"])]
        self._seen = self._codes.isin(self.units["unit_code"])
        # One place and year are worked out once, whichever township of it is looked at.
        about = ("columns", year, self.county, self.one_county, self.unit_type, self.way)
        self._held: dict[str, Columns] = (
            store.once(about, dict) if len(self._codes) <= SHARED_UNITS else {}
        )
        self._surveyed: dict[str, pd.DataFrame] = {}
        reported = store.read_once(sql("indicators/reported"), self.parameters)
        self._reported = {str(key): rows for key, rows in reported.groupby("indicator_id")}

    def evaluate(self, each: Indicator) -> pd.DataFrame:
        """Return one indicator for the county and its townships; see the function `evaluate`."""
        return self.table([each])[COLUMNS]

    def table(self, indicators: Sequence[Indicator]) -> pd.DataFrame:
        """Return several indicators, one below the other, with the column indicator_id first."""
        kept = self._kept
        columns = [
            {name: values[kept] for name, values in self._columns(each).items()}
            for each in indicators
        ]
        stacked = {name: np.concatenate([c[name] for c in columns]) for name in columns[0]}
        ids = np.repeat(np.array([i.id for i in indicators], dtype=object), len(columns[0]["n"]))
        return pd.DataFrame({"indicator_id": ids, **stacked})[["indicator_id", *COLUMNS]]

    def protection(self, n: pd.Series, sums: pd.DataFrame, item: str) -> Protection:
        """Decide what stays hidden over the whole place, whatever part of it is looked at.

        n: people by unit code; sums: unit_code and survey_id of those that were asked; item: the
        index or block they answered about.
        """
        surveys = sums.drop_duplicates("unit_code").set_index("unit_code")["survey_id"]
        place = self.place.assign(n=self.place["unit_code"].map(n).fillna(0))
        return protection_of_year(self.store, self._covered, item, place, surveys)

    def _columns(self, each: Indicator) -> Columns:
        """Return COLUMNS of one indicator: the county, then all its townships."""
        if each.id not in self._held:
            self._held[each.id] = self._made(each)
        return self._held[each.id]

    def _made(self, each: Indicator) -> Columns:
        figures, origin = self._figures(each)
        applies = np.array([each.applies_to_unit(kind) for kind in self._types], bool)
        applies[0] = True
        figures[:, ~applies] = np.nan
        origin[~applies] = ""
        self._sum_up(each, figures, origin)
        missing = "no_data" if each.runs else "not_run"
        note = np.where(applies, np.where(origin == "", missing, ""), "not_applicable")
        note = note.astype(object)
        low = high = np.full(len(self._codes), np.nan)
        if each.is_survey:
            protection = self._protection_of(each, figures)
            self._hide(protection, self._vague(each, origin), figures, origin, note)
        elif each.is_rate:
            low, high = wilson_of_base(*figures[1:])
        return {
            "unit_code": self._codes.to_numpy(),
            "level": np.where(np.arange(len(self._codes)) == 0, "county", "township"),
            **dict(zip(FIGURES, figures, strict=True)),
            "low": low,
            "high": high,
            "origin": origin,
            "note": note,
        }

    def _protection_of(self, each: Indicator, figures: Floats) -> Protection:
        if each.is_gap:
            return self._gaps.protection
        # Whoever reports a figure says how many answered.
        n = pd.Series(figures[3, 1:], self._codes[1:])
        sums = self._sums(each) if each.runs else pd.DataFrame(columns=["unit_code", "survey_id"])
        return self.protection(n, sums, each.id)

    @property
    def _kept(self) -> npt.NDArray[np.bool_]:
        kept = self._seen if not self.township else self._seen & (self._codes == self.township)
        return np.concatenate([[True], kept[1:]])

    def _figures(self, each: Indicator) -> tuple[Floats, npt.NDArray[np.object_]]:
        """Return FIGURES of all codes and where each comes from: computed, else reported."""
        figures = self._computed(each)
        reported = self._at_codes(self._pooled(each, self._reported.get(each.id, _NOTHING)))
        origin = np.where(np.isnan(figures[0]), "", "computed").astype(object)
        fill = np.isnan(figures[0]) & ~np.isnan(reported[0])
        figures[:, fill] = reported[:, fill]
        origin[fill] = "reported"
        return figures, origin

    def _computed(self, each: Indicator) -> Floats:
        if each.query is None:
            return self._at_codes(_NOTHING)
        if each.is_gap:
            return self._at_codes(self._gaps.rows)
        if each.is_survey:
            return self._at_codes(self._answered(each))
        parameters = {**self._asked, **each.parameters}
        rows = self.store.read_once(sql(each.query), parameters)
        return self._at_codes(self._pooled(each, rows))

    def _pooled(self, each: Indicator, rows: pd.DataFrame) -> pd.DataFrame:
        """Add the whole of several counties, the sums of what they say of themselves."""
        if not self._several or "num" not in rows or rows["unit_code"].eq(self.county).any():
            return rows
        own = rows[rows["unit_code"].isin(self._several)].dropna(subset=["num", "den"])
        sums = own[[name for name in FIGURES[1:] if name in own]].sum()
        if not len(own) or not sums["den"] > 0:
            return rows
        value = each.scale * sums["num"] / sums["den"]
        whole = {"unit_code": self.county, "value": value, **sums}
        return pd.concat([rows, pd.DataFrame([whole])], ignore_index=True)

    @cached_property
    def _gaps(self) -> Gaps:
        """The gap between groups has no numerator: the whole is worked out from sums too."""
        sums = self.store.read_once(sql("indicators/S7"), self.parameters)
        total = (self.one_county, self.unit_type)
        people = sums[sums["grp"].eq(EVERYONE)].groupby("unit_code")["n"].sum()
        known = self.protection(people, sums, "S1")
        surveys = sums.drop_duplicates("unit_code").set_index("unit_code")["survey_id"]
        hidden = {EVERYONE: {**known.units, self.county: known.totals.get(total, "")}}
        for group, (dimension, level) in GROUPS.items():
            units, whole = hidden_group(self.store, total, surveys, dimension, level)
            hidden[group] = {**units, self.county: whole}
        inside = self.units["unit_code"].to_numpy(object)
        return gaps(sums, inside, (self.county, total), hidden, self.minimum)

    def _sums(self, each: Indicator) -> pd.DataFrame:
        return self._own(of_year(self.store, self._asked, str(each.parameters["item"])))

    def _own(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of this place, where those of others were asked for with them."""
        return rows[rows["unit_code"].isin(self._codes)] if self._together else rows

    def _answered(self, each: Indicator) -> pd.DataFrame:
        """Return an indicator of a survey by township: its figure and its note come from one."""
        if each.id not in self._surveyed:
            item = str(each.parameters["item"])
            about = ("answered", item, *self._asked.values())
            made = self.store.once(
                about, lambda: by_township(of_year(self.store, self._asked, item)), len
            )
            self._surveyed[each.id] = self._own(made)
        return self._surveyed[each.id]

    def _vague(self, each: Indicator, origin: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
        """Say by code whose figure, worked out from a survey, has no error."""
        if each.query is None:
            return np.zeros(len(self._codes), bool)
        if each.is_gap:
            return np.asarray(self._codes.isin(self._gaps.vague), dtype=bool)
        sums, table = self._sums(each), self._answered(each)
        codes = table.loc[table["note"].isin(NOT_ESTIMABLE), "unit_code"]
        vague = self._codes.isin(codes)
        inside = sums[sums["unit_code"].isin(self.units["unit_code"])]
        vague[0] = bool(set(notes_of_all(inside).values()) & set(NOT_ESTIMABLE))
        return np.asarray(vague & (origin == "computed"), dtype=bool)

    def _at_codes(self, rows: pd.DataFrame) -> Floats:
        """Return FIGURES (rows) of all codes (columns); the base is the denominator unless said."""
        figures = np.full((len(FIGURES), len(self._codes)), np.nan)
        places = self._codes.get_indexer(pd.Index(rows["unit_code"], dtype=object))
        held = places >= 0
        for line, name in enumerate(FIGURES):
            source = "den" if name == "n" and name not in rows else name
            if source in rows:
                figures[line, places[held]] = _floats(rows[source])[held]
        return figures

    def _sum_up(self, each: Indicator, figures: Floats, origin: npt.NDArray[np.object_]) -> None:
        """Set the county's row: its own computed value, else the sums, else its reported value.

        A sum that rests on reported parts alone gives way to what the county itself reports; of
        several counties it stands, as perhaps not all of them report.
        """
        if origin[0] == "computed":
            return
        part = self._seen & ~np.isnan(figures[1]) & ~np.isnan(figures[2])
        part[0] = False
        den = figures[2, part].sum()
        rests = "computed" if (origin[part] == "computed").any() else "reported"
        own = origin[0] == "reported" and not self._several
        if den > 0 and not (own and rests == "reported"):
            num = figures[1, part].sum()
            n = figures[3, part]
            base = np.nansum(n) if (~np.isnan(n)).any() else np.nan
            figures[:, 0] = each.scale * num / den, num, den, base
            origin[0] = rests

    def _hide(
        self,
        protection: Protection,
        vague: npt.NDArray[np.bool_],
        figures: Floats,
        origin: npt.NDArray[np.object_],
        note: npt.NDArray[np.object_],
    ) -> None:
        """Apply the base rule and that of errors: what stays hidden has a note that says why.

        A figure that is hidden for want of an error alone keeps its base.
        """
        whole = protection.totals.get((self.one_county, self.unit_type), "")
        units = [protection.units.get(code, "") for code in self._codes[1:]]
        secret = np.array([whole, *units], dtype=object)
        reason = why_hidden(secret, vague)
        hidden = reason != ""
        figures[:3, hidden] = np.nan
        figures[3, secret != ""] = np.nan
        origin[hidden] = ""
        note[hidden] = reason[hidden]


def _type(unit_type: object) -> str | None:
    return None if pd.isna(unit_type) else str(unit_type)  # type: ignore[call-overload]


def _floats(column: pd.Series) -> Floats:
    return column.to_numpy(np.float64, na_value=np.nan)
