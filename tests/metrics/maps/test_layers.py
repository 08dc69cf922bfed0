"""Layers of the map: every one answers, by hand where it is worked out here, and hides what must
be hidden.
"""

import numpy as np
import pandas as pd
import pytest

from data.contracts import CODES
from data.errors import DataError
from data.scope import Scope
from data.store import Store
from metrics.accessibility import service_coverage
from metrics.assessment import township_card
from metrics.coverage import RADIUS
from metrics.maps import layers
from metrics.maps.catalogue import LAYERS, MEASURES
from metrics.maps.layers import COLUMNS
from metrics.register import INDICATORS
from tests.conftest import TOWNS
from tests.metrics.accessibility.test_service_coverage import A, B, C, fill, publish
from tests.metrics.accessibility.test_service_coverage import facilities as offered

METRE = 180 / (np.pi * RADIUS)
YEAR = Scope(year=2025)
HELD = [(A, 0, "220", 100), (A, 1000, "220", 300), (B, 4000, "111", 70), (B, None, "220", 30)]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Three townships with seats, villages and shelters; C has nothing."""
    opened = Store.open(tmp_path_factory.mktemp("layers") / "data")
    seats = TOWNS.assign(lon=[110.0, 110.0, None], lat=[30.0, 30 + 2000 * METRE, None])
    publish(opened, townships=seats)
    shelters = offered(
        ("a", A, 0, "operating", "emergency;elderly"),
        ("b", A, 500, "idle", "emergency"),
        ("c", B, 4000, "operating", "emergency"),
        ("d", B, 9000, "operating", "legal"),
    ).assign(area_total_m2=500.0, area_emergency_m2=[200.0, 900.0, None, 80.0])
    checked = [(A, "EMERG6", "EMERG6-5", True), (A + "000", "EMERG3", "EMERG3-3", False),
               (A + "001", "EMERG3", "EMERG3-3", True), (B, "EMERG6", "EMERG6-1", False),
               (B, "EMERG6", "EMERG6-5", None)]  # fmt: skip
    results = pd.DataFrame(checked, columns=["unit_code", "checklist", "item_code", "passed"])
    fill(
        opened,
        HELD,
        shelters,
        pd.DataFrame({"service": "emergency", "setting": ["urban", "rural"], "radius_m": 1300.0}),
        checklist_results=results.assign(
            township_code=results["unit_code"].str[:9], year=2025, applicable=True
        ),
    )
    return opened


def answer(store: Store, layer: str, measure: str, radius: float | None = None) -> pd.DataFrame:
    return layers.values(store, YEAR, layer, measure, radius).set_index("unit_code")


def test_what_is_declared_fits_together() -> None:
    assert list(LAYERS) == [f"M{n:02d}" for n in range(1, 19)]
    services = {code.value for code in CODES["service"]}
    assert {layer.service for layer in LAYERS.values()} - {None} == services
    used = {measure for layer in LAYERS.values() for measure in layer.measures}
    assert used == set(MEASURES)
    for measure in MEASURES.values():
        assert all((*measure.name, *measure.meaning)), measure.id
        assert list(measure.breaks) == sorted(measure.breaks)
        assert (measure.id in INDICATORS) == (measure.family in ("indicator", "satisfaction"))
        # A figure of a family of bands is said as "band 4", never as so many points.
        assert (measure.family == "band") == (measure.palette == "bands"), measure.id
    for layer in LAYERS.values():
        assert all((*layer.name, *layer.audience))
        assert ("cross" in layer.measures) <= bool(layer.question)


FIRST = {measure: layer.id for layer in reversed(LAYERS.values()) for measure in layer.measures}


@pytest.mark.parametrize(("measure", "layer"), FIRST.items())
def test_every_measure_answers_for_every_township(store: Store, measure: str, layer: str) -> None:
    table = layers.values(store, YEAR, layer, measure, 1000.0)
    assert [*table.columns] == COLUMNS
    assert table["unit_code"].tolist() == ["", C, A, B]
    # A value or a reason, never both and never neither.
    assert (table["value"].notna() == (table["note"] == "")).all()


@pytest.mark.parametrize(
    ("layer", "measure"), [("M02", "access"), ("M15", "centre_km"), ("M16", "S1")]
)
def test_villages_stand_in_one_form(store: Store, layer: str, measure: str) -> None:
    found = layers.villages(store, YEAR, layer, measure)
    assert len(found) == len(HELD)
    assert {"metres", "reached", "population", "access", "radius_m"} <= {*found.columns}
    if layer == "M16":
        assert found["reached"].isna().all()


def test_reach_is_that_of_the_page(store: Store) -> None:
    own = service_coverage.by_unit(store, YEAR, "emergency").set_index("unit_code")
    table = answer(store, "M06", "reach")
    assert table["value"].equals(own["share"])
    assert answer(store, "M06", "outside")["value"].equals(own["outside"])
    assert table.loc[A, "base"] == 400


def test_access_is_shared_by_all_and_weighted_by_people(store: Store) -> None:
    # One elderly facility, reached by 100 + 300 people: 10,000 / 400 = 25 each, 0 for B.
    table = answer(store, "M02", "access", 1300.0)
    assert table.loc[[A, B, ""], "value"].tolist() == pytest.approx([25, 0, 25 * 400 / 470])
    assert table.loc[C, "note"] == "no_population"
    # The supply is neither lost nor multiplied, whatever part of the county is looked at.
    alone = layers.values(store, Scope(year=2025, township=A), "M02", "access", 1300.0)
    assert alone["value"].tolist() == pytest.approx([25])
    found = layers.villages(store, YEAR, "M02", "access", 1300.0)
    assert found["access"].tolist()[:3] == pytest.approx([25, 25, 0])
    assert np.isnan(found["access"].iloc[3])


def test_the_way_to_the_own_seat_and_to_no_other(store: Store) -> None:
    # A: 0 m for 100 people and 1,000 m x 1.3 for 300; B's village is 2,000 m from B's seat.
    table = answer(store, "M15", "centre_km")
    assert table.loc[[A, B], "value"].tolist() == pytest.approx([1.3 * 0.75, 2.6], rel=1e-6)
    assert table.loc["", "value"] == pytest.approx((1.3 * 300 + 2.6 * 70) / 470, rel=1e-6)
    assert table.loc[C, "note"] == "no_population"
    # A mean way has no limit: who has a way is within it, and of the others nothing is known.
    found = layers.villages(store, YEAR, "M15", "centre_km")
    assert (found["reached"].eq(True) == found["metres"].notna()).all()
    assert found["reached"].isna().sum() == found["metres"].isna().sum()
    share = answer(store, "M15", "centre_reach", 1000.0)
    assert share.loc[[A, B, ""], "value"].tolist() == pytest.approx([25, 0, 100 * 100 / 470])
    assert answer(store, "M15", "centre_outside", 1000.0).loc["", "value"] == 370
    assert answer(store, "M15", "centre_reach").loc[A, "note"] == "no_radius"


def test_shelter_space_counts_running_ones_and_never_takes_blank_for_nothing(store: Store) -> None:
    table = answer(store, "M06", "shelter")
    assert table.loc[A, ["value", "base"]].tolist() == [50, 400]  # the idle one does not count
    assert table.loc[B, "note"] == "no_area"
    assert table.loc["", "note"] == "no_population"  # C has no residents given
    assert table.loc[C, "note"] == "no_population"


def test_supplies_are_checks_passed_of_checks_made(store: Store) -> None:
    table = answer(store, "M06", "supplies")
    assert table.loc[A, ["value", "base"]].tolist() == pytest.approx([200 / 3, 3])
    # B was asked but not checked; other items are none of this.
    assert table.loc[B, "note"] == "no_data"
    assert table.loc["", ["value", "base"]].tolist() == pytest.approx([200 / 3, 3])


def test_reach_without_a_survey_is_half_a_pair(store: Store) -> None:
    table = answer(store, "M03", "cross", 1000.0)
    assert table["second"].isna().all()
    assert set(table["second_note"]) == {"no_survey"}


def test_the_survey_in_view_is_one_that_asked_somebody_here(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another county's newer survey would else leave this one without a figure."""
    held = pd.DataFrame({"survey_id": ["theirs", "ours", "older"], "respondents": [0, 5, 9]})
    monkeypatch.setattr(layers.figures, "surveys", lambda *_: held)
    assert layers.survey(store, YEAR)["survey_id"].tolist() == ["ours"]
    monkeypatch.setattr(layers.figures, "surveys", lambda *_: held.head(1))
    assert layers.survey(store, YEAR)["survey_id"].tolist() == ["theirs"]


