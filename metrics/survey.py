"""Design-based estimates from survey answers, with the standard errors R's `survey` gives.

`estimate` works on the rows of a sample, `estimate_from_sums` on sums per PSU, `difference` on
two waves. The method is in `estimation.variance`, what is known of the sample in
`estimation.design`.
The other questions asked of a survey stand in modules of their own and are found here as well.

Designs of several stages are taken by their first: PSUs are ultimate clusters, as R takes them
without fpc or with options(survey.ultimate.cluster=TRUE); else R adds the variance within PSUs of
known size, times the share of PSUs that was drawn. The bounds of ci='logit' are those of R's
svyciprop(method='xlogit'); its 'logit' turns t into a normal level, which at few degrees of freedom
rounds to 0 and NaN. A stratum of several PSUs is not lonely in a domain that has members in one of
them alone (survey.adjust.domain.lonely=FALSE, as by default). n counts no row of weight 0, neither
does the effective size of 'beta' and 'wilson', and a stratum of such rows alone is none of those
that lonely='average' averages over; R counts them there.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from data.errors import DataError
from metrics.estimation.design import (
    Design,
    Lonely,
    Sample,
    check_domains,
    check_items,
    check_level,
    read_design,
    read_domains,
    read_sample,
    refuse_lonely,
    refuse_repeated,
    stratum_names,
)
from metrics.estimation.drivers import drivers, importance
from metrics.estimation.intervals import Interval, interval
from metrics.estimation.quantiles import quantile
from metrics.estimation.reliability import alpha
from metrics.estimation.significance import adjust, independence
from metrics.estimation.small_area import small_area
from metrics.estimation.variance import (
    Cells,
    Grid,
    asked_all,
    degrees_of_freedom,
    figures,
    linearise,
    notes,
    standard_error,
    touches_lonely,
    variance,
)
from metrics.estimation.weighting import rake
from metrics.frames import Floats, Ints, as_frame, check_choice, columns_of, numbers, require

# One name a line: ruff takes names in an unpacked tuple for absent and removes their imports.
__all__ = [
    "adjust",
    "alpha",
    "difference",
    "difference_from_sums",
    "drivers",
    "estimate",
    "estimate_from_sums",
    "importance",
    "independence",
    "quantile",
    "rake",
    "small_area",
]

Statistic = Literal["mean", "total", "proportion", "ratio"]

FIGURES = ["n", "estimate", "se", "df", "low", "high", "deff", "note"]
CHANGES = [
    *("earlier_wave", "later_wave", "n_earlier", "n_later", "earlier", "later"),
    *("estimate", "se", "df", "low", "high", "p", "note"),
]
SUMS = ["n", "sw", "swy", "swyy"]


def estimate(
    answers: Any,
    y: str | Sequence[str],
    *,
    by: str | Sequence[str] = (),
    statistic: Statistic = "mean",
    denominator: str | None = None,
    weight: str | None = None,
    strata: str | None = None,
    psu: str | None = None,
    fpc: str | None = None,
    lonely: Lonely = "adjust",
    ci: Interval = "t",
    level: float = 0.95,
    nested: bool = False,
    respondent: str | None = None,
) -> pd.DataFrame:
    """Estimate one or several columns over the domains `by` of the whole design.

    answers: one row per respondent, the whole sample (DataFrame, pyarrow Table or DuckDB
    relation). An empty y is a row without a valid answer; a row with an empty `by` value belongs
    to no domain but to the design. psu None: every row is its own. fpc: PSUs in the population of
    each stratum, or their share drawn (all ≤ 1). logit, wilson and beta are for shares. nested:
    PSU codes start anew in each stratum. respondent: their identity, which may stand there once; by
    default the column respondent_id, where there is one, once in each domain, survey and question.

    Returns one row per item (and level, for proportions) and domain: item, level, the `by`
    columns, n (valid answers with a weight above 0), estimate, se, df (PSUs − strata with valid
    rows of the domain), low, high, deff, note. Notes: 'no_answers', 'zero_denominator',
    'too_few_psus' (df < 1), 'only_lonely_psus', 'no_variation' (se 0) say why a figure is not
    estimable; 'lonely_psus' that its error rests on the rule `lonely`; 'whole_population' that
    every PSU was drawn (fpc), so that the error is 0 and the interval a point; words at
    survey.note.

    Raises DataError for unknown columns and choices, texts where numbers belong, weights below 0
    or blank, a blank or inconsistent design, a respondent met twice, an item that is a domain of
    itself, and, with lonely='fail', a stratum of a single PSU.
    """
    items, domains = columns_of(y), columns_of(by)
    _check_choices(statistic, lonely, ci, level, denominator)
    frame = as_frame(answers)
    require(frame, [*items, *domains, denominator, weight, strata, psu, fpc, respondent])
    check_items(items, 1)
    check_domains(domains, items, ["item", "level", *FIGURES])
    refuse_repeated(frame, respondent, (), domains)
    sample = read_sample(frame, weight, strata, psu, fpc, lonely, nested=nested)
    groups, names = read_domains(frame, domains)
    grid = Grid(groups, sample.psu, len(sample.design.stratum))
    parts = []
    for item in items:
        for variable in _variables(frame, item, statistic, denominator):
            found = _figures(sample, grid, variable, len(names), statistic, lonely)
            parts.append(_labelled(_with_interval(found, ci, level), names, item, variable.level))
    return _stacked(parts, ["item", "level", *domains, *FIGURES])


def difference(
    answers: Any,
    y: str | Sequence[str],
    wave: str,
    *,
    by: str | Sequence[str] = (),
    statistic: Statistic = "mean",
    denominator: str | None = None,
    weight: str | None = None,
    strata: str | None = None,
    psu: str | None = None,
    fpc: str | None = None,
    lonely: Lonely = "adjust",
    ci: Literal["t"] = "t",
    level: float = 0.95,
    nested: bool = False,
    respondent: str | None = None,
) -> pd.DataFrame:
    """Estimate the later minus the earlier of two waves, PSUs in both keeping their covariance.

    answers: the rows of both waves under one design; a PSU drawn in both has the same code in
    both. wave: a column with exactly two values, the smaller one earlier (texts by the
    numbers in them, an ordered categorical as declared). respondent: may stand
    there once in each wave. A change is no share, so that ci is 't'. The rest as `estimate`.

    The two estimates are linearised and subtracted within each PSU before anything is squared
    (z = z_later − z_earlier), which is R's svycontrast on svyby(covmat=TRUE) of the stacked waves.
    svyttest of R finds the same error and takes one degree of freedom less than `df`.

    Returns one row per item (and level) and domain: item, level, the `by` columns, earlier_wave,
    later_wave, n_earlier, n_later, earlier, later, estimate, se, df, low, high, p (two-sided t
    test of no change, not corrected for many comparisons), note.
    """
    items, domains = columns_of(y), columns_of(by)
    _check_choices(statistic, lonely, "t", level, denominator)
    check_choice("ci", ci, Literal["t"])
    frame = as_frame(answers)
    require(frame, [*items, wave, *domains, denominator, weight, strata, psu, fpc, respondent])
    check_items(items, 1)
    check_domains(domains, [*items, wave], ["item", "level", *CHANGES])
    refuse_repeated(frame, respondent, [wave], domains)
    sample = read_sample(frame, weight, strata, psu, fpc, lonely, nested=nested)
    turn, waves = _waves(frame, wave)
    groups, names = read_domains(frame, domains)
    both = np.where((groups >= 0) & (turn >= 0), groups * 2 + turn, -1)
    grid = Grid(both, sample.psu, len(sample.design.stratum))
    parts = []
    for item in items:
        for variable in _variables(frame, item, statistic, denominator):
            cells = grid.rows(sample.weight, variable.top, variable.bottom)
            found = _change(
                sample.design, cells, len(names), statistic == "total", lonely, level
            ).assign(earlier_wave=waves[0], later_wave=waves[1])
            parts.append(_labelled(found, names, item, variable.level))
    return _stacked(parts, ["item", "level", *domains, *CHANGES])


def estimate_from_sums(
    sums: pd.DataFrame,
    design: pd.DataFrame,
    *,
    by: str | Sequence[str] = (),
    lonely: Lonely = "adjust",
    level: float = 0.95,
) -> pd.DataFrame:
    """Estimate means from sums per PSU; the same table as `estimate` on the rows behind them.

    sums: rows of item, psu, the `by` columns, n, sw = Σw, swy = Σwy, swyy = Σwy²; several rows of
    one PSU add up. An item may pool several questions: its sw runs over answers, its n over
    respondents. design: psu, stratum of every PSU of the whole sample, whether or not it answered.
    Where no PSU has several rows of an item, it may also be stratum, psus: how many each stratum
    holds; sums then have `stratum` in place of psu.
    Raises DataError `psu_unknown` for sums of a PSU that the design does not hold.
    """
    domains = columns_of(by)
    _check_choices("mean", lonely, "t", level, None)
    told = "stratum" if "psus" in design else "psu"
    require(sums, ["item", told, *domains, *SUMS])
    check_domains(domains, [], ["item", "level", *FIGURES])
    placed = _counted(design, lonely) if told == "stratum" else _named(design, lonely)
    parts = []
    for item, rows in sums.groupby("item", sort=False, observed=True):
        groups, names = read_domains(rows, domains)
        plan, psu = placed(rows)
        grid = Grid(groups, psu, len(plan.stratum))
        n, sw, swy, swyy = (numbers(rows, name) for name in SUMS)
        cells = grid.cells(n, swy, sw, swyy)
        found = figures(plan, cells, len(names), total=False, ratio=False, lonely=lonely)
        parts.append(_labelled(_with_interval(found, "t", level), names, item, None))
    return _stacked(parts, ["item", "level", *domains, *FIGURES])


def difference_from_sums(
    sums: pd.DataFrame,
    design: pd.DataFrame,
    wave: str,
    *,
    by: str | Sequence[str] = (),
    lonely: Lonely = "adjust",
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare two sets of sums per PSU; the same table as `difference` on the rows behind them.

    sums: as in `estimate_from_sums`, of both sides, told apart by the column `wave` with exactly
    two values, the smaller one earlier. They may be two waves or two groups of one sample, which
    may overlap. design: psu, stratum of every PSU of both samples; one drawn twice stands there
    once. Raises DataError `psu_unknown`, `two_waves`.
    """
    domains = columns_of(by)
    _check_choices("mean", lonely, "t", level, None)
    require(sums, ["item", "psu", wave, *domains, *SUMS])
    check_domains(domains, [wave], ["item", "level", *CHANGES])
    plan, psus = _plan(design, lonely)
    waves = np.sort(sums[wave].unique())
    if len(waves) != 2:
        raise DataError("two_waves", column=wave, found=len(waves))
    parts = []
    for item, rows in sums.groupby("item", sort=False):
        groups, names = read_domains(rows, domains)
        turn = (rows[wave] == waves[1]).to_numpy(dtype=np.int64)
        both = np.where(groups >= 0, groups * 2 + turn, -1)
        grid = Grid(both, _positions(psus, rows["psu"]), len(psus))
        n, sw, swy, swyy = (numbers(rows, name) for name in SUMS)
        cells = grid.cells(n, swy, sw, swyy)
        found = _change(plan, cells, len(names), False, lonely, level)
        found = found.assign(earlier_wave=waves[0], later_wave=waves[1])
        parts.append(_labelled(found, names, item, None))
    return _stacked(parts, ["item", "level", *domains, *CHANGES])


