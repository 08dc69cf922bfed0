"""Weights of a survey: what they are, and raking them to known totals of the population.

The respondents that count are raked (`metrics.estimation.weighting`); the weights they came with
stay as design weights, from which raking always begins anew. Who did not say what a margin asks for
keeps the share they had, and the known totals are met by all others.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from data.contracts import CODES, TABLES
from data.errors import DataError
from data.scope import Scope
from data.store import Change, Store
from data.words import both
from metrics.decisions.survey_effect import Effect, Moved, effect_of
from metrics.disclosure.base_rule import minimum_base, protect
from metrics.disclosure.groups import protect_groups
from metrics.estimation.weighting import rake
from metrics.queries import sql

# What margins may be about: columns of survey_respondents.
VARIABLES = ("sex", "age_band", "residence_type", "has_disability", "township_code")
UNTOLD = ""
MARGINS = ["variable", "level", "total", "source"]
LEVELS = ["variable", "level", "n", "wanted", "before", "after"]
# Totals of one population may differ by rounding, by more only when they are of two.
_SAME_POPULATION = 0.01
Hidden = Mapping[str, Set[str]]
_TRUE = {"true": "true", "1": "true", "是": "true", "yes": "true"}
_FALSE = {"false": "false", "0": "false", "否": "false", "no": "false"}


@dataclass(frozen=True)
class Margins:
    """Known totals: (variable, level, total) and where they come from; hashable."""

    totals: tuple[tuple[str, str, float], ...]
    source: str = ""

    def by_variable(self) -> dict[str, dict[str, float]]:
        """Return variable -> level -> total."""
        found: dict[str, dict[str, float]] = {}
        for variable, level, total in self.totals:
            found.setdefault(variable, {})[level] = total
        return found


@dataclass(frozen=True)
class Weighting:
    """How the respondents that count are weighted now.

    kind: 'none' (all alike), 'given' (they came with weights), 'raked'. n: respondents that count;
    design_effect: Kish's, effective: n / design_effect; low, high: least and largest weight as
    multiples of the mean. margins: MARGINS as they were last raked to, empty unless 'raked'.
    levels: LEVELS of VARIABLES, or of the margins, among those who said it: people, share wanted
    (NaN without a margin), shares in % with equal weights and as they are; what the base rule
    hides, of groups and of townships, is blank.
    """

    kind: str
    n: int
    design_effect: float
    low: float
    high: float
    margins: pd.DataFrame
    levels: pd.DataFrame

    @property
    def effective(self) -> float:
        """How many respondents with equal weights would tell as much."""
        return self.n / self.design_effect if self.n else 0.0


@dataclass(frozen=True)
class Trial:
    """What raking would do: the weighting afterwards, the search for it, the results.

    rounds; gap: largest relative distance to a known total, after trimming; trimmed: people whose
    weight was cut. small: (variable, level) of the margins with fewer people than the minimum base:
    the figures before and after tell what these few said.
    """

    weighting: Weighting
    rounds: int
    gap: float
    trimmed: int
    effect: Effect
    small: tuple[tuple[str, str], ...] = ()


def weighting(store: Store, scope: Scope, survey_id: str) -> Weighting:
    """Return how a survey is weighted; the same in every place."""
    _ = scope
    held = store.read(
        "SELECT variable, level, total, source FROM survey_margins WHERE survey_id = $survey_id "
        "ORDER BY variable, level",
        {"survey_id": survey_id},
    )
    people = _people(store, survey_id)
    kind = "given" if people["weight"].nunique() > 1 else "none"
    if len(held) and people["design_weight"].notna().any():
        kind = "raked"
    totals = zip(held["variable"], held["level"], held["total"], strict=True)
    margins = Margins(tuple(totals)) if kind == "raked" else Margins(())
    found = _weighting(people, people["weight"], margins, _hidden(store, people), kind)
    return replace(found, margins=held if kind == "raked" else held.head(0))


def _people(store: Store, survey_id: str) -> pd.DataFrame:
    people = store.read(sql("satisfaction/weights"), {"survey_id": survey_id})
    told = people["has_disability"].map({True: "true", False: "false"})
    people = people.assign(has_disability=told.astype(object))
    people[list(VARIABLES)] = people[list(VARIABLES)].astype(object).fillna(UNTOLD)
    return people


def _hidden(store: Store, people: pd.DataFrame) -> Hidden:
    """Return variable -> levels that the base rule hides among the people who count."""
    units = store.read(sql("units"), Scope().parameters())
    counted = people[people["counts"]].rename(columns={"township_code": "unit_code"})
    minimum = minimum_base(store)
    sizes = units.assign(n=units["unit_code"].map(counted.groupby("unit_code").size()).fillna(0))
    hidden: dict[str, Set[str]] = {"township_code": set(protect(sizes, minimum).units)}
    for variable in VARIABLES[:-1]:
        named = counted.rename(columns={variable: "level"})
        cells = named.groupby(["unit_code", "level"], as_index=False).size()
        cells = units.merge(cells.rename(columns={"size": "n"}), on="unit_code")
        hidden[variable] = set(protect_groups(cells, minimum).totals.get((None, None), {}))
    return hidden


def _weighting(
    people: pd.DataFrame, weight: pd.Series, margins: Margins, hidden: Hidden, kind: str
) -> Weighting:
    counts = people["counts"]
    held = weight[counts].astype(float)
    mean = held.mean()
    parts = [
        _levels(
            people[counts],
            held,
            variable,
            margins.by_variable().get(variable, {}),
            hidden[variable],
        )
        for variable in VARIABLES
        if not margins.totals or variable in margins.by_variable()
    ]
    return Weighting(
        kind,
        len(held),
        float(len(held) * (held**2).sum() / held.sum() ** 2) if len(held) else np.nan,
        float(held.min() / mean) if len(held) else np.nan,
        float(held.max() / mean) if len(held) else np.nan,
        pd.DataFrame(columns=MARGINS),
        pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=LEVELS),
    )


def _levels(
    people: pd.DataFrame,
    weight: pd.Series,
    variable: str,
    totals: Mapping[str, float],
    hidden: Set[str],
) -> pd.DataFrame:
    """Return the levels of one variable among those who said it, those hidden blank."""
    told = people[variable] != UNTOLD
    parts = pd.DataFrame({"level": people[variable], "n": 1, "w": weight})[told]
    sums = parts.groupby("level").sum().astype(float)
    wanted = pd.Series(totals, dtype=float)
    table = pd.DataFrame(
        {
            "variable": variable,
            "n": sums["n"],
            "wanted": 100 * (wanted / wanted.sum()).reindex(sums.index),
            "before": 100 * sums["n"] / sums["n"].sum(),
            "after": 100 * sums["w"] / sums["w"].sum(),
        },
        index=sums.index,
    )
    table.loc[table.index.isin(list(hidden)), ["n", "before", "after"]] = np.nan
    return table.rename_axis("level").reset_index()[LEVELS]


def _shares_wanted(
    people: pd.DataFrame, variable: str, totals: Mapping[str, float]
) -> dict[str, float]:
    """Return level -> wanted share; who did not say keeps the share of their base weights."""
    untold = people[variable] == UNTOLD
    kept = float(people.loc[untold, "base"].sum() / people["base"].sum())
    whole = sum(totals.values())
    shares = {level: (1 - kept) * total / whole for level, total in totals.items()}
    return shares | ({UNTOLD: kept} if kept > 0 else {})


def read_margins(rows: pd.DataFrame) -> Margins:
    """Read a table of variable, level and total, in codes or in the words of the contract.

    rows: text; columns variable, level, total (and source) by name, or 变量, 类别, 总数, 来源.
    Raises DataError `margins_columns`, `margins_unknown`, `margins_number`, `margins_twice`.
    """
    names = {"变量": "variable", "类别": "level", "总数": "total", "来源": "source"}
    rows = rows.rename(columns=lambda name: names.get(str(name).strip(), str(name).strip()))
    if missing := {"variable", "level", "total"} - set(rows.columns):
        raise DataError("margins_columns", columns="、".join(sorted(missing)))
    known = _words()
    totals: dict[tuple[str, str], float] = {}
    for place, row in enumerate(rows.to_dict("records"), start=1):
        variable = known.get(("", str(row["variable"]).strip()), "")
        level = str(row["level"]).strip()
        if variable != "township_code":
            level = known.get((variable, level.lower()), "")
        if not variable or not level:
            raise DataError(
                "margins_unknown", row=place, text=f"{row['variable']} / {row['level']}"
            )
        total = pd.to_numeric(str(row["total"]).replace(",", "").strip(), errors="coerce")
        if not np.isfinite(total) or total <= 0:
            raise DataError("margins_number", row=place, text=str(row["total"]))
        if (variable, level) in totals:
            raise DataError("margins_twice", row=place, text=f"{row['variable']} / {row['level']}")
        totals[variable, level] = float(total)
    sources = sorted({str(s).strip() for s in rows.get("source", []) if str(s).strip()})
    held = tuple((variable, level, total) for (variable, level), total in totals.items())
    return Margins(held, "；".join(sources))


def _words() -> dict[tuple[str, str], str]:
    """Return (variable, word) -> code; the variables themselves stand under ''."""
    table = TABLES["survey_respondents"]
    found: dict[tuple[str, str], str] = {}
    for name in VARIABLES:
        column = table.column(name)
        found |= {("", word): name for word in (name, column.label.zh, column.label.en)}
        for code in CODES[column.codes] if column.codes else ():
            words = (code.value, code.label.zh, code.label.en)
            found |= {(name, word.lower()): code.value for word in words}
    return found | {("has_disability", word): code for word, code in (_TRUE | _FALSE).items()}


def template(store: Store, scope: Scope, survey_id: str) -> pd.DataFrame:
    """Return the table of margins to be filled: variable, level, total (blank), source (blank).

    Levels are those that respondents of the survey have, townships left out.
    """
    _ = scope
    people = _people(store, survey_id)
    rows = [
        (variable, level, "", "")
        for variable in VARIABLES[:-1]
        for level in sorted(set(people.loc[people["counts"], variable]) - {UNTOLD})
    ]
    return pd.DataFrame(rows, columns=MARGINS)


def _raked(
    store: Store, survey_id: str, margins: Margins, equal: bool, trim: tuple[float, float] | None
) -> tuple[pd.DataFrame, pd.Series]:
    """Return the people with their base weights, and the raked weights with a mean of 1.

    Those set aside keep their base weight in proportion, so that they may come back.
    """
    people = _people(store, survey_id)
    held = people["design_weight"].fillna(people["weight"])
    people["base"] = 1.0 if equal else held
    counted = people[people["counts"]]
    wanted = margins.by_variable()
    _refuse_two_populations(wanted)
    shares = {name: _shares_wanted(counted, name, totals) for name, totals in wanted.items()}
    found = rake(counted, shares, weight="base", trim=trim)
    weight = (people["base"] / counted["base"].mean()).astype(float)
    weight[people["counts"]] = found / found.mean()
    weight.attrs = found.attrs
    return people, weight


def _refuse_two_populations(wanted: Mapping[str, Mapping[str, float]]) -> None:
    sums = {name: sum(totals.values()) for name, totals in wanted.items()}
    for name, total in sums.items():
        first = next(iter(sums))
        if abs(total / sums[first] - 1) > _SAME_POPULATION:
            raise DataError(
                "margins_inconsistent",
                first=f"{sums[first]:.12g}", other=f"{total:.12g}",
                first_column=first, column=name,
            )  # fmt: skip


def _changes(
    store: Store, survey_id: str, people: pd.DataFrame, weight: pd.Series, margins: Margins
) -> list[Change]:
    rows = store.read(
        "SELECT * FROM survey_respondents WHERE survey_id = $survey_id ORDER BY respondent_id",
        {"survey_id": survey_id},
    )
    known = people.set_index("respondent_id")
    design = known["design_weight"].fillna(known["weight"])
    rows = rows.assign(
        weight=rows["respondent_id"].map(pd.Series(weight.to_numpy(), known.index)),
        design_weight=rows["respondent_id"].map(design),
    )
    held = pd.DataFrame(margins.totals, columns=MARGINS[:3])
    held = held.assign(survey_id=survey_id, source=margins.source)
    return [Change("survey_respondents", rows), Change("survey_margins", held, "replace")]


def trial(
    store: Store,
    scope: Scope,
    survey_id: str,
    margins: Margins,
    equal: bool = False,
    trim: tuple[float, float] | None = None,
) -> Trial:
    """Return what raking to the margins would do.

    equal: begin with equal weights instead of those the respondents came with. trim: bounds as
    multiples of the mean weight. Raises DataError as `survey.rake` does.
    """
    people, weight = _raked(store, survey_id, margins, equal, trim)
    told: dict[Any, Any] = weight.attrs
    changes = _changes(store, survey_id, people, weight, margins)
    whom = Moved(thin=_thin(store, scope, people, weight))
    return Trial(
        _weighting(people, weight, margins, _hidden(store, people), "raked"),
        int(told["rounds"]),
        float(told["gap"]),
        int(told["trimmed"]),
        effect_of(store, scope, survey_id, changes, whom),
        _small(people, margins, minimum_base(store)),
    )


def _thin(store: Store, scope: Scope, people: pd.DataFrame, weight: pd.Series) -> frozenset[str]:
    """Return the townships, '' for all together, with an effective sample below the minimum base.

    Margins that count nearly nobody but a few would show what these said.
    """
    units = store.read(sql("units"), scope.parameters())["unit_code"]
    inside = people["counts"] & people["township_code"].isin(units)
    held = pd.DataFrame({"unit": people["township_code"], "w": weight.astype(float)})[inside]
    held = pd.concat([held, held.assign(unit="")])
    sums = held.assign(squares=held["w"] ** 2).groupby("unit").sum()
    effective = sums["w"] ** 2 / sums["squares"]
    return frozenset(effective.index[effective < minimum_base(store)])


def _small(people: pd.DataFrame, margins: Margins, minimum: int) -> tuple[tuple[str, str], ...]:
    """Return the levels of the margins with somebody, but fewer people than the minimum."""
    counted = people[people["counts"]]
    return tuple(
        (variable, level)
        for variable, level, _ in margins.totals
        if 0 < (counted[variable] == level).sum() < minimum
    )


def publish(
    store: Store,
    survey_id: str,
    margins: Margins,
    equal: bool = False,
    trim: tuple[float, float] | None = None,
    *,
    author: str,
    reason: str,
) -> int:
    """Publish raked weights as a new version, which can be undone; return its number.

    Raises DataError `decision_unsigned`, and as `trial` does.
    """
    if not author.strip() or not reason.strip():
        raise DataError("decision_unsigned", survey=survey_id)
    people, weight = _raked(store, survey_id, margins, equal, trim)
    return store.publish(
        _changes(store, survey_id, people, weight, margins),
        author=author.strip(),
        message=both("weighting.message", survey=survey_id, reason=reason.strip()).zh,
        details={"trim": list(trim) if trim else None, "equal": equal, "source": margins.source},
    )
