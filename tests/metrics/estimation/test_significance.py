"""Tests of independence and corrected p values: by hand, by slow twins, and against R."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.linalg import null_space

from data.errors import DataError
from metrics.survey import adjust, independence
from tests.metrics.survey_samples import DESIGN, made, samples
from tests.metrics.test_survey_against_r import DESIGNS, REFERENCE

NUMBERS = ["statistic", "ndf", "ddf", "p", "chisq_p"]


def counted(table: list[list[int]]) -> pd.DataFrame:
    rows = [
        (i, j) for i, line in enumerate(table) for j, count in enumerate(line) for _ in range(count)
    ]
    return pd.DataFrame(rows, columns=["r", "c"])


def test_a_table_of_six_by_hand() -> None:
    # 2 1 / 1 2: X² = 6 · (2·2 − 1·1)² / 3⁴ = 2/3, V = √(X²/6) = 1/3. A simple random sample has
    # Δ = n/(n − 1): F = 2/3 · 5/6 with 1 and 5 degrees of freedom, the square of a t.
    row = independence(counted([[2, 1], [1, 2]]), "r", "c").iloc[0]
    assert row[["n", "note"]].tolist() == [6, ""]
    assert row[["chisq", "chisq_df", "cramers_v"]].tolist() == pytest.approx([2 / 3, 1, 1 / 3])
    assert row[["statistic", "ndf", "ddf"]].tolist() == pytest.approx([5 / 9, 1, 5])
    assert row["p"] == pytest.approx(2 * stats.t.sf((5 / 9) ** 0.5, 5))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(st.integers(1, 9), min_size=3, max_size=3), min_size=2, max_size=4))
def test_without_a_design_it_is_pearsons_test(table: list[list[int]]) -> None:
    pearson, _, freedom, _ = stats.chi2_contingency(table, correction=False)
    frame = counted(table)
    row, n = independence(frame, "r", "c").iloc[0], len(frame)
    assert row["chisq"] == pytest.approx(pearson, abs=1e-9)
    assert row["statistic"] == pytest.approx(pearson * (n - 1) / n / freedom, abs=1e-9)
    assert [row["ndf"], row["ddf"]] == pytest.approx([freedom, freedom * (n - 1)])


def slow_delta(frame: pd.DataFrame, rows: str, columns: str) -> np.ndarray[Any, Any]:
    """Rao and Scott's matrix with the variance summed by loops and another basis of contrasts."""
    valid = frame[rows].notna() & frame[columns].notna()
    r, c = sorted(frame[rows].dropna().unique()), sorted(frame[columns].dropna().unique())
    r, c = (
        [level for level in levels if (valid & (frame[name] == level)).any()]
        for name, levels in ((rows, r), (columns, c))
    )
    cells = [(one, two) for one in r for two in c]
    member = np.array([(valid & (frame[rows] == a) & (frame[columns] == b)) for a, b in cells]).T
    w = (frame["w"] * valid).to_numpy()
    share = w @ member / w.sum()
    z = (member - share) * (w / w.sum())[:, None]
    variance = np.zeros((len(cells), len(cells)))
    for _, town in frame.groupby("town"):
        sums = [z[part.index].sum(axis=0) for _, part in town.groupby("village")]
        centre = sum(sums) / len(sums) if len(sums) > 1 else 0 * sums[0]
        factor = len(sums) / max(len(sums) - 1, 1)
        variance += factor * sum(np.outer(s - centre, s - centre) for s in sums)
    effects = [[float(a == one) for a, _ in cells] for one in r]
    effects += [[float(b == two) for _, b in cells] for two in c]
    contrast = null_space(np.array(effects)) / share[:, None]
    simple = contrast.T @ np.diag(share) @ contrast / valid.sum()
    return np.asarray(np.linalg.inv(simple) @ contrast.T @ variance @ contrast)


@settings(max_examples=15, deadline=None)
@given(samples())
def test_equals_the_slow_twin(frame: pd.DataFrame) -> None:
    row = independence(frame, "y2", "sex", **DESIGN).iloc[0]
    table = frame.pivot_table(index="y2", columns="sex", values="w", aggfunc="sum", observed=True)
    if row["note"] not in ("", "lonely_psus") or table.isna().any(axis=None):
        return
    delta = slow_delta(frame, "y2", "sex")
    d0 = np.trace(delta) ** 2 / np.trace(delta @ delta)
    f = row["chisq"] / np.trace(delta)
    assert [row["statistic"], row["ndf"]] == pytest.approx([f, d0], rel=1e-7)
    psus = frame["village"].nunique() - frame["town"].nunique()
    assert row["p"] == pytest.approx(stats.f.sf(f, d0, d0 * psus), rel=1e-6)