@dataclass(frozen=True)
class _Variable:
    """What is divided by what, row by row; NaN marks a row without a valid answer.

    Without `bottom` by the number of answers.
    """

    level: Any
    top: Floats
    bottom: Floats | None = None


def _waves(frame: pd.DataFrame, wave: str) -> tuple[Ints, list[Any]]:
    """Return whether each row is of the earlier (0) or the later wave (1), −1 of none, and both.

    The categories of an unordered column stand in any order, often that of the rows, and in the
    order of texts '10' stands before '9': either would turn the sign of every change.
    """
    column = frame[wave]
    turn, held = pd.factorize(column)
    names = list(held)
    if len(names) != 2:
        raise DataError("two_waves", column=wave, found=len(names))
    kind = column.dtype
    declared = isinstance(kind, pd.CategoricalDtype) and kind.ordered
    first, second = held.argsort().argsort() if declared else map(_in_time, names)
    if first > second:
        return np.where(turn >= 0, 1 - turn, -1), names[::-1]
    return turn, names


def _in_time(name: Any) -> Any:
    """Return what waves are ordered by: texts by the numbers in them, and behind all others."""
    if not isinstance(name, str):
        return False, name
    parts = re.split(r"(\d+)", name)
    return True, [int(part) if place % 2 else part for place, part in enumerate(parts)], name


