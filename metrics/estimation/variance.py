"""Taylor linearisation with ultimate clusters, for all domains of a sample at once.

For a domain d, with z_c = (Σ_c wy − r Σ_c wx) / Σ_d wx for PSU c (Σ_c wy for a total),

    Var = Σ_h (1 − f_h) · n_h/(n_h − 1) · Σ_c (z_c − z̄_h)²

where n_h counts all PSUs of stratum h in the whole sample; those without a member of the domain
have z = 0. A domain is therefore never a filter of the rows. Woodruff (1971); Särndal, Swensson
and Wretman (1992), ch. 5; Lumley (2010), and his R package `survey`, whose answers these are.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from metrics.estimation.design import BLOCK, Design, Lonely, common
from metrics.frames import Flags, Floats, Ints

# A standard error below this share of what was added up is rounding: it is zero.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Cells:
    """Sums per domain × PSU with valid rows: n, Σwy, Σwx (Σw for means), Σwy²."""

    domain: Ints
    psu: Ints
    n: Floats
    top: Floats
    bottom: Floats
    squares: Floats


def numbered(key: Ints) -> tuple[Ints, Ints]:
    """Return the distinct keys in order, and the place of each key among them.

    What `np.unique` answers. Sums come in order, where nothing needs sorting; rows do not: they
    are hashed first, so that only distinct keys are sorted.
    """
    if (key[1:] >= key[:-1]).all():
        first = np.ones(len(key), dtype=np.bool_)
        first[1:] = key[1:] > key[:-1]
        return key[first], np.cumsum(first) - 1
    place, held = pd.factorize(key)
    order = np.argsort(held)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return held[order], rank[place]


class Grid:
    """The domain × PSU cells of a set of rows, found once and summed over for every item."""

    def __init__(self, domain: Ints, psu: Ints, psus: int) -> None:
        owner, astray = common(psu, domain, psus)
        if astray is None:
            # Every PSU lies in a single domain, as villages in townships: it is the cell.
            inside = np.flatnonzero(owner >= 0)
            self._cell, self._size = psu, psus
            self._held = inside[np.argsort(owner[inside], kind="stable")]
            self._domain, self._psu = owner[self._held], self._held
        else:
            held, self._cell = numbered(domain * psus + psu)
            # Rows of no domain stand first, at keys below 0; they are added up and left out.
            self._size = len(held)
            self._held = np.arange(np.searchsorted(held, 0), self._size)
            self._domain, self._psu = np.divmod(held[self._held], psus)

    def rows(self, weight: Floats, top: Floats, bottom: Floats | None = None) -> Cells:
        """Add up n, Σwy, Σwx, Σwy² of the rows with a valid answer; x is 1 without `bottom`."""
        sums = np.zeros((4, self._size))
        for start in range(0, len(top), BLOCK):
            rows = slice(start, start + BLOCK)
            w, y, x = weight[rows], top[rows], None if bottom is None else bottom[rows]
            valid = np.isfinite(y) if x is None else np.isfinite(y) & np.isfinite(x)
            if not valid.all():
                w, y = np.where(valid, w, 0.0), np.where(valid, y, 0.0)
                x = None if x is None else np.where(valid, x, 0.0)
            own = ((w > 0).astype(float), w * y, w if x is None else w * x, w * y**2)
            for total, added in zip(sums, own, strict=True):
                np.add.at(total, self._cell[rows], added)
        return self._held_of(sums)

    def cells(self, n: Floats, top: Floats, bottom: Floats, squares: Floats) -> Cells:
        """Add up four values of each row."""
        sums = np.zeros((4, self._size))
        for total, added in zip(sums, (n, top, bottom, squares), strict=True):
            np.add.at(total, self._cell, added)
        return self._held_of(sums)

    def _held_of(self, sums: Floats) -> Cells:
        """Leave out the cells of no domain and those without a valid row (n 0)."""
        within = [values[self._held] for values in sums]
        valid = within[0] > 0
        if valid.all():
            return Cells(self._domain, self._psu, *within)
        return Cells(self._domain[valid], self._psu[valid], *(values[valid] for values in within))


class Linear(NamedTuple):
    """Per domain: n, estimate, denominator. Per cell: z. Per domain: what z was rounded from."""

    n: Floats
    estimate: Floats
    bottom: Floats
    z: Floats
    magnitude: Floats


def linearise(cells: Cells, domains: int, *, total: bool) -> Linear:
    """Estimate every domain and its linearised value in every cell."""

    def per_domain(values: Floats) -> Floats:
        return np.bincount(cells.domain, values, domains).astype(float)

    n, top, bottom = per_domain(cells.n), per_domain(cells.top), per_domain(cells.bottom)
    magnitude = per_domain(np.abs(cells.top))
    if total:
        return Linear(n, np.where(n > 0, top, np.nan), bottom, cells.top, magnitude)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(bottom != 0, top / bottom, np.nan)
        z = (cells.top - ratio[cells.domain] * cells.bottom) / bottom[cells.domain]
        return Linear(n, ratio, bottom, z, magnitude / np.abs(bottom))


def variance(
    design: Design, domain: Ints, psu: Ints, z: Floats, domains: int, lonely: Lonely
) -> Floats:
    """Return the variance of Σz per domain; one z per cell, cells left out are 0.

    A stratum with a single PSU adds nothing ('remove', 'certainty'), its deviation from the
    estimate itself ('adjust'; R 4.1 does not move totals to the grand mean either), or what the
    other strata add on average ('average'; NaN where there is no other).
    """
    strata = len(design.size)
    key, where = numbered(domain * strata + design.stratum[psu])
    stratum, owner = key % strata, key // strata
    size, rest = design.size[stratum].astype(float), 1 - design.fraction[stratum]
    held = np.bincount(where, minlength=len(key))
    total = np.bincount(where, z, len(key))
    centre = total / size
    # Deviations are squared after centring: Σz² − (Σz)²/n loses the digits of a small variance.
    around = np.bincount(where, (z - centre[where]) ** 2, len(key)) + (size - held) * centre**2
    alone = design.lonely[stratum]
    part = rest * size / np.where(size > 1, size - 1, 1) * np.where(alone, 0.0, around)
    if lonely == "adjust":
        part = np.where(alone, rest * total**2, part)
    result = np.bincount(owner, part, domains).astype(float)
    if lonely == "average":
        touched = np.bincount(owner, minlength=domains)
        paired = np.bincount(owner[~alone], minlength=domains)
        with np.errstate(invalid="ignore", divide="ignore"):
            result = np.where(touched > 0, result * touched / paired, result)
    return result


def standard_error(squared: Floats, magnitude: Floats) -> Floats:
    """Return the root of a variance, 0 where nothing but rounding is left of it."""
    se = np.sqrt(squared)
    return np.where(se <= _ROUNDING * magnitude, 0.0, se)


def degrees_of_freedom(design: Design, domain: Ints, psu: Ints, domains: int) -> Ints:
    """Return PSUs − strata with valid rows in each domain, as R's `degf` of the subset.

    One entry per domain and PSU with a valid row.
    """
    strata = len(design.size)
    held = numbered(domain * strata + design.stratum[psu])[0] // max(strata, 1)
    return np.bincount(domain, minlength=domains) - np.bincount(held, minlength=domains)


def touches_lonely(design: Design, domain: Ints, psu: Ints, domains: int) -> Flags:
    """Say which domains have members in a stratum of a single PSU."""
    alone = design.lonely[design.stratum[psu]]
    return np.bincount(domain[alone], minlength=domains) > 0


def asked_all(design: Design, domain: Ints, psu: Ints, domains: int) -> Flags:
    """Say which domains lie wholly in strata of which every PSU was drawn: nothing is left to err.

    A census, where the PSUs are people. Where they are clusters of which only some members were
    asked, the share drawn within them is not known here, and R's first-stage fpc gives 0 as well.
    """
    if not design.finite:
        return np.zeros(domains, dtype=np.bool_)
    beyond = design.fraction[design.stratum[psu]] < 1
    held = np.bincount(domain, minlength=domains) > 0
    return np.asarray(held & (np.bincount(domain[beyond], minlength=domains) == 0), dtype=np.bool_)


def design_effect(
    design: Design, cells: Cells, linear: Linear, squared: Floats, *, total: bool
) -> Floats:
    """Return the variance over that of a simple random sample of the same size.

    Drawn without replacement where the design knows its population (R's deff=TRUE), else with
    replacement (R's deff='replace'): weights of an unknown scale cannot tell the share drawn.
    """
    n, bottom = linear.n, linear.bottom
    squares = np.bincount(cells.domain, cells.squares, len(n)).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = linear.estimate / bottom if total else linear.estimate
        spread = n / (n - 1) * (squares / bottom - mean**2)
        drawn = n / bottom if design.finite else np.zeros(len(n))
        simple = spread * (1 - drawn) / n * (bottom**2 if total else 1)
        effect = squared / simple
    # One answer has no spread; divided by 0, what rounding left of it would pass for a large one.
    sound = (n > 1) & (spread > _ROUNDING * mean**2) & (drawn < 1)
    return np.where(sound, effect, np.nan)


def figures(
    design: Design, cells: Cells, domains: int, *, total: bool, ratio: bool, lonely: Lonely
) -> pd.DataFrame:
    """Return n, estimate, se, df, deff and note of every domain."""
    linear = linearise(cells, domains, total=total)
    squared = variance(design, cells.domain, cells.psu, linear.z, domains, lonely)
    se = standard_error(squared, linear.magnitude)
    df = degrees_of_freedom(design, cells.domain, cells.psu, domains)
    alone = touches_lonely(design, cells.domain, cells.psu, domains)
    whole = asked_all(design, cells.domain, cells.psu, domains)
    known = np.isfinite(linear.estimate)
    no_effect = np.full(domains, np.nan)
    return pd.DataFrame(
        {
            "n": linear.n.astype(np.int64),
            "estimate": linear.estimate,
            "se": np.where(known, se, np.nan),
            "df": df,
            "deff": no_effect
            if ratio
            else design_effect(design, cells, linear, squared, total=total),
            "note": notes(linear.n, linear.estimate, se, df, alone, whole),
        }
    )


def notes(
    n: Floats, estimate: Floats, se: Floats, df: Ints, lonely: Flags, whole: Flags
) -> list[str]:
    """Say why a figure is not estimable, or what its error rests on."""
    reasons = [
        (n == 0, "no_answers"),
        (~np.isfinite(estimate), "zero_denominator"),
        (whole, "whole_population"),
        (df < 1, "too_few_psus"),
        (np.isnan(se), "only_lonely_psus"),
        (se == 0, "no_variation"),
        (lonely, "lonely_psus"),
    ]
    return list(np.select([where for where, _ in reasons], [code for _, code in reasons], ""))


def covariance(design: Design, psu: Ints, z: Floats, lonely: Lonely) -> Floats:
    """Return the covariances of Σz over the columns of z, one row per PSU; others are 0.

    `variance` for several figures of one domain together; its diagonal is what `variance` gives.
    """
    strata, where = np.unique(design.stratum[psu], return_inverse=True)
    size, rest = design.size[strata].astype(float), 1 - design.fraction[strata]
    alone, held = design.lonely[strata], np.bincount(where)
    total = np.column_stack([np.bincount(where, column) for column in z.T])
    centre = total / size[:, None]
    scale = rest * size / np.where(size > 1, size - 1, 1) * ~alone
    around = z - centre[where]
    result = (around * scale[where, None]).T @ around
    # The PSUs of a stratum without a valid answer stand at 0, and so away from the centre.
    result += (centre * (scale * (size - held))[:, None]).T @ centre
    if lonely == "adjust":
        result += (total * (rest * alone)[:, None]).T @ total
    if lonely == "average":
        result *= len(strata) / (~alone).sum() if (~alone).any() else np.nan
    return np.asarray(result, dtype=float)
