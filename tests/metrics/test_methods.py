"""What the methods page says: parts of a formula, and the parameters in force with their basis."""

from pathlib import Path

import pandas as pd

from data.contracts import CODES
from data.scope import Scope
from data.store import Store
from metrics.methods import COLUMNS, SETTINGS, parameters
from metrics.register import INDICATORS
from tests.metrics.reported_county import publish


def test_numerator_and_denominator_are_the_halves_of_the_definition() -> None:
    above, below = INDICATORS["B3.2"].parts or ((), ())
    assert above == ("已落实的协商成果数", "Agreed outcomes delivered")
    assert below.zh == "到期应落实的协商成果数（乡镇级与村级合计，也可分列）"
    # A list, a companion or a factor after the denominator is no part of it.
    assert INDICATORS["A4"].parts[1] == ("适用项数", "applicable")
    assert INDICATORS["D2"].parts[1] == ("户数", "households")
    assert INDICATORS["B2.7"].parts[1] == ("未剔除的诉求数", "appeals not excluded")
    assert INDICATORS["F1"].parts[1] == ("采集字段数", "field requests")


def test_every_ratio_has_both_parts_and_nothing_else_has() -> None:
    without = {each.id for each in INDICATORS.values() if each.parts is None}
    assert without == {"B4.1", "G2", "G4", "G5", *(f"S{n}" for n in range(1, 9))}
    for each in INDICATORS.values():
        for part in each.parts or ():
            assert all(part), each.id
            assert part.zh.count("（") == part.zh.count("）"), each.id
            assert part.en.count("(") == part.en.count(")"), each.id
            assert part.zh in each.definition.zh
            assert part.en in each.definition.en


def test_parameters_of_an_empty_store_are_defaults_with_a_basis(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        table = parameters(store, Scope())
    assert list(table.columns) == COLUMNS
    known = {code.value for code in CODES["indicator_param"]}
    assert set(table.loc[table["kind"].eq("default"), "name"]) == known
    assert set(table.loc[table["kind"].eq("setting"), "name"]) == set(SETTINGS)
    values = table.set_index("name")["value"]
    assert (values["C3.sessions"], values["minimum_base"], values["detour_factor"]) == (2, 30, 1.3)
    # A rule that nobody could verify has no default: missing, not zero.
    assert pd.isna(values["B1.3.decision_days"])
    assert table["source_zh"].str.len().gt(0).all()
    assert table["source_en"].str.len().gt(0).all()


def test_what_the_county_sets_stands_beside_the_default(tmp_path: Path) -> None:
    own = pd.DataFrame(
        {"parameter": ["C3.sessions"], "place_code": ["990101"], "from_year": [2025],
         "value": [4.0], "source": ["县民发〔2025〕3号"]}
    )  # fmt: skip
    radii = pd.DataFrame(
        {"service": ["elderly"], "setting": ["rural"], "radius_m": [2500.0], "source": ["本地"]}
    )
    with Store.open(tmp_path) as store:
        publish(store, indicator_params=own, radius_params=radii)
        table = parameters(store, Scope(2025))
    sessions = table[table["name"].eq("C3.sessions")]
    assert list(zip(sessions["kind"], sessions["value"], strict=True)) == [
        ("default", 2),
        ("indicator", 4),
    ]
    assert sessions["source_en"].iloc[1] == "县民发〔2025〕3号"
    radius = table[table["kind"].eq("radius")].iloc[0]
    assert (radius["name"], radius["held_for"], radius["value"]) == ("elderly", "rural", 2500)