@settings(max_examples=20, deadline=None)
@given(samples())
def test_neither_turning_the_table_nor_asking_twice_changes_the_answer(frame: pd.DataFrame) -> None:
    row = independence(frame, "y2", "sex", **DESIGN).iloc[0]
    turned = independence(frame, "sex", "y2", **DESIGN).iloc[0]
    # The same answers written down twice in their villages: X² doubles, what is known does not.
    twice = independence(pd.concat([frame, frame]), "y2", "sex", **DESIGN).iloc[0]
    for other in (turned, twice):
        assert other["note"] == row["note"]
        np.testing.assert_allclose(
            other[NUMBERS].astype(float), row[NUMBERS].astype(float), rtol=1e-6
        )


def test_the_answers_of_r() -> None:
    # for (s in c("F","Chisq")) svychisq(~sex+age, D, statistic=s); the same for ~gap+age, na.rm=T
    columns = ["statistic", "ndf", "ddf", "p", "chisq_p"]
    whole = independence(made(), "sex", "age", **DESIGN).iloc[0]
    assert whole["chisq"] == pytest.approx(6.255856834465837)
    assert whole[columns].tolist() == pytest.approx(
        [
            *(2.293699877875038, 1.656303095519898, 19.875637146238773, 0.133838006175615),
            0.100892480581327,
        ]
    )
    # R scales X² to all 60 rows, not to the 54 with both answers; its tests do not change by it.
    gaps = independence(made(), "gap", "age", **DESIGN).iloc[0]
    assert [gaps["n"], gaps["chisq"] * 60 / 54] == pytest.approx([54, 8.2496737033253904])
    assert gaps[columns].tolist() == pytest.approx(
        [
            *(2.702942640594310, 1.585090660575996, 19.021087926911949, 0.102167513961962),
            0.0670080417553617,
        ]
    )


@pytest.mark.parametrize(
    ("lonely", "f", "p"),
    [
        ("adjust", 2.93068243708237, 0.18543233351244),
        ("remove", 3.44380921882498, 0.16050541650394),
        ("average", 2.29587281254999, 0.22696363356253),
    ],
)
def test_lonely_villages_of_r(lonely: Any, f: float, p: float) -> None:
    # options(survey.lonely.psu=lonely); svychisq(~r+c, svydesign(~village, strata=~town,
    #   weights=~w, data=d))
    frame = pd.DataFrame(
        {
            "town": list("AAAABBBCCC"),
            "village": [1, 1, 2, 3, 4, 5, 5, 6, 6, 6],
            "w": [1, 2, 1, 3, 2, 1, 1, 2, 2, 1],
            "r": list("xyxxyxyyyx"),
            "c": list("pqqpqqqqpp"),
        }
    )
    row = independence(frame, "r", "c", lonely=lonely, **DESIGN).iloc[0]
    assert [row["statistic"], row["ndf"], row["ddf"], row["p"]] == pytest.approx([f, 1, 3, p])
    assert row["note"] == "lonely_psus"


@pytest.mark.skipif(not REFERENCE.exists(), reason="R's answers are not beside the project")
@pytest.mark.parametrize(
    ("design", "row", "column", "f", "ndf", "ddf", "p"),
    [
        ("clus1", "sch.wide", "stype", 5.193369541475, 1.4946397777, 20.9249568879, 0.02174746237),
        ("clus1", "awards", "comp.imp", 143.486968794666, 1, 14, 9.57002607093637e-09),
        ("strat", "sch.wide", "stype", 17.24744439639, 1.828671504, 360.24828632, 2.035046359e-07),
    ],
)  # fmt: skip
def test_the_schools_of_r(
    design: str, row: str, column: str, f: float, ndf: float, ddf: float, p: float
) -> None:
    # In R: svychisq(~sch.wide+stype, design)
    file, given_design = DESIGNS[design]
    found = independence(pd.read_csv(REFERENCE / file), row, column, **given_design).iloc[0]
    assert found[["statistic", "ndf", "ddf", "p"]].tolist() == pytest.approx([f, ndf, ddf, p])


