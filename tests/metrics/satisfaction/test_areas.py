"""Direct and model-based figures: the model's own function on what is shown, and nothing else."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from data.errors import DataError
from data.scope import Scope
from data.store import Change, Store
from metrics.estimation.small_area import small_area
from metrics.satisfaction.areas import by_area, known
from metrics.satisfaction.figures import by_unit
from tests.metrics.satisfaction.test_figures import UNITS, frames


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    facts = frames()
    codes = list(UNITS)
    year = pd.DataFrame({"township_code": codes, "year": 2024})
    year["resident_pop"] = [9000, 7000, 12000, 5000, 30000, 22000]
    # One township's migrants are not known; later facts than the survey are not looked at.
    year["migrants_n"] = [900, 500, 2400, np.nan, 6000, 3300]
    later = year.assign(year=2026, resident_pop=1)
    facts["township_year"] = pd.concat([year, later]).assign(households=1)
    with Store.open(tmp_path_factory.mktemp("data")) as opened:
        opened.publish([Change(n, f) for n, f in facts.items()], author="a", message="m")
        yield opened


def test_only_covariates_that_tell_townships_apart_are_offered(store: Store) -> None:
    assert known(store, Scope(), "S25") == ("none", "subdistrict", "population", "migrants")
    assert known(store, Scope(unit_type="township"), "S25") == ("none", "population", "migrants")


def test_the_model_rests_on_what_is_shown_alone(store: Store) -> None:
    found = by_area(store, Scope(), "S25", "Q3", "population")
    shown = by_unit(store, Scope(), "S25", "Q3")
    shown = shown[shown["level"].eq("township") & shown["shown"]].copy()
    pop = {"990101100": 9000, "990101101": 7000, "990101001": 30000, "990101002": 22000}
    shown["x"] = np.log(shown["unit_code"].map(pop))
    twin = small_area(shown, ["x"], area="unit_code", smooth=True).set_index("unit_code")
    table = found.table.set_index("unit_code")
    for code in shown["unit_code"]:
        columns = ["estimate", "mse", "low", "high", "shrinkage"]
        assert table.loc[code, columns].tolist() == pytest.approx(twin.loc[code, columns].tolist())
        assert table.loc[code, "kind"] == "both"
    assert found.areas == 4
    # The two that the base rule hides: no base, no direct figure, and the model alone.
    for code, people in (("990101200", 12000), ("990101201", 5000)):
        row = table.loc[code]
        told = twin.attrs["coefficients"]
        assert row["kind"] == "model"
        assert row[["n", "direct", "direct_low", "direct_high"]].isna().all()
        assert row["estimate"] == pytest.approx(told["constant"] + told["x"] * np.log(people))


def test_without_its_covariate_a_township_has_no_figure(store: Store) -> None:
    table = by_area(store, Scope(), "S25", "Q1", "migrants").table.set_index("unit_code")
    row = table.loc["990101201"]
    assert (row["kind"], np.isnan(row["estimate"]), np.isnan(row["direct"])) == ("", True, False)


def test_two_townships_make_no_model(store: Store) -> None:
    with pytest.raises(DataError) as refusal:
        by_area(store, Scope(unit_type="subdistrict"), "S25", "Q1", "population")
    assert refusal.value.code == "areas_too_few"