def _check_choices(
    statistic: str, lonely: str, ci: str, level: float, denominator: str | None
) -> None:
    check_choice("statistic", statistic, Statistic)
    check_choice("lonely", lonely, Lonely)
    check_choice("ci", ci, Interval)
    check_level(level)
    if (statistic == "ratio") != (denominator is not None):
        raise DataError("denominator_mismatch", statistic=statistic)
    if statistic == "total" and ci != "t":
        raise DataError("interval_for_shares", ci=ci)


def _variables(
    frame: pd.DataFrame, item: str, statistic: Statistic, denominator: str | None
) -> Iterator[_Variable]:
    """Yield one variable for an item, or one per level of a proportion."""
    if statistic == "proportion":
        codes, levels = pd.factorize(frame[item], sort=True)
        answered = np.where(codes >= 0, 1.0, np.nan)
        for number, value in enumerate(levels):
            yield _Variable(value, (codes == number) * answered)
        if not len(levels):
            yield _Variable(None, answered)
        return
    bottom = numbers(frame, denominator) if denominator else None
    yield _Variable(None, numbers(frame, item), bottom)


def _figures(
    sample: Sample,
    grid: Grid,
    variable: _Variable,
    domains: int,
    statistic: Statistic,
    lonely: Lonely,
) -> pd.DataFrame:
    return figures(
        sample.design,
        grid.rows(sample.weight, variable.top, variable.bottom),
        domains,
        total=statistic == "total",
        ratio=statistic == "ratio",
        lonely=lonely,
    )


