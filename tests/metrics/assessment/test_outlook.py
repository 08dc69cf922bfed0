"""How sure a band is, what would lift it, what changed, and all of it taken along as a file."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.scope import Scope
from data.store import Store
from metrics.assessment.band_moves import _moves, band_moves
from metrics.assessment.improvement import lifts, next_band, sides
from metrics.assessment.progress import changes, difference_of_rates, history
from metrics.assessment.robustness import average, band_ranges, method_check
from metrics.assessment.township_card import Assessment, assessed, band, bands_under, card
from metrics.exports.extract_files import WRITERS
from metrics.exports.extract_reports import report
from metrics.exports.extracts import Wish, extract
from metrics.exports.profile import PARTS, trees
from tests.metrics.reported_county import TOWNS, publish, reported, towns

PEERED = ("B2.2", "B2.5", "B3.2", "B5.3", "D1", "D6", "D7")
SCOPE = Scope(2025)
TOWN = TOWNS[4]
OWN = Scope(2025, township=TOWN)
APPEAL = {
    "appeal_id": "A1", "township_code": TOWN, "kind": "data_error", "indicator_id": "D9",
    "filed_on": pd.Timestamp("2025-03-01"), "due_on": pd.Timestamp("2025-03-31"), "year": 2025,
    "reason": "少算一处",
}  # fmt: skip
TARGETED = {"B4.1": 1.0, "C2": 75.0, "D9": 100.0, "E2": 50.0, "F3": 90.0}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    tens = {code: 10.0 * (n + 1) for n, code in enumerate(TOWNS)}
    told = dict.fromkeys(PEERED, tens) | TARGETED
    with Store.open(tmp_path_factory.mktemp("outlook") / "data") as opened:
        publish(opened, townships=towns(), reported_values=reported(told))
        before = {"B2.2": {TOWNS[4]: 40.0}, "C2": {TOWNS[4]: 75.0}}
        publish(opened, reported_values=reported(before, 2024))
        publish(opened, appeals=pd.DataFrame([APPEAL]))
        yield opened


def test_ranges_hold_the_declared_rank_and_are_reproducible(store: Store) -> None:
    found = band_ranges(store, Scope(2025), draws=200)
    assert found["rank"].between(found["low"], found["high"]).all()
    shares = found[[f"band_{n}" for n in range(1, 6)]]
    assert np.allclose(shares.sum(axis=1), 1)
    assert set(found["peers"]) == {10}
    place = found["band"].astype(int) - 1
    assert found["sure"].tolist() == [shares.iloc[k, p] for k, p in enumerate(place)]
    # The best of all values stays the best whatever the weights.
    assert found.set_index("unit_code").loc[TOWNS[-1], ["low", "high"]].tolist() == [1, 1]
    one = band_ranges(store, Scope(2025, township=TOWNS[3]), draws=200)
    row = found[found["unit_code"].eq(TOWNS[3])].reset_index(drop=True)
    pd.testing.assert_frame_equal(one, row)


def test_the_mean_of_the_townships_has_a_band_and_a_range(store: Store) -> None:
    [row] = average(store, Scope(2025)).to_dict("records")
    scores = card(store, Scope(2025)).overview["score"]
    assert (row["units"], row["score"]) == (10, pytest.approx(scores.mean(), abs=1e-9))
    assert row["band"] == band(scores.mean())
    assert row["low"] < row["score"] < row["high"]
    # Whoever looks at one township sees the mean of all.
    assert average(store, Scope(2025, township=TOWNS[3])).iloc[0]["score"] == row["score"]


def test_without_a_score_there_is_no_range(store: Store) -> None:
    assert band_ranges(store, Scope(2024), draws=10).empty
    assert average(store, Scope(2024)).empty


def test_other_methods_stand_apart(store: Store) -> None:
    found = method_check(store, Scope(2025)).set_index("choice")
    assert set(found["units"]) == {10}
    # Without a survey the share of facts changes nothing.
    for choice in ("facts_only", "half"):
        assert found.loc[choice, ["bands_changed", "largest_move"]].tolist() == [0, 0]
    assert found.loc["facts_only", "agreement"] == pytest.approx(1)
    # E2 earns nothing everywhere: a geometric mean cannot forgive it.
    assert found.loc["geometric", "bands_changed"] > 0


def test_weights_of_blocks_can_be_tried(store: Store) -> None:
    blocks = card(store, Scope(2025)).framework.groups("township")
    same = bands_under(store, Scope(2025), blocks=tuple(blocks.items()))
    assert same["score_before"].tolist() == pytest.approx(same["score_after"].tolist())
    one = {**dict.fromkeys(blocks, 0.0), "C": 1.0}
    only = bands_under(store, Scope(2025), blocks=tuple(one.items()))
    assert only["score_after"].tolist() == pytest.approx([50] * 10)
    assert set(only["band_after"]) == {4}


def test_what_would_lift_a_township(store: Store) -> None:
    found = card(store, Scope(2025, township=TOWNS[4]))
    tree = found.tree.set_index("node")
    gains = lifts(found.tree)
    assert gains["gain"].is_monotonic_decreasing
    # E2 stands at nothing: all of its weight is to be had, and so is C2's half.
    e2 = gains.set_index("node").loc["E2"]
    assert e2["gain"] == pytest.approx(tree.loc["E2", "weight"])
    total = tree.loc["total", "points"]
    assert gains["gain"].sum() == pytest.approx(100 - total)
    above = next_band(found.tree)
    cut = min(c for c in (40, 60, 75, 90) if c > total)
    assert above.needed == pytest.approx(cut - total)
    together = gains["gain"].cumsum()
    assert above.steps == int((together >= above.needed - 1e-9).to_numpy().argmax()) + 1
    assert gains["reaches"].tolist() == (gains["gain"] >= above.needed).tolist()


def test_the_best_band_has_none_above() -> None:
    tree = pd.DataFrame({"node": ["total"], "level": "total", "points": [95.0], "weight": 100.0})
    assert next_band(tree) == (None, 0.0, None)


def test_changes_between_years(store: Store) -> None:
    found = changes(store, Scope(2025, township=TOWNS[4])).set_index("indicator_id")
    assert set(found.index) == {"B2.2", "C2"}
    assert found.loc["B2.2", ["before", "after", "change", "verdict"]].tolist() == [
        40,
        50,
        10,
        "open",
    ]
    assert found.loc["C2", "verdict"] == "same"


def test_changes_of_rates_are_told_from_noise(tmp_path: Path) -> None:
    small, large = [40, 100, 50, 100], [400, 1000, 500, 1000]
    rows = [
        (TOWNS[0], i, year, 100 * num / den, num, den)
        for i, told in (("B2.2", small), ("B2.5", large), ("B2.7", large))
        for year, num, den in ((2024, *told[:2]), (2025, *told[2:]))
    ]
    names = ["unit_code", "indicator_id", "year", "value", "num", "den"]
    with Store.open(tmp_path / "data") as opened:
        publish(opened, townships=towns(), reported_values=pd.DataFrame(rows, columns=names))
        found = changes(opened, Scope(2025, township=TOWNS[0])).set_index("indicator_id")
    assert found["verdict"].to_dict() == {"B2.2": "noise", "B2.5": "better", "B2.7": "worse"}


def test_the_interval_of_a_difference_against_published_figures() -> None:
    # Newcombe (1998), Statistics in Medicine 17:873-890, table II, method 10.
    first = np.array([56.0, 9, 6, 5]), np.array([70.0, 10, 7, 56])
    second = np.array([48.0, 3, 2, 0]), np.array([80.0, 10, 7, 29])
    low, high = difference_of_rates(*second, *first)
    np.testing.assert_allclose(low, [5.24, 17.05, 5.82, -3.81], atol=0.006)
    np.testing.assert_allclose(high, [33.39, 80.90, 80.62, 19.26], atol=0.006)


def test_history_measures_every_year_alike(store: Store) -> None:
    found = history(store, Scope(2025, township=TOWNS[4]))
    now = found[found["year"].eq(2025)].set_index("node")["score"]
    assert now["total"] == pytest.approx(
        card(store, Scope(2025, township=TOWNS[4])).overview["score"].iloc[0]
    )
    assert np.isnan(found[found["year"].eq(2024)].set_index("node")["score"]["total"])
    mean = history(store, Scope(2025)).set_index(["year", "node"])
    overview = card(store, Scope(2025)).overview["score"]
    assert mean.loc[(2025, "total"), "score"] == pytest.approx(overview.mean())
    assert mean.loc[(2025, "total"), "units"] == 10


@pytest.mark.parametrize("town", [TOWNS[1], TOWNS[4], TOWNS[8]])
def test_the_smallest_change_moves_the_band_and_a_hair_less_does_not(
    store: Store, town: str
) -> None:
    assessment = Assessment(store, Scope(2025))
    before = band(float(assessment.scores.of("total")[town]))
    found = band_moves(store, Scope(2025, township=town))
    assert len(found)
    for row in found.to_dict("records"):
        better = -1 if row["direction"] == "up" else 1
        counted = row["node"] == "B4.1"  # by whole times, so that a hair less may do
        for share, moves in ((1.0, better), *([] if counted else [(0.999, 0)])):
            points = row["points"] + share * (row["points_needed"] - row["points"])
            # What-if is the slow twin: it scores the whole county again.
            after = assessment.scores.what_if(town, {row["node"]: points}).of("total")
            assert band(float(after[town])) == before + moves
    sizes = (found["points_needed"] - found["points"]).abs().groupby(found["direction"])
    assert all(each.round(9).is_monotonic_increasing for _, each in sizes)


def test_a_change_is_told_in_the_indicators_own_unit_and_stays_within_the_goalposts(
    store: Store,
) -> None:
    found = band_moves(store, Scope(2025))
    assert not found.duplicated(["unit_code", "direction"]).any()
    assert found["points_needed"].between(-1e-6, 100 + 1e-6).all()
    moved = band_moves(store, Scope(2025, township=TOWNS[4]))
    c2 = moved[moved["node"].eq("C2")].iloc[0]
    # A target of 100 whose floor is 50: a point is half a percent.
    assert c2["value"] == 75
    assert c2["value_needed"] == pytest.approx(50 + c2["points_needed"] / 2)
    side = c2["direction"]
    first = found[found["unit_code"].eq(TOWNS[4]) & found["direction"].eq(side)]["node"]
    assert first.tolist() == moved[moved["direction"].eq(side)]["node"].head(1).tolist()


@pytest.mark.parametrize(
    ("side", "needed", "value", "points", "times", "then"),
    [("up", 2.0, 0.0, 0.0, 1.0, 100.0), ("down", -2.0, 1.0, 100.0, 0.0, 0.0)],
)
def test_what_is_counted_moves_by_whole_times(
    side: str, needed: float, value: float, points: float, times: float, then: float
) -> None:
    """Two points of a score are 40 of an indicator of 5 %: two fifths of a drill are none."""
    row = {"unit_code": TOWN, "node": "B4.1", "points": points, "weight": 0.05, "value": value}
    leaves = pd.DataFrame([row | {"goal_low": 0.0, "goal_high": 1.0}, row | {
        "node": "D9", "goal_low": 50.0, "goal_high": 100.0, "points": 50.0, "value": 75.0,
    }])  # fmt: skip
    found = _moves(leaves, pd.Series({TOWN: needed}), side).set_index("node")
    assert found.loc["B4.1", ["value_needed", "points_needed"]].tolist() == [times, then]
    # What is measured moves by any amount.
    assert found.loc["D9", "value_needed"] == pytest.approx(75 + 10 * needed)


def test_without_a_score_no_band_can_move(store: Store) -> None:
    assert band_moves(store, Scope(2024)).empty


@pytest.mark.parametrize("scope", [Scope(2025), Scope(2025, township=TOWNS[3])])
def test_what_is_shared_in_memory_changes_no_figure(store: Store, scope: Scope) -> None:
    """Copies of tables and what figures share, against a state that has neither yet."""
    assessed(store, Scope(2025)).card()
    with store.rehearse([]) as plain:
        for side in ("tree", "overview", "flags", "duty"):
            found, expected = (getattr(card(each, scope), side) for each in (store, plain))
            pd.testing.assert_frame_equal(found, expected)
        found, expected = (band_ranges(each, scope, draws=200) for each in (store, plain))
        pd.testing.assert_frame_equal(found, expected)


# Taken along as a file: metrics.exports.profile -------------------------------------------------


def test_each_township_has_the_figures_of_its_page(store: Store) -> None:
    found = trees(store, SCOPE)
    assert found["unit_code"].unique().tolist() == TOWNS
    tree = card(store, OWN).tree
    own = found[found["unit_code"].eq(TOWN)].set_index("node", drop=False)
    page = own[tree.columns].reset_index(drop=True)
    pd.testing.assert_frame_equal(page, tree, check_dtype=False)
    gains = lifts(tree)
    first = own[own["improvement"].notna()].sort_values("improvement")
    assert first["node"].tolist() == gains["node"].tolist()[:3]
    assert first["gain"].tolist() == gains["gain"].tolist()[:3]
    told = dict(sides(tree)[["node", "side"]].to_numpy())
    assert own.loc[own["side"] != "", "side"].to_dict() == told
    [ranged] = band_ranges(store, OWN).to_dict("records")
    whole = own.loc["total", ["band", "sure", "rank_low", "rank_high", "peers"]]
    assert whole.tolist() == [ranged[n] for n in ("band", "sure", "low", "high", "peers")]


def test_what_one_township_is_told_is_cut_out_of_what_all_are_told(store: Store) -> None:
    pd.testing.assert_frame_equal(
        trees(store, OWN), trees(store, SCOPE).query("unit_code == @TOWN").reset_index(drop=True)
    )
    for part in PARTS.values():
        whole = part(store, SCOPE)
        one = whole[whole["unit_code"].eq(TOWN)].reset_index(drop=True)
        pd.testing.assert_frame_equal(part(store, OWN), one)
        assert len(one)
    page = changes(store, OWN)
    pd.testing.assert_frame_equal(PARTS["change"](store, OWN)[page.columns], page)
    years = PARTS["history"](store, OWN)[["year", "node", "score"]]
    pd.testing.assert_frame_equal(years, history(store, OWN)[["year", "node", "score"]])


def test_strong_is_where_the_best_band_begins_and_weak_is_below_adequate() -> None:
    points = {"a": 90.0, "b": 89.99, "c": 60.0, "d": 59.99, "e": 100.0, "f": 0.0, "g": None}
    tree = pd.DataFrame(
        {"node": list(points), "level": "indicator", "points": points.values(), "weight": 1.0}
    ).astype({"points": float})
    tree.loc[tree["node"].eq("f"), "weight"] = 0.0  # does not count
    assert sides(tree)[["node", "side"]].values.tolist() == [
        ["e", "strength"], ["a", "strength"], ["d", "weakness"],
    ]  # fmt: skip


def test_what_is_read_says_what_the_page_says(store: Store) -> None:
    found = extract(store, Wish("profile", OWN))
    said = {section.title: section for section in report(found, "zh").sections}
    first, *rest = said
    assert first == TOWN
    assert (
        "有 1 项数值因申诉或豁免暂不计分：村级组织规范化" in said[first].sentence
        or "D9" in found.table["node"].tolist()
    )
    assert len(rest) == 6
    appeal = said[f"{TOWN} · 申诉与更正"]
    assert appeal.sentence.startswith("共 1 件申诉，1 件未决")
    assert "少算一处" in appeal.rows()[0]
    held = json.loads(WRITERS["json"](store, found, "zh"))
    assert {name: len(part["rows"]) for name, part in held["parts"].items()} == {
        name: len(part) for name, part in found.parts.items()
    }
    assert held["parts"]["appeal"]["rows"][0]["filed_on"] == "2025-03-01"
    page = WRITERS["html"](store, found, "zh").decode()
    assert all(f"<h2>{word}</h2>" in page for word in ("与上年相比", "历年得分", "申诉与更正"))
