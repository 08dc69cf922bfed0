"""Ways of scoring: from the roll-up as from the rows; the default one changes no band."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.answer_points import ADOPTABLE, POINTS, SHARES
from data.errors import DataError
from data.scope import Scope
from data.store import Change, Store
from metrics.assessment import progress
from metrics.assessment.township_card import Assessment, assessed
from metrics.decisions import scoring_ways
from metrics.evaluate import evaluate, scoring
from metrics.exports import extracts
from metrics.satisfaction import groups, waves
from metrics.satisfaction.figures import by_unit
from metrics.satisfaction.scale import Scale
from metrics.survey import estimate
from tests.metrics.assessment.test_township_card import BLOCKS, reported
from tests.metrics.published import published
from tests.metrics.reported_county import TOWNS, publish, towns
from tests.metrics.satisfaction.test_figures import DESIGN, answers_of, frames

FIGURES = ["n", "estimate", "se", "low", "high"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with published(tmp_path_factory.mktemp("data"), frames()) as opened:
        yield opened


@pytest.mark.parametrize("way", list(POINTS))
@pytest.mark.parametrize(("item", "questions"), [("Q1", ["Q1"]), ("S2", ["Q2", "Q3"])])
def test_every_way_of_scoring_gives_what_the_rows_give(
    store: Store, way: str, item: str, questions: list[str]
) -> None:
    rows = answers_of(*questions)
    answer = (rows["y"] / 25).astype(float)
    worth = answer.map(dict(enumerate(POINTS[way])))
    share = way in SHARES
    rows["worth"] = worth / 100 if share else worth
    twin = estimate(rows, "worth", by="township_code", ci="logit" if share else "t", **DESIGN)
    twin = twin.set_index("township_code")
    table = by_unit(store, Scope(), "S25", item, way).iloc[1:].set_index("unit_code")
    scale = 100 if share else 1
    for code, row in table[table["shown"]].iterrows():
        expected = twin.loc[code, FIGURES[1:]] * scale
        assert row[FIGURES[1:]].tolist() == pytest.approx(expected.tolist(), rel=1e-9)
    assert table["shown"].any()


def test_the_default_stands_beside_and_what_is_hidden_stays_so(store: Store) -> None:
    found = scoring_ways.compare(store, Scope(), "S25", "Q3", "net").units
    default = by_unit(store, Scope(), "S25", "Q3")
    assert found["default"].tolist() == pytest.approx(default["estimate"].tolist(), nan_ok=True)
    hidden = found[~found["shown"]]
    assert set(hidden["unit_code"]) == {"990101200", "990101201"}
    assert hidden[["n", "default", "estimate", "low", "high"]].isna().all(axis=None)
    assert (hidden["standing"] == "").all()


def test_bands_under_other_points(tmp_path: Path) -> None:
    # Facts of all blocks but A, which weighs 11; two townships: nearly all say 3; half 1, half 5.
    people = pd.DataFrame(
        {
            "respondent_id": [f"{town}-{n}" for town in TOWNS[:2] for n in range(40)],
            "township_code": np.repeat(TOWNS[:2], 40),
            "value": [3] * 38 + [1] * 2 + [1, 5] * 20,
        }
    ).assign(survey_id="S", question_id="Q", weight=1.0)
    asked = {
        "survey_id": "S", "question_id": "Q", "pair_dim": "C", "answer_type": "sat5",
        "index_code": "S1", "text_zh": "题", "text_en": "q",
    }  # fmt: skip
    day = pd.Timestamp("2025-05-01")
    meta = {"survey_id": "S", "title_zh": "调查", "mode": "face", "audience": "resident"}
    scope = Scope(year=2025, county=TOWNS[0][:6])
    with Store.open(tmp_path) as store:
        for survey, start in (("S24", day - pd.DateOffset(years=1)), ("S", day)):
            own = people.assign(survey_id=survey)
            row = {**meta, "survey_id": survey, "start_on": start, "end_on": start}
            publish(
                store,
                townships=towns(),
                reported_values=reported(),
                survey_meta=pd.DataFrame([row]),
                survey_questions=pd.DataFrame([{**asked, "survey_id": survey}]),
                survey_respondents=own.drop(columns=["value", "question_id"]),
                survey_answers=own[["survey_id", "respondent_id", "question_id", "value"]],
            )
        made = Assessment(store, scope)
        _adopted_and_taken_back(store, scope, made)
    same = made.bands_with_points(POINTS["mean"])
    pd.testing.assert_series_equal(
        same["score_before"], same["score_after"], check_names=False, rtol=1e-12
    )
    assert same["score_after"].notna().any()
    other = made.bands_with_points((0, 0, 100, 100, 100)).set_index("unit_code")
    moved = other["score_after"] - other["score_before"]
    # 38 of 40 rated 3 or better: from 47.5 to 95 points, 30 % of block C; half of them: none.
    assert moved[TOWNS[0]] == pytest.approx(0.3 * 47.5 * BLOCKS["C"] / 89)
    assert moved[TOWNS[1]] == pytest.approx(0, abs=1e-9)
    assert moved[TOWNS[2:]].abs().max() == pytest.approx(0, abs=1e-9)
    # All answers worth the same: no error, and so no satisfaction to score.
    alike = made.bands_with_points((60, 60, 60, 60, 60)).set_index("unit_code")["score_after"]
    assert alike[TOWNS[0]] == pytest.approx(made.fact_scores["total"][TOWNS[0]])


def _adopted_and_taken_back(store: Store, scope: Scope, before: Assessment) -> None:
    """A decision does what was foretold, from its year on; returning undoes it."""
    county, way = str(scope.county), "rated_3_5"
    declared = before.scores.of("total")
    sides = [by_unit(store, scope, "S", "Q", asked)["estimate"] for asked in ("mean", way)]
    signed = {"author": "李", "reason": "县里统一"}
    scoring_ways.adopt(store, county, way, 2026, **signed)
    pd.testing.assert_series_equal(by_unit(store, scope, "S", "Q")["estimate"], sides[0])
    scoring_ways.adopt(store, county, way, 2025, **signed)
    found = by_unit(store, scope, "S", "Q")
    pd.testing.assert_frame_equal(found, by_unit(store, scope, "S", "Q", way))
    assert found["estimate"].tolist() == pytest.approx(sides[1].tolist(), nan_ok=True)
    after = Assessment(store, scope).scores.of("total")
    foretold = before.bands_with_points(POINTS[way]).set_index("unit_code")["score_after"]
    np.testing.assert_allclose(after, foretold.reindex(after.index), rtol=1e-12)
    assert (after - declared).abs().max() > 1
    _two_counties(store, scope, sides)
    # The earlier survey keeps its points, and yet nothing has changed between alike answers.
    earlier = by_unit(store, Scope(2024, county), "S24", "Q")["estimate"]
    assert earlier.tolist() == pytest.approx(sides[0].tolist(), nan_ok=True)
    change = waves.changes(store, scope, "S", "S24", "Q")["later"]
    assert change.tolist() == pytest.approx(sides[1].tolist(), nan_ok=True)
    assert scoring(store, scope) == Scale(way, False, 2025, "李", "县里统一")
    assert scoring(store, Scope(2024, county)) == Scale()
    # Neither does the indicator change from year to year, nor the score it enters.
    changed = progress.changes(store, scope).set_index("indicator_id")
    assert changed.loc["S1", ["after", "change"]].tolist() == pytest.approx([72.5, 0])
    scoring_ways.adopt(store, county, "mean", 2025, author="李", reason="改回")
    np.testing.assert_allclose(Assessment(store, scope).scores.of("total"), declared, rtol=1e-12)


def _two_counties(store: Store, scope: Scope, sides: list["pd.Series[float]"]) -> None:
    """Seen together, all are scored alike, and what cannot be is refused; it is said everywhere."""
    other = pd.DataFrame({"township_code": ["990102100"], "county_code": ["990102"],
                          "name_zh": ["乙镇"], "unit_type": ["township"]})  # fmt: skip
    both = Scope(2025)
    with store.rehearse([Change("townships", other)]) as two:
        for place, side, points in ((both, sides[0], [47.5, 50]), (scope, sides[1], [95, 50])):
            found = by_unit(two, place, "S", "Q")["estimate"].dropna()
            assert found.tolist() == pytest.approx(side.dropna().tolist())
            whole = evaluate(two, "S1", place)["value"].iloc[0]
            assert whole == pytest.approx(side.iloc[0])
            made = assessed(two, place).pairs["value"].dropna()
            assert made.tolist() == pytest.approx(points)
            said = extracts.extract(two, extracts.Wish("scores", place)).heading
            assert scoring(two, place).decision in said
        with pytest.raises(DataError, match="合在一起"):
            groups.by_group(two, both, "S", "Q")
    names = ["county_code", "from_year", "points", "reason", "decided_by"]
    decided = pd.DataFrame([("990102", 2024, "rated_3_5", "r", "王")], columns=names)
    with store.rehearse([Change("townships", other), Change("survey_scoring", decided)]) as alike:
        assert scoring(alike, both) == Scale("rated_3_5", False, 2025)
        found = by_unit(alike, both, "S", "Q")["estimate"].dropna()
        assert found.tolist() == pytest.approx(sides[1].dropna().tolist())
        untold = groups.by_group(alike, both, "S", "Q").table["estimate"]
        assert untold.tolist() == pytest.approx([found.iloc[0]] * len(untold))


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("decision_unsigned", {"author": " "}),
        ("decision_unsigned", {"reason": ""}),
        ("choice_unknown", {"points": "net"}),
    ],
)
def test_what_cannot_be_adopted_is_refused(store: Store, code: str, change: dict[str, str]) -> None:
    asked = {"points": ADOPTABLE[1], "author": "李", "reason": "r", **change}
    with pytest.raises(DataError) as refused:
        scoring_ways.adopt(store, "990101", from_year=2025, **asked)
    assert refused.value.code == code