def _with_interval(found: pd.DataFrame, ci: Interval, level: float) -> pd.DataFrame:
    value, se, df, n = (found[name].to_numpy(dtype=float) for name in ("estimate", "se", "df", "n"))
    if ci != "t" and ((value < 0) | (value > 1)).any():
        raise DataError("interval_for_shares", ci=ci)
    low, high = interval(ci, value, se, df, n, level)
    certain = (found["note"] == "whole_population").to_numpy()
    return found.assign(low=np.where(certain, value, low), high=np.where(certain, value, high))


def _change(
    design: Design, cells: Cells, domains: int, total: bool, lonely: Lonely, level: float
) -> pd.DataFrame:
    """Compare the two waves of each domain; the cells' domains are domain × 2 + wave."""
    linear = linearise(cells, 2 * domains, total=total)
    domain, later = cells.domain // 2, cells.domain % 2 == 1
    psus = max(len(design.stratum), 1)
    key, where = np.unique(domain * psus + cells.psu, return_inverse=True)
    owner, psu = key // psus, key % psus
    z = np.bincount(where, np.where(later, linear.z, -linear.z), len(key)).astype(float)
    squared = variance(design, owner, psu, z, domains, lonely)
    magnitude = linear.magnitude.reshape(domains, 2).sum(axis=1)
    value = linear.estimate[1::2] - linear.estimate[::2]
    se = np.where(np.isfinite(value), standard_error(squared, magnitude), np.nan)
    df = degrees_of_freedom(design, owner, psu, domains)
    fewest = linear.n.reshape(domains, 2).min(axis=1)
    low, high = interval("t", value, se, df.astype(float), fewest, level)
    fair = (df >= 1) & (se > 0)
    t = np.abs(value) / np.where(fair, se, np.nan)
    alone = touches_lonely(design, owner, psu, domains)
    whole = asked_all(design, owner, psu, domains)
    return pd.DataFrame(
        {
            "n_earlier": linear.n[::2].astype(np.int64),
            "n_later": linear.n[1::2].astype(np.int64),
            "earlier": linear.estimate[::2],
            "later": linear.estimate[1::2],
            "estimate": value,
            "se": se,
            "df": df,
            "low": low,
            "high": high,
            "p": 2 * stats.t.sf(t, np.maximum(df, 1)),
            "note": notes(fewest, value, se, df, alone, whole),
        }
    )


