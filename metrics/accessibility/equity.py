"""How evenly people are served: Gini coefficient, worst-off tenth, both by unit type.

Everybody counts, those with nothing included: leaving out zeros once raised a mean by 41 % and cut
a Gini coefficient from 0.55 to 0.37.
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from data.errors import DataError
from metrics.accessibility.sphere import Floats, figures, option
from metrics.frames import as_frame, columns_of, numbers, require

Worse = Literal["low", "high"]
# Gini alone hides who is worst off; a tenth of the people is named beside it.
WORST_OFF = 0.1


def gini(values: Any, weights: Any = None) -> float:
    """Return the Gini coefficient: 0 all alike, towards 1 all with one.

    values: not negative, zeros included (leaving them out makes a county look fairer than it is);
    weights: people behind each value. NaN where there is nothing to share. Source: half the
    relative mean difference (Gini 1912), as the area under the Lorenz curve of weighted values.
    Raises DataError `figures_invalid` for unknown values: decide first what they are.
    """
    x, w = _values_and_weights(values, weights)
    order = np.argsort(x, kind="stable")
    x, w = x[order], w[order]
    held = np.cumsum(w * x)
    if not len(x) or held[-1] <= 0:
        return float("nan")
    lorenz = np.sum(w * (2 * held - w * x))
    return float(max(0.0, 1.0 - lorenz / (np.sum(w) * held[-1])))


def worst_off(
    values: Any, weights: Any = None, *, share: float = WORST_OFF, worse: Worse = "low"
) -> float:
    """Return the mean value of the worst-off tenth of people.

    share: which part of the people (0 to 1], a tenth by default; the last unit counts with the part
    of its people that fills the share, so that large units are not all in or all out. worse: 'low'
    for access, 'high' for distances. NaN without people. Raises DataError as `gini` does, and
    number_invalid for the share.
    """
    part = option("share", share)
    if part > 1:
        raise DataError("number_invalid", name="share", value=share, least="0")
    if worse not in ("low", "high"):
        raise DataError("choice_unknown", what="worse", value=worse, choices="low, high")
    x, w = _values_and_weights(values, weights)
    order = np.argsort(x if worse == "low" else -x, kind="stable")
    x, w = x[order], w[order]
    wanted = part * w.sum()
    if wanted <= 0:
        return float("nan")
    taken = np.clip(wanted - (np.cumsum(w) - w), 0.0, w)
    return float(np.sum(taken * x) / np.sum(taken))


def equity(
    table: Any,
    value: str,
    *,
    by: str | Sequence[str] = (),
    weight: str = "population",
    worse: Worse = "low",
) -> pd.DataFrame:
    """Tell how evenly a value (access, metres) is spread over people, as a whole or by unit type.

    table: one row per place with the value (NaN: not known) and people. Returns one row, or one per
    value of `by`: people (whose value is known), unknown (people whose value is not), mean, gini,
    worst_off (mean of the worst-off tenth of them); NaN where nobody is known. An infinite value
    (no facility at all) is refused as not_numeric: leave those people out and say so.
    """
    frame = as_frame(table)
    names = columns_of(by)
    require(frame, [*names, value, weight])
    held = frame[names].assign(value_=numbers(frame, value), people_=figures(frame, weight))
    if not names:
        return pd.DataFrame([_spread(held, worse)])
    keys = names if len(names) > 1 else names[0]
    parts = held.groupby(keys, dropna=False, observed=True)
    rows = [
        dict(zip(names, key if isinstance(key, tuple) else (key,), strict=True))
        | _spread(part, worse)
        for key, part in parts
    ]
    columns = [*names, "people", "unknown", "mean", "gini", "worst_off"]
    return pd.DataFrame(rows, columns=columns)


def _spread(part: pd.DataFrame, worse: Worse) -> dict[str, float]:
    known = part["value_"].notna()
    x, w = part.loc[known, "value_"], part.loc[known, "people_"]
    people = float(w.sum())
    return {
        "people": people,
        "unknown": float(part.loc[~known, "people_"].sum()),
        "mean": float((x * w).sum() / people) if people > 0 else float("nan"),
        "gini": gini(x, w),
        "worst_off": worst_off(x, w, worse=worse),
    }


def _values_and_weights(values: Any, weights: Any) -> tuple[Floats, Floats]:
    x = np.asarray(values, dtype=object).ravel()
    w = np.ones(len(x)) if weights is None else np.asarray(weights, dtype=object).ravel()
    if len(w) != len(x):
        raise DataError("figures_unlike", values=len(x), weights=len(w))
    table = pd.DataFrame({"values": x, "weights": w})
    return figures(table, "values"), figures(table, "weights")
