"""How sure a band is: the same county assessed again under other sound choices.

Weights vary by 25 %, the satisfaction of residents by its sampling error, one block at a time is
left out. Units are compared with their own type only. Other means and other shares of facts and
opinions shift every score and with it the bands, so they stand apart, one by one.
Method: framework/scoring.md, 'Levels, not ranks'; see metrics.composite.uncertainty.
"""

import numpy as np
import pandas as pd

from data.scope import Scope
from data.store import Store
from metrics.assessment.cards import ANY_DATA, ROOT
from metrics.assessment.township_card import BAND_CUTS, Assessment, assessed, band
from metrics.assessment.two_sides import paired_estimates
from metrics.scoring import RankRanges, Scheme, rank_ranges, score

DRAWS = 1000
# Of the mean alone, whose ends hardly scatter.
MEAN_DRAWS = 200
MEAN_COLUMNS = ["units", "score", "low", "high", "band"]
CHECK_COLUMNS = ["choice", "units", "bands_changed", "largest_move", "agreement"]
_DECLARED = (("goalposts", "arithmetic"),)
COLUMNS = [
    "unit_code", "name_zh", "name_en", "unit_type", "peers", "score", "band", "rank", "low",
    "median", "high", "band_1", "band_2", "band_3", "band_4", "band_5", "sure",
]  # fmt: skip


def band_ranges(store: Store, scope: Scope, *, draws: int = DRAWS, seed: int = 0) -> pd.DataFrame:
    """Return COLUMNS, one row per township with a score.

    peers: how many units of its type have a score. rank, low, median, high: among them, as
    declared and the 5 %, 50 % and 95 % of the draws. band_1 … band_5: share of the draws, 0-1.
    sure: the share that agrees with the declared band. Every draw is reproducible from the seed.
    """
    # A township is compared with all of its type, whoever looks at it.
    wide = Scope(scope.year, scope.county)
    about = ("band_ranges", wide, draws, seed)
    table = store.once(about, lambda: _band_ranges(store, wide, draws, seed), len)
    if scope.township:
        table = table[table["unit_code"].eq(scope.township)]
    elif scope.unit_type:
        table = table[table["unit_type"].eq(scope.unit_type)]
    return table.reset_index(drop=True)


def _band_ranges(store: Store, scope: Scope, draws: int, seed: int) -> pd.DataFrame:
    assessment = assessed(store, scope)
    errors = _sampling_errors(store, assessment)
    overview = assessment.overview().set_index("unit_code")
    scored = overview[overview["score"].notna()]
    kinds = scored["unit_type"].fillna("")
    parts = [
        _of_peers(assessment, errors, list(rows.index), draws, seed)
        for _, rows in kinds.groupby(kinds)
    ]
    if not parts:
        return pd.DataFrame(columns=COLUMNS)
    table = scored.join(pd.concat(parts), how="inner")
    place = table["band"].astype(int).to_numpy() - 1
    shares = table[[f"band_{n}" for n in range(1, len(BAND_CUTS) + 2)]].to_numpy(float)
    table["sure"] = shares[np.arange(len(table)), place]
    return table.reset_index(names="unit_code")[COLUMNS]


def _of_peers(
    assessment: Assessment, errors: pd.DataFrame, codes: list[str], draws: int, seed: int
) -> pd.DataFrame:
    ranges = _drawn(assessment, errors, codes, draws, seed)
    return ranges.of().drop(columns="draws").assign(peers=len(codes))


def _drawn(
    assessment: Assessment, errors: pd.DataFrame, codes: list[str], draws: int, seed: int
) -> RankRanges:
    return rank_ranges(
        assessment.values.loc[codes],
        assessment.scheme,
        draws=draws,
        standard_errors=errors.reindex(codes) if len(errors.columns) else None,
        methods=_DECLARED,
        bands=BAND_CUTS,
        nodes=[ROOT],
        data_threshold=ANY_DATA,
        seed=seed,
    )


def average(store: Store, scope: Scope, *, draws: int = MEAN_DRAWS, seed: int = 0) -> pd.DataFrame:
    """Return the mean score of the townships: units, score, low, high, band; no row without any.

    low, high: 5 % and 95 % of the draws, which are those of `band_ranges`, all types together.
    """
    assessment = assessed(store, Scope(scope.year, scope.county, unit_type=scope.unit_type))
    declared = assessment.scores.of(ROOT).dropna()
    if declared.empty:
        return pd.DataFrame(columns=MEAN_COLUMNS)
    errors = _sampling_errors(store, assessment)
    codes = [str(code) for code in declared.index]
    low, _, high = _drawn(assessment, errors, codes, draws, seed).of_mean()
    mean = float(declared.mean())
    return pd.DataFrame([(len(codes), mean, low, high, band(mean))], columns=MEAN_COLUMNS)


def method_check(store: Store, scope: Scope) -> pd.DataFrame:
    """Return CHECK_COLUMNS: what other sound choices would do to bands and order.

    choice: 'geometric' | 'harmonic' (blocks and indicators by another mean, floor 1 of 100) |
    'facts_only' | 'half' (50 % satisfaction) | 'equal_blocks'. units: those with a score.
    bands_changed: of them. largest_move: of ranks. agreement: Spearman's rank correlation with
    the declared scores, NaN where they do not differ.
    """
    assessment = assessed(store, Scope(scope.year, scope.county, unit_type=scope.unit_type))
    declared = assessment.scores.of(ROOT).dropna()
    rows = []
    for choice, (scheme, aggregate) in _choices(assessment).items():
        found = score(
            assessment.values.loc[declared.index],
            scheme,
            aggregate=aggregate,
            data_threshold=ANY_DATA,
        ).of(ROOT)
        bands = found.map(band).ne(declared.map(band))
        ranks = [each.round(9).rank(ascending=False, method="min") for each in (declared, found)]
        spread = declared.nunique() > 1 and found.nunique() > 1
        agreement = ranks[0].corr(ranks[1]) if spread else np.nan
        move = float((ranks[0] - ranks[1]).abs().max()) if len(declared) else np.nan
        rows.append((choice, len(declared), int(bands.sum()), move, agreement))
    return pd.DataFrame(rows, columns=CHECK_COLUMNS)


def _choices(assessment: Assessment) -> dict[str, tuple[Scheme, str]]:
    blocks = assessment.blocks
    return {
        "geometric": (assessment.scheme, "geometric"),
        "harmonic": (assessment.scheme, "harmonic"),
        "facts_only": (assessment.scheme_of(blocks, 1.0), "arithmetic"),
        "half": (assessment.scheme_of(blocks, 0.5), "arithmetic"),
        "equal_blocks": (assessment.scheme_of(dict.fromkeys(blocks, 1.0)), "arithmetic"),
    }


def _sampling_errors(store: Store, assessment: Assessment) -> pd.DataFrame:
    """Return the standard errors of the paired satisfaction, units × leaves, where shown."""
    found = paired_estimates(store, assessment.scope, assessment.blocks)
    table = found.pivot(index="unit_code", columns="block", values="se").add_prefix("pair:")
    return table.astype(float).fillna(0.0)