def test_a_figure_says_what_it_is_made_of(store: Store) -> None:
    for layer, measure in (("M02", "access"), ("M15", "centre_km"), ("M06", "supplies")):
        table = layers.values(store, YEAR, layer, measure, 1000.0)
        made = table["value"].notna().map({True: "computed", False: ""})
        assert table["origin"].tolist() == made.tolist()
        assert MEASURES[measure].sources
    values, villages = layers.seen(store, YEAR, "M02", "access", 1300.0)
    pd.testing.assert_frame_equal(values, layers.values(store, YEAR, "M02", "access", 1300.0))
    alone = layers.villages(store, YEAR, "M02", "access", 1300.0)
    pd.testing.assert_frame_equal(villages, alone)


def test_change_is_unknown_where_either_year_is() -> None:
    names = {"level": "township", "name_zh": "", "name_en": ""}
    before = pd.DataFrame({"unit_code": ["a", "b", "c"], "value": [1.0, None, 3.0]}).assign(**names)
    after = pd.DataFrame({"unit_code": ["c", "a", "d"], "value": [2.5, None, 9.0]}).assign(**names)
    table = layers.change(before, after)
    assert table["unit_code"].tolist() == ["c", "a", "d"]
    assert table["change"].tolist()[0] == -0.5
    assert table["change"].isna().tolist() == [False, True, True]


def test_a_score_says_what_percent_of_its_weight_has_data(store: Store) -> None:
    rows = township_card.assessed(store, YEAR).overview()
    for measure in ("band", "score"):
        found = answer(store, "M18", measure).loc[rows["unit_code"]]
        assert found["base"].tolist() == pytest.approx((rows["data_share"] * 100).tolist())
        assert found["base"].max() > 1


def test_unknown_names_are_refused(store: Store) -> None:
    for layer, measure, code in (
        ("M99", "reach", "unknown_layer"),
        ("M14", "reach", "unknown_measure"),
    ):
        with pytest.raises(DataError) as refusal:
            layers.values(store, YEAR, layer, measure)
        assert refusal.value.code == code


def test_counts_of_the_page_give_the_same_answer(store: Store) -> None:
    counted = service_coverage.by_unit(store, YEAR, "emergency")
    for measure in ("reach", "outside"):
        own = layers.values(store, YEAR, "M06", measure)
        pd.testing.assert_frame_equal(layers.of_counts(counted, measure), own, check_dtype=False)
