"""The sampling design of a survey: who was drawn from where, with what weight.

What is read here is checked here, so that the estimators can trust it: a design that cannot be
understood is refused with a DataError and never half used.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from data.errors import DataError
from metrics.frames import ROWS_NAMED, Flags, Floats, Ints, is_number, listed, numbers, refuse_rows

Lonely = Literal["remove", "certainty", "adjust", "average", "fail"]
# What the tables call a respondent.
IDENTITY = "respondent_id"
# Rows that are worked on at once: what is made of them stays in the processor's cache.
BLOCK = 1 << 17
# The number of nothing: below that of every stratum and domain, and of rows of no domain (−1).
NOWHERE = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Design:
    """The whole sample, without its rows.

    stratum: PSU -> number of its stratum. size: stratum -> PSUs in the sample. fraction: stratum
    -> share of its PSUs that was drawn, 0 where nothing is known. finite: a share is known.
    """

    stratum: Ints
    size: Ints
    fraction: Floats
    finite: bool

    @property
    def lonely(self) -> Flags:
        """Say which strata hold a single PSU that stands for others as well."""
        return np.asarray((self.size == 1) & (self.fraction < 1), dtype=np.bool_)


@dataclass(frozen=True)
class Sample:
    """The design with, for each row, its PSU and its weight."""

    design: Design
    psu: Ints
    weight: Floats


def check_level(level: float) -> None:
    """Refuse a confidence level that is no share."""
    if not is_number(level) or not 0 < level < 1:
        raise DataError("level_outside", value=level)


def check_domains(domains: Sequence[str], items: Sequence[str], reserved: Sequence[str]) -> None:
    """Refuse domains that are asked about themselves or named as a column of the answer."""
    if doubled := [name for name in domains if name in items]:
        raise DataError("item_in_by", columns=listed(doubled))
    if taken := [name for name in domains if name in reserved]:
        raise DataError("column_name_taken", columns=listed(taken))


def check_items(items: Sequence[str], fewest: int, most: int | None = None) -> None:
    """Refuse fewer or more items than a figure can be made of."""
    if len(items) < fewest or (most is not None and len(items) > most):
        raise DataError("item_count", found=len(items), fewest=fewest, most=most or "…")


def weights(frame: pd.DataFrame, name: str | None) -> Floats:
    """Return one weight a row; 1 without a column. Blank and negative ones are refused."""
    if name is None:
        return np.ones(len(frame))
    weight = numbers(frame, name)
    refuse_rows("weights_invalid", name, ~(weight >= 0))
    return weight


def read_sample(
    frame: pd.DataFrame,
    weight: str | None,
    strata: str | None,
    psu: str | None,
    fpc: str | None,
    lonely: Lonely,
    *,
    nested: bool = False,
) -> Sample:
    """Return the design and the weights of a sample; with lonely='fail' no PSU stands alone."""
    design, row_psu = read_design(frame, strata, psu, fpc, nested=nested)
    if lonely == "fail":
        refuse_lonely(design, stratum_names(frame, strata, row_psu))
    return Sample(design, row_psu, weights(frame, weight))


def stratum_names(frame: pd.DataFrame, strata: str | None, row_psu: Ints) -> pd.Series:
    """Return the name of the stratum of each PSU, in the order of their numbers."""
    names = frame[strata] if strata else pd.Series("1", index=frame.index)
    return names.groupby(row_psu).first()


def refuse_repeated(
    frame: pd.DataFrame,
    respondent: str | None = None,
    within: Sequence[str] = (),
    domains: Sequence[str] = (),
) -> None:
    """Refuse a respondent who stands there twice (in each wave, where `within` names it).

    respondent None: the column respondent_id of the tables, where there is one, says who answered;
    a person may then stand there once in each domain, survey and question.
    """
    if respondent is None:
        if IDENTITY not in frame:
            return
        also = [name for name in ("survey_id", "question_id") if name in frame]
        keys = list(dict.fromkeys([IDENTITY, *within, *domains, *also]))
        again = frame.duplicated(keys, keep=False) & frame[IDENTITY].notna()
        refuse_rows("respondent_repeated", IDENTITY, again.to_numpy())
        return
    refuse_rows("respondent_blank", respondent, frame[respondent].isna().to_numpy())
    again = frame.duplicated([respondent, *within], keep=False)
    refuse_rows("respondent_repeated", respondent, again.to_numpy())


def read_design(
    frame: pd.DataFrame,
    strata: str | None,
    psu: str | None,
    fpc: str | None,
    *,
    nested: bool = False,
) -> tuple[Design, Ints]:
    """Return the design of a sample and the PSU number of each of its rows.

    Without `psu` every row is its own; without `strata` there is one stratum. `fpc` holds the
    number of PSUs in each stratum's population, or, where no value is above 1, the share drawn.
    nested: PSU codes start anew in each stratum, so that the same code names several PSUs.
    """
    for name in (strata, psu):
        if name is not None:
            refuse_rows("design_blank", name, frame[name].isna().to_numpy())
    row_stratum = _codes(frame[strata]) if strata else np.zeros(len(frame), np.int64)
    row_psu = _codes(frame[psu]) if psu else np.arange(len(frame), dtype=np.int64)
    if nested:
        row_psu = _codes(pd.Series(row_psu * (row_stratum.max(initial=0) + 1) + row_stratum))
    stratum = _strata_of(row_psu, row_stratum, frame[psu] if psu else None)
    size = np.bincount(stratum).astype(np.int64)
    fraction = _fractions(frame, fpc, row_stratum, size) if fpc else np.zeros(len(size))
    return Design(stratum, size, fraction, finite=fpc is not None), row_psu


def refuse_lonely(design: Design, names: pd.Series) -> None:
    """Raise DataError `lonely_psu` when a stratum holds a single PSU; names: PSU -> stratum."""
    if design.lonely.any():
        alone = names[design.lonely[design.stratum]]
        raise DataError("lonely_psu", strata=listed(alone.iloc[:ROWS_NAMED]))


def read_domains(frame: pd.DataFrame, by: Sequence[str]) -> tuple[Ints, pd.DataFrame]:
    """Number the domains of the rows, −1 where a `by` value is missing, and name them."""
    if not by:
        return np.zeros(len(frame), np.int64), pd.DataFrame(index=[0])
    if len(by) == 1 and _quickly_coded(frame[by[0]].dtype):
        codes, held = pd.factorize(frame[by[0]], sort=True)
        return codes.astype(np.int64, copy=False), pd.DataFrame({by[0]: np.asarray(held)})
    # Without its index, whose levels may be named as the columns are.
    rows = frame[list(by)].reset_index(drop=True)
    grouped = rows.groupby(list(by), sort=True, observed=True)
    names = grouped.size().reset_index()[list(by)]
    return grouped.ngroup().fillna(-1).to_numpy().astype(np.int64), names


def _quickly_coded(kind: Any) -> bool:
    return isinstance(kind, pd.CategoricalDtype) or kind in (np.int64, np.int32)


def _codes(values: pd.Series) -> Ints:
    return pd.factorize(values)[0].astype(np.int64, copy=False)


def _strata_of(row_psu: Ints, row_stratum: Ints, names: pd.Series | None) -> Ints:
    """Return the stratum of each PSU; one that stands in two strata is refused."""
    stratum, astray = common(row_psu, row_stratum, row_psu.max(initial=-1) + 1)
    if names is not None and astray is not None:
        raise DataError("psu_in_two_strata", psu=names.iloc[astray])
    return stratum


def common(psu: Ints, value: Ints, psus: int) -> tuple[Ints, int | None]:
    """Return the value that the rows of each PSU share, and the first row where they do not.

    psu, value: one entry a row. A PSU without a row has NOWHERE.
    """
    held = np.full(psus, NOWHERE)
    held[psu] = value
    for start in range(0, len(psu), BLOCK):
        rows = slice(start, start + BLOCK)
        astray = held.take(psu[rows]) != value[rows]
        if astray.any():
            return held, start + int(astray.argmax())
    return held, None


def _fractions(frame: pd.DataFrame, fpc: str, row_stratum: Ints, size: Ints) -> Floats:
    given = numbers(frame, fpc)
    if not (given > 0).all():
        raise DataError("fpc_invalid", column=fpc)
    lowest = np.full(len(size), np.inf)
    highest = np.full(len(size), -np.inf)
    np.minimum.at(lowest, row_stratum, given)
    np.maximum.at(highest, row_stratum, given)
    # One rule for the whole column, as in R: a stratum of one PSU may hold 1 in both readings.
    fraction = lowest if (given <= 1).all() else size / lowest
    if not ((lowest == highest) & (fraction <= 1)).all():
        raise DataError("fpc_invalid", column=fpc)
    return np.asarray(fraction, dtype=float)