@pytest.mark.parametrize(
    ("change", "note"),
    [
        ({"sex": None}, "no_answers"),
        ({"w": 0.0}, "no_answers"),
        ({"sex": "f"}, "one_level"),
        ({"village": "1", "town": "A"}, "too_few_psus"),
        # Every village asked one of each combination: the table cannot come out otherwise.
        ({"village": np.arange(60) // 6, "sex": list("fffmmm") * 10, "age": [0, 1, 2] * 20,
          "w": 1.0, "town": "A"}, "no_variation"),
        ({"sex": list("fmm") * 20, "age": list("yoo") * 20}, ""),
        # Three of nine combinations cannot speak for the four ways in which a table can depart.
        ({"sex": list("abc") * 20, "age": list("pqr") * 20}, "empty_cells"),
    ],
)  # fmt: skip
def test_where_there_is_no_test(change: dict[str, Any], note: str) -> None:
    row = independence(made().assign(**change), "sex", "age", **DESIGN).iloc[0]
    assert row["note"] == note
    assert np.isnan(row["p"]) == (note != "")


def test_answers_in_lonely_villages_only() -> None:
    frame = made().assign(alone=np.where(np.arange(60) < 4, "Z", made()["town"]))
    frame["sex"] = frame["sex"].where(frame["alone"] == "Z")
    row = independence(
        frame, "sex", "age", strata="alone", psu="village", weight="w", lonely="average"
    ).iloc[0]
    assert (row["note"], np.isnan(row["p"])) == ("only_lonely_psus", True)


def test_no_rows_have_no_answers() -> None:
    assert independence(made().iloc[:0], "sex", "age", **DESIGN)["note"].item() == "no_answers"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"column": "sex"}, "same_column"),
        ({"column": "size"}, "columns_missing"),
        ({"lonely": "no"}, "choice_unknown"),
        ({"weight": "town"}, "not_numeric"),
        ({"respondent": "village"}, "respondent_repeated"),
        ({"lonely": "fail", "strata": "village"}, "lonely_psu"),
    ],
)
def test_wrong_questions_are_refused(arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(DataError) as refusal:
        independence(made(), **({"row": "sex", "column": "age"} | DESIGN | arguments))
    assert refusal.value.code == code


# p values of many comparisons.


def test_adjusted_p_values_by_hand() -> None:
    # Holm: 3 · 0.01, 2 · 0.02, 1 · 0.03 raised to what came before it.
    assert adjust([0.02, 0.01, 0.03]).tolist() == pytest.approx([0.04, 0.03, 0.04])
    # Benjamini and Hochberg: 3/3 · 0.03; 3/2 · 0.02 and 3/1 · 0.01 are 0.03 as well.
    assert adjust([0.02, 0.01, 0.03], "bh").tolist() == pytest.approx([0.03, 0.03, 0.03])
    assert adjust([]).tolist() == []


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("holm", [0.05, 0.12, 0.12, np.nan, 0.03, 0.12, 0.9]),
        ("bh", [0.03, 0.048, 0.048, np.nan, 0.03, 0.048, 0.9]),
    ],
)
def test_adjusted_p_values_of_r(method: Any, expected: list[float]) -> None:
    # In R: p.adjust(c(.01, .04, .03, NA, .005, .04, .9), "holm"), "BH"
    given_p = pd.Series([0.01, 0.04, 0.03, None, 0.005, 0.04, 0.9], index=list("abcdefg"))
    adjusted = adjust(given_p, method)
    assert adjusted.tolist() == pytest.approx(expected, nan_ok=True)
    assert adjusted.index.tolist() == list("abcdefg")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(0, 1) | st.none(), max_size=12), st.sampled_from([0.01, 0.05, 0.2]))
def test_findings_are_those_of_the_stepwise_rules(
    p_values: list[float | None], level: float
) -> None:
    known = sorted(p for p in p_values if p is not None)
    m = len(known)
    # Holm goes up and halts at the first that fails; Benjamini and Hochberg come down from above.
    holm = next((k for k, p in enumerate(known) if p * (m - k) > level), m)
    fair = [k + 1 for k, p in enumerate(known) if p * m / (k + 1) <= level]
    assert (adjust(p_values) <= level).sum() == holm
    assert (adjust(p_values, "bh") <= level).sum() == max(fair, default=0)


@pytest.mark.parametrize("wrong", [-0.1, 1.1, "small", np.inf])
def test_what_is_no_p_value_is_refused(wrong: object) -> None:
    with pytest.raises(DataError) as refusal:
        adjust(pd.Series([0.5, wrong]))
    assert (refusal.value.code, refusal.value.values["rows"]) == ("p_values_invalid", "2")


def test_an_unknown_correction_is_refused() -> None:
    method: Any = "bonferroni"
    with pytest.raises(DataError) as refusal:
        adjust([0.5], method)
    assert refusal.value.code == "choice_unknown"
