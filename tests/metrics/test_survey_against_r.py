"""Survey estimates against the answers of R's package `survey`, version 4.1."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from metrics.survey import estimate
from tests.metrics.survey_samples import DESIGN, made

REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "survey"
DESIGNS: dict[str, tuple[str, dict[str, Any]]] = {
    "strat": ("apistrat.csv", {"strata": "stype", "weight": "pw", "fpc": "fpc"}),
    "clus1": ("apiclus1.csv", {"psu": "dnum", "weight": "pw", "fpc": "fpc"}),
}
STATISTICS = {"mean": "mean", "total": "total", "prop": "proportion", "ratio": "ratio"}

# The California school sample apiclus1: per district the schools, the sum of api00, the same for
# its high schools, and the schools that met their target (sch.wide).
DISTRICTS = (
    [61, 135, 178, 197, 255, 406, 413, 437, 448, 510, 568, 637, 716, 778, 815],
    [13, 34, 4, 13, 16, 2, 1, 4, 12, 21, 9, 11, 37, 2, 4],
    [9372, 22508, 2077, 8593, 11369, 1116, 551, 1888, 9111, 13761, 6386, 7359, 20394, 905, 2493],
    [0, 0, 1, 0, 0, 0, 0, 1, 1, 2, 4, 1, 3, 0, 1],
    [0, 0, 529, 0, 0, 0, 0, 443, 703, 1256, 2848, 608, 1577, 0, 696],
    [11, 31, 3, 10, 15, 2, 1, 4, 12, 18, 7, 11, 32, 1, 2],
)


def districts() -> pd.DataFrame:
    """Schools of which only the district sums are the sample's own; nothing else enters."""
    rows = []
    for code, n, api, high_n, high_api, met in zip(*DISTRICTS, strict=True):
        for school in range(n):
            high = school < high_n
            mean = high_api / high_n if high else (api - high_api) / (n - high_n)
            rows.append((code, "H" if high else "other", mean, school < met))
    return pd.DataFrame(rows, columns=["dnum", "stype", "api00", "met"]).assign(
        pw=6194 / 183, fpc=757
    )


def test_published_answers_of_r() -> None:
    frame, design = districts(), DESIGNS["clus1"][1]
    whole = estimate(frame, "api00", **design).iloc[0]
    assert whole[["n", "df"]].tolist() == [183, 14]
    assert whole[["estimate", "se", "low", "high"]].tolist() == pytest.approx(
        [644.169398907104, 23.5422406937810, 593.676314463326, 694.662483350882], rel=1e-9
    )
    high = estimate(frame, "api00", by="stype", **design).iloc[0]
    # Filtering the high schools before the design is known would give 39.45.
    assert high[["stype", "n", "df"]].tolist() == ["H", 14, 7]
    assert high[["estimate", "se"]].tolist() == pytest.approx(
        [618.571428571429, 38.0202493593807], rel=1e-9
    )


@pytest.mark.parametrize(
    ("ci", "low", "high"),
    [
        ("t", 0.83065020412347, 0.91798367565795),
        ("logit", 0.82379889238300, 0.91190007702439),
        ("beta", 0.82370221084750, 0.91470449212686),
    ],
)
def test_published_intervals_of_r(ci: Any, low: float, high: float) -> None:
    table = estimate(districts(), "met", statistic="proportion", ci=ci, **DESIGNS["clus1"][1])
    row = table[table["level"]].iloc[0]
    assert row[["estimate", "se", "low", "high"]].tolist() == pytest.approx(
        [0.87431693989071, 0.02035947724463, low, high], rel=1e-9
    )


def test_the_logit_interval_keeps_its_bounds_at_few_degrees_of_freedom() -> None:
    # R's svyciprop: method='xlogit'; its 'logit' gives 0 and NaN at 99 %, as 1 − 2Φ(−9.92) is 1.
    rows = {"psu": np.repeat([1, 2, 3], 4), "w": np.repeat([1.0, 2.0, 3.0], 4)}
    frame = pd.DataFrame(rows).assign(b=[1, 0, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1])
    bounds = {0.95: [0.271657084131643, 0.914708121759996],
              0.99: [0.0399007348344932, 0.9897170946825777]}  # fmt: skip
    for level, wanted in bounds.items():
        row = estimate(frame, "b", weight="w", psu="psu", ci="logit", level=level).iloc[0]
        assert row[["low", "high"]].tolist() == pytest.approx(wanted, rel=1e-12)


def test_wilson_is_the_score_interval_on_the_effective_size() -> None:
    # A bound p0 of Wilson's interval solves (p - p0)² · n* = z² · p0 (1 - p0).
    table = estimate(districts(), "met", statistic="proportion", ci="wilson", **DESIGNS["clus1"][1])
    row = table[table["level"]].iloc[0]
    # t quantiles of 182 and 14 degrees of freedom: 1.973084, 2.144787.
    p, se = row["estimate"], row["se"]
    size = p * (1 - p) / se**2 * (1.97308407774 / 2.14478668792) ** 2
    for bound in (row["low"], row["high"]):
        assert (p - bound) ** 2 * size == pytest.approx(1.959963985**2 * bound * (1 - bound))


