"""Survey estimates against a slow twin, and the laws they keep."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import DataError
from metrics.estimation import design as design_of
from metrics.estimation import variance
from metrics.survey import difference, estimate, estimate_from_sums
from tests.metrics.survey_samples import DESIGN, samples, small


def slow_mean(frame: pd.DataFrame, domain: pd.Series) -> tuple[float, float]:
    """The same figure by plain loops over strata and villages."""
    rows = frame[domain & frame["y"].notna()]
    total = sum(rows["w"])
    mean = sum(rows["w"] * rows["y"]) / total
    variance = 0.0
    for _, stratum in frame.groupby("town"):
        z = []
        for village in stratum["village"].unique():
            of = rows[rows["village"] == village]
            z.append(sum(of["w"] * (of["y"] - mean)) / total)
        n = len(z)
        if n == 1:
            variance += z[0] ** 2
        else:
            centre = sum(z) / n
            variance += n / (n - 1) * sum((value - centre) ** 2 for value in z)
    return mean, variance**0.5


@settings(max_examples=25, deadline=None)
@given(samples())
def test_equals_the_slow_twin(frame: pd.DataFrame) -> None:
    for row in estimate(frame, "y", by="sex", **DESIGN).itertuples():
        if row.n:
            mean, se = slow_mean(frame, frame["sex"] == row.sex)
            assert row.estimate == pytest.approx(mean, abs=1e-9)
            assert row.se == pytest.approx(se, abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(samples(), st.floats(0.01, 1000))
def test_the_scale_of_the_weights_and_the_order_of_the_rows_change_nothing(
    frame: pd.DataFrame, factor: float
) -> None:
    columns = ["estimate", "se", "low", "high", "deff"]
    table = estimate(frame, "y", by="town", **DESIGN)
    scaled = estimate(frame.assign(w=frame["w"] * factor), "y", by="town", **DESIGN)
    shuffled = estimate(frame.sample(frac=1, random_state=1), "y", by="town", **DESIGN)
    for other in (scaled, shuffled):
        np.testing.assert_allclose(other[columns], table[columns], rtol=1e-8, atol=1e-8)
        assert other["note"].tolist() == table["note"].tolist()


@settings(max_examples=15, deadline=None)
@given(samples(), st.sampled_from(["sex", "village"]))
def test_rows_added_up_in_blocks_give_the_same_table(frame: pd.DataFrame, by: str) -> None:
    # 'village': every PSU lies in one domain, none of them in the order of the rows.
    mixed = frame.sample(frac=1, random_state=1)
    mixed = mixed.assign(**{by: mixed[by].where(mixed["w"] != 1)}, village2=mixed["village"])
    design = DESIGN | {"psu": "village2"}
    whole = estimate(mixed, ["y", "w"], by=by, **design)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(design_of, "BLOCK", 1)
        patch.setattr(variance, "BLOCK", 1)
        blocks = estimate(pd.concat([mixed] * 9), ["y", "w"], by=by, **design)
    np.testing.assert_allclose(blocks["n"], whole["n"] * 9)
    columns = ["estimate", "se", "df", "low", "high"]
    np.testing.assert_allclose(blocks[columns], whole[columns], rtol=1e-9, atol=1e-9)


@settings(max_examples=15, deadline=None)
@given(samples())
def test_a_domain_never_changes_another(frame: pd.DataFrame) -> None:
    women = frame["sex"] == "f"
    changed = frame.assign(
        y=frame["y"].where(women, 0.0), w=frame["w"].where(women, frame["w"] * 3)
    )
    one, two = (
        table[table["sex"] == "f"].reset_index(drop=True)
        for table in (estimate(f, "y", by="sex", **DESIGN) for f in (frame, changed))
    )
    pd.testing.assert_frame_equal(one, two)


@settings(max_examples=15, deadline=None)
@given(samples())
def test_several_items_are_what_each_is_alone(frame: pd.DataFrame) -> None:
    together = estimate(frame, ["y", "y2"], by=["town", "sex"], **DESIGN)
    alone = [estimate(frame, item, by=["town", "sex"], **DESIGN) for item in ("y", "y2")]
    pd.testing.assert_frame_equal(together, pd.concat(alone, ignore_index=True))


@settings(max_examples=15, deadline=None)
@given(samples())
def test_a_mean_of_zeros_and_ones_is_a_proportion_and_a_ratio(frame: pd.DataFrame) -> None:
    frame = frame.assign(one=1)
    mean = estimate(frame, "y2", by="town", **DESIGN)
    share = estimate(frame, "y2", by="town", statistic="proportion", **DESIGN)
    ratio = estimate(frame, "y2", by="town", statistic="ratio", denominator="one", **DESIGN)
    columns = ["n", "estimate", "se", "df", "low", "high", "note"]
    pd.testing.assert_frame_equal(mean[columns], ratio[columns])
    ones = share[share["level"] == 1.0].reset_index(drop=True)
    if len(ones):
        pd.testing.assert_frame_equal(mean[columns], ones[columns], check_exact=False)


def rolled_up(frame: pd.DataFrame, items: list[str], by: list[str]) -> pd.DataFrame:
    """Sums per PSU as the store keeps them."""
    parts = []
    for item in items:
        rows = frame[frame[item].notna()]
        w, y = rows["w"], rows[item]
        sums = rows.assign(n=1, sw=w, swy=w * y, swyy=w * y * y)
        keys = list(dict.fromkeys([*by, "village"]))
        total = sums.groupby(keys, as_index=False)[["n", "sw", "swy", "swyy"]].sum()
        parts.append(total.rename(columns={"village": "psu"}).assign(item=item))
    return pd.concat(parts, ignore_index=True)


@settings(max_examples=25, deadline=None)
@given(samples(), st.sampled_from([[], ["town"], ["sex"], ["town", "sex"]]))
def test_sums_give_the_same_table_as_the_rows(frame: pd.DataFrame, by: list[str]) -> None:
    sums = rolled_up(frame, ["y", "y2"], by)
    design = frame[["village", "town"]].drop_duplicates()
    design = design.rename(columns={"village": "psu", "town": "stratum"})
    rolled = estimate_from_sums(sums, design, by=by)
    if "sex" not in by:
        # Where no village stands twice, only how many there are needs to be known.
        counted = design.groupby("stratum", as_index=False).agg(psus=("psu", "size"))
        own = sums.merge(design, on="psu").astype(dict.fromkeys(by, "category"))
        told = estimate_from_sums(own.drop(columns="psu"), counted, by=by)
        pd.testing.assert_frame_equal(told, rolled, check_dtype=False, rtol=1e-12, atol=1e-12)
    rows = estimate(frame, ["y", "y2"], by=by, **DESIGN)
    # Domains without an answer leave no sums behind.
    rows = rows[rows["n"] > 0].reset_index(drop=True)
    pd.testing.assert_frame_equal(rolled, rows, check_dtype=False, rtol=1e-9, atol=1e-9)


def test_an_index_pools_the_answers_of_a_respondent() -> None:
    # Two questions in one item are the rows of both questions stacked under the same villages.
    frame = small().assign(y2=[0.0, 50.0, np.nan, 25.0, 100.0, 100.0, 75.0])
    sums = rolled_up(frame, ["y", "y2"], []).assign(item="S1")
    design = frame[["village", "town"]].drop_duplicates()
    design = design.rename(columns={"village": "psu", "town": "stratum"})
    pooled = estimate_from_sums(sums, design).iloc[0]
    stacked = pd.concat([frame, frame.assign(y=frame["y2"])])
    rows = estimate(stacked, "y", **DESIGN).iloc[0]
    assert pooled[["estimate", "se", "df", "low"]].tolist() == pytest.approx(
        rows[["estimate", "se", "df", "low"]].tolist()
    )


def test_sums_of_an_unknown_village_are_refused() -> None:
    sums = rolled_up(small(), ["y"], [])
    design = pd.DataFrame({"psu": ["a1", "a2", "b1"], "stratum": ["A", "A", "B"]})
    with pytest.raises(DataError) as refusal:
        estimate_from_sums(sums, design)
    assert refusal.value.values["psu"] == "b2"


def test_no_sums_give_no_rows() -> None:
    sums = rolled_up(small(), ["y"], []).iloc[:0]
    design = pd.DataFrame({"psu": ["a1"], "stratum": ["A"]})
    assert estimate_from_sums(sums, design).empty


@settings(max_examples=15, deadline=None)
@given(samples())
def test_a_change_is_later_minus_earlier_and_turns_its_sign(frame: pd.DataFrame) -> None:
    if frame["year"].nunique() < 2:
        return
    change = difference(frame, "y", "year", by="sex", **DESIGN)
    waves = estimate(frame, "y", by=["sex", "year"], **DESIGN).set_index(["sex", "year"])
    for row in change.itertuples():
        for year, found, n in ((2024, row.earlier, row.n_earlier), (2025, row.later, row.n_later)):
            if (row.sex, year) in waves.index:
                expected = waves.loc[(row.sex, year)]
                assert found == pytest.approx(expected["estimate"], nan_ok=True)
                assert n == expected["n"]
            else:
                assert n == 0
    back = difference(frame.assign(year=-frame["year"]), "y", "year", by="sex", **DESIGN)
    np.testing.assert_allclose(back["estimate"], -change["estimate"], atol=1e-9)
    np.testing.assert_allclose(back["se"], change["se"], atol=1e-9)


@settings(max_examples=15, deadline=None)
@given(samples())
def test_waves_in_strata_of_their_own_are_independent(frame: pd.DataFrame) -> None:
    year = frame["year"].astype(str)
    apart = frame.assign(town=frame["town"] + year, village=frame["village"] + year)
    waves = estimate(apart, "y", by="year", **DESIGN)
    if len(waves) < 2 or (waves["n"] == 0).any():
        return
    row = difference(apart, "y", "year", **DESIGN).iloc[0]
    assert row["se"] ** 2 == pytest.approx((waves["se"] ** 2).sum(), abs=1e-9)
    assert row["df"] == waves["df"].sum()


def test_the_same_shift_in_every_village_has_no_error() -> None:
    # Ten villages far apart from each other, all five points better: seen at once because each
    # village is its own comparison.
    frame = pd.DataFrame({"village": range(10), "y": np.arange(10) * 10.0, "year": 2024})
    both_waves = pd.concat([frame, frame.assign(y=frame["y"] + 5, year=2025)])
    row = difference(both_waves, "y", "year", psu="village").iloc[0]
    assert (row["estimate"], row["se"], row["note"]) == (5, 0, "no_variation")
    assert np.isnan(row["p"])
