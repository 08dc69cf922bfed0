"""Scores and contributions of all townships of the nation; ranges of their ranks; a page."""

import os
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from metrics.scoring import Scheme, rank_ranges
from metrics.scoring import score as score_units
from tests.bench.measure import Result, took

BLOCKS, LEAVES = 6, 60


def nation(units: int) -> tuple[pd.DataFrame, Scheme]:
    """Return values of units on sixty indicators in six blocks."""
    rng = np.random.default_rng(4)
    names = [f"i{n}" for n in range(LEAVES)]
    values = pd.DataFrame(
        rng.uniform(0, 100, (units, LEAVES)), columns=names, index=[f"u{n}" for n in range(units)]
    )
    leaves = pd.DataFrame(
        {"id": names, "parent": [f"b{n % BLOCKS}" for n in range(LEAVES)], "weight": 1.0,
         "direction": 1, "goal_low": 10.0, "goal_high": 90.0}
    )  # fmt: skip
    blocks = pd.DataFrame(
        {"id": [f"b{n}" for n in range(BLOCKS)], "parent": "all", "weight": 1.0, "direction": 1}
    )
    return values, Scheme.from_frame(pd.concat([leaves, blocks]))


def score(size: float = 1.0) -> Result:
    """Scores and contributions against a bare matrix product of the same size."""
    values, scheme = nation(max(400, int(40_000 * size)))
    cells, weights = values.to_numpy(), np.random.default_rng(5).random((LEAVES, LEAVES))
    bare = took(lambda: cells @ weights, 20)

    def both() -> None:
        scores = score_units(values, scheme)
        scores.contributions()

    return Result(
        "score", f"{len(values):,} units, {LEAVES} indicators: scores and contributions",
        "numpy: a matrix product of that size", *took(both, 20), *bare, limit=3.0,
    )  # fmt: skip


def ranges(size: float = 1.0) -> Result:
    """A thousand draws of ranks against a thousand bare matrix-vector products and sorts."""
    values, scheme = nation(max(400, int(40_000 * size)))
    draws = max(20, int(1000 * size))
    cells, weights = values.to_numpy(), np.random.default_rng(5).random((draws, LEAVES))

    def bare() -> None:
        for each in weights:
            np.argsort(cells @ each)

    told = took(lambda: rank_ranges(values, scheme, draws=draws))
    return Result(
        "rank_ranges", f"{draws:,} draws of {len(values):,} units, {LEAVES} indicators",
        "numpy: as many weighted sums, sorted", *told, *took(bare), limit=20.0, limit_of="cpu",
        memory_limit_mb=1024,
    )  # fmt: skip


def page(size: float = 1.0) -> Result:
    """The overview asked again, from the cache, against its first answer."""
    from streamlit.testing.v1 import AppTest

    from metrics import sample_county

    root = Path(__file__).resolve().parents[2]
    with tempfile.TemporaryDirectory() as place:
        os.environ["ZHIXIAO_DATA"] = place
        answers = max(1200, int(12_000 * size))
        sample_county.install(
            Path(place) / "sample-county", answers=answers, progress=lambda _: None
        )
        app = AppTest.from_file(str(root / "pages" / "_main.py"), default_timeout=300)
        first = took(lambda: app.switch_page("overview.py").run())
        again = took(lambda: app.run(), 3)
        if app.exception or app.error:
            raise RuntimeError("the overview could not be drawn")
    return Result(
        "page", "the overview of the sample county, drawn again", "the same for the first time",
        *again, *first, limit=0.3, limit_of="seconds",
    )  # fmt: skip