# Villages, then houses in them, one village standing alone in its town; what R says of it with
# options(survey.lonely.psu=…, survey.ultimate.cluster=TRUE): errors of the means of women and men,
# the total, the ratio to q1 and the share of age 0, without and with the villages there are.
TWO_STAGES: dict[Any, tuple[list[float], list[float]]] = {
    "adjust": (
        [9.8527997316215, 9.6074451646142, 1307.5501902413, 2.0477735408543, 0.04616862712129],
        [7.5262349418915, 7.4894086208537, 1008.2894274188, 1.5455816237364, 0.038235215488303],
    ),
    "remove": (
        [9.8527746713441, 9.6066519147953, 1244.8644504523, 2.0311057926018, 0.043871170594224],
        [7.5262086962042, 7.4885945428295, 942.68105393311, 1.5278854566119, 0.036006134014515],
    ),
    "average": (
        [11.37700421753, 11.092806138036, 1437.4456511465, 2.3453189522226, 0.050658064304479],
        [8.6905172334616, 8.6470841503092, 1088.5143204965, 1.7642501593316, 0.041576302331516],
    ),
}


@pytest.mark.parametrize("lonely", TWO_STAGES)
def test_two_stages_are_taken_by_their_villages(lonely: Any) -> None:
    frame = made()
    frame.loc[frame["village"].eq(14), "town"] = "D"
    frame["known"] = frame["town"].map({"A": 9, "B": 12, "C": 30, "D": 5})
    for fpc, errors in zip((None, "known"), TWO_STAGES[lonely], strict=True):
        design: dict[str, Any] = {**DESIGN, "fpc": fpc, "lonely": lonely}
        tables = [
            estimate(frame, "y", by="sex", **design),
            estimate(frame, "y", statistic="total", **design),
            estimate(frame, "y", statistic="ratio", denominator="q1", **design),
            estimate(frame, "age", statistic="proportion", **design).head(1),
        ]
        found = pd.concat(tables, ignore_index=True)
        assert found["estimate"].tolist() == pytest.approx(
            [40.333333333333, 47.222222222222, 7275, 16.166666666667, 0.32777777777778]
        )
        assert found["se"].tolist() == pytest.approx(errors, rel=1e-12)
        assert found["df"].tolist() == [11] * 5
        assert set(found["note"]) == {"lonely_psus"}


@pytest.mark.skipif(not REFERENCE.exists(), reason="R's answers are not beside the project")
def test_all_answers_of_r() -> None:
    answers = pd.read_csv(REFERENCE / "answers.csv", dtype={"level": str, "domain": str})
    frames = {name: pd.read_csv(REFERENCE / file) for name, (file, _) in DESIGNS.items()}
    assert len(answers) == 297
    for row in answers.to_dict("records"):
        wrong = row["stat"] == "WRONG_filtered_mean"
        # Neither interval is offered; estimate and se of these rows are compared all the same.
        foreign = row["method"] in ("likelihood", "asin")
        got = ask(frames[row["design"]], row, _interval(row["method"]))
        if wrong:
            if abs(got["se"] / row["se"] - 1) < 1e-6:
                # All districts have such schools: filtering them changes nothing.
                assert row["domain"] == "E"
            continue
        names = {"estimate": "estimate", "se": "se", "df": "df", "n": "n", "deff": "deff"}
        if not foreign:
            names |= {"low": "ci_low", "high": "ci_high"}
        # R fits the logit and the likelihood rows iteratively.
        near = 1e-6 if row["method"] in ("logit", "likelihood") else 1e-8
        for ours, theirs in names.items():
            if not pd.isna(row[theirs]):
                assert got[ours] == pytest.approx(row[theirs], rel=near, abs=1e-12), (row, ours)
        if row["df"] < 1:
            assert (got["note"], np.isnan(got["low"])) == ("too_few_psus", True)


def _interval(method: str) -> str:
    return {"logit": "logit", "xlogit": "logit", "beta": "beta"}.get(method, "t")


def ask(frame: pd.DataFrame, row: dict[Any, Any], ci: Any) -> dict[Any, Any]:
    top, _, bottom = str(row["variable"]).partition("/")
    by = () if pd.isna(row["domain_var"]) else row["domain_var"]
    statistic: Any = STATISTICS.get(
        row["stat"], "proportion" if row["stat"] == "ciprop" else "mean"
    )
    table = estimate(
        frame,
        top,
        by=by,
        statistic=statistic,
        denominator=bottom or None,
        ci=ci,
        **DESIGNS[row["design"]][1],
    )
    if by:
        table = table[table[by].astype(str) == row["domain"]]
    if statistic == "proportion":
        table = table[table["level"].astype(str) == row["level"]]
    assert len(table) == 1
    return dict(table.iloc[0])