def _plan(design: pd.DataFrame, lonely: Lonely) -> tuple[Design, pd.Index]:
    """Return the design of sums, and the PSUs in the order of their numbers in it."""
    require(design, ["psu", "stratum"])
    plan, _ = read_design(design, "stratum", "psu", None)
    if lonely == "fail":
        refuse_lonely(plan, stratum_names(design, "stratum", pd.factorize(design["psu"])[0]))
    return plan, pd.Index(design["psu"].unique())


def _named(design: pd.DataFrame, lonely: Lonely) -> Callable[[pd.DataFrame], tuple[Design, Ints]]:
    """Return what tells the design of sums, and the number in it of the PSU of each row."""
    plan, psus = _plan(design, lonely)
    return lambda rows: (plan, _positions(psus, rows["psu"]))


def _counted(design: pd.DataFrame, lonely: Lonely) -> Callable[[pd.DataFrame], tuple[Design, Ints]]:
    """Do the same for sums each row of which is a PSU of its own, from the PSUs of each stratum."""
    require(design, ["stratum", "psus"])
    strata, size = pd.Index(design["stratum"]), design["psus"].to_numpy(dtype=np.int64)
    each = Design(np.arange(len(size)), size, np.zeros(len(size)), finite=False)
    if lonely == "fail":
        refuse_lonely(each, design["stratum"])

    def placed(rows: pd.DataFrame) -> tuple[Design, Ints]:
        number, names = pd.factorize(rows["stratum"])
        stratum = strata.get_indexer(names)[number].astype(np.int64)
        astray = (number < 0) | (stratum < 0)
        # More of them than there are: some PSU has several rows.
        astray |= np.bincount(stratum[~astray], minlength=len(size))[stratum] > size[stratum]
        if astray.any():
            raise DataError("psu_unknown", psu=rows["stratum"].iloc[int(np.argmax(astray))])
        return replace(each, stratum=stratum), np.arange(len(rows))

    return placed


def _positions(psus: pd.Index, wanted: pd.Series) -> Ints:
    if len(wanted) == len(psus) and pd.Index(wanted).equals(psus):
        return np.arange(len(psus))
    # Both are numbered in order of appearance, so that the numbers of `psus` are their positions.
    together = pd.concat([psus.to_series(), wanted], ignore_index=True)
    found = pd.factorize(together)[0][len(psus) :].astype(np.int64)
    unknown = (found < 0) | (found >= len(psus))
    if unknown.any():
        raise DataError("psu_unknown", psu=wanted.iloc[int(np.argmax(unknown))])
    return found


def _labelled(found: pd.DataFrame, names: pd.DataFrame, item: Any, level: Any) -> pd.DataFrame:
    return pd.concat([names, found], axis=1).assign(item=item, level=level)


def _stacked(parts: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    if not parts:
        return pd.DataFrame(columns=list(columns))
    return pd.concat(parts, ignore_index=True)[list(columns)]
