"""Points told by their boundaries: shifted on purpose, found again; no alarm without reason."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from data import ingest
from data.coordinates import convert
from data.geography.placement import CANDIDATES, judge
from data.ingest import Options
from data.store import Change, Store
from tests.conftest import TOWNS

# Nine square units of some 4 km, as small ones in a county seat are.
SIDE = 0.04
CODES = [f"{c}" for c in (*TOWNS["township_code"], *(f"990101{n}" for n in range(102, 108)))]
UNITS = pd.DataFrame(
    {
        "unit_code": CODES,
        "geometry": shapely.to_wkb(
            [
                shapely.box(x, y, x + SIDE, y + SIDE)
                for x, y in ((116 + SIDE * (n % 3), 39 + SIDE * (n // 3)) for n in range(9))
            ]
        ),
    }
)


def points(per_unit: int, seed: int = 1) -> pd.DataFrame:
    """Points anywhere in their own units, WGS-84."""
    chance = np.random.default_rng(seed)
    rows = []
    for code, wkb in zip(UNITS["unit_code"], UNITS["geometry"], strict=True):
        west, south, *_ = shapely.from_wkb(wkb).bounds
        for x, y in chance.uniform(0, SIDE, (per_unit, 2)):
            rows.append((code, west + x, south + y))
    return pd.DataFrame(rows, columns=["unit_code", "lon", "lat"])


def shifted(held: pd.DataFrame, system: str) -> pd.DataFrame:
    lon, lat = convert(held["lon"].to_numpy(), held["lat"].to_numpy(), "WGS84", system)
    return held.assign(lon=lon, lat=lat)


def declared(held: pd.DataFrame, system: str = "WGS84") -> pd.Series:
    return pd.Series(system, index=held.index)


@given(st.sampled_from(CANDIDATES), st.sampled_from(CANDIDATES), st.integers(0, 50))
@settings(max_examples=12, deadline=None)
def test_the_true_system_is_found_whatever_was_declared(true: str, said: str, seed: int) -> None:
    held = shifted(points(20, seed), true)
    found = judge(held, declared(held, said), UNITS)
    assert found.points == 180
    assert found.declared.system == said
    assert found.suggested == (None if true == said else true)
    by_name = {each.system: each for each in (found.declared, *found.others)}
    assert by_name[true].inside == 1
    # The share is the one counted point by point.
    lon, lat = convert(held["lon"].to_numpy(), held["lat"].to_numpy(), said)
    shapes = dict(zip(UNITS["unit_code"], shapely.from_wkb(UNITS["geometry"]), strict=True))
    own = [
        shapes[code].covers(shapely.Point(x, y))
        for code, x, y in zip(held["unit_code"], lon, lat, strict=True)
    ]
    assert found.declared.inside == pytest.approx(np.mean(own))


def test_the_shift_in_metres() -> None:
    held = shifted(points(20), "GCJ02")
    found = judge(held, declared(held), UNITS)
    gcj = next(each for each in found.others if each.system == "GCJ02")
    # Around Beijing the shift is some 530 to 580 m.
    assert 500 < gcj.shift_m < 600
    assert found.declared.shift_m == 0
    said = found.warnings()
    assert len(said) == 1
    assert "GCJ02" in said[0].zh
    assert f"{gcj.shift_m:,.0f} 米" in said[0].zh


def test_a_few_strays_are_no_shift() -> None:
    held = points(20)
    held.loc[[0, 30, 60], "lat"] += 0.3
    found = judge(held, declared(held), UNITS)
    assert found.suggested is None
    assert "3" in found.warnings()[0].en
    # One point that happens to come home proves nothing; eight of eight would.
    few = shifted(points(20), "GCJ02")
    inside = judge(few, declared(few), UNITS).declared.inside
    assert inside < 1
    one = few.iloc[:1]
    assert judge(one, declared(one), UNITS).suggested is None


def test_unknown_places_and_units_are_left_out_and_foreign_ones_said() -> None:
    held = points(2)
    held.loc[0, ["lon", "lat"]] = np.nan
    held.loc[1, ["lon", "lat"]] = [-0.1, 51.5]
    held.loc[2, "unit_code"] = "990999999"
    found = judge(held, declared(held), UNITS)
    assert (found.points, found.outside, found.suggested) == (15, 1, None)
    nothing = judge(held.iloc[:1], declared(held.iloc[:1]), UNITS)
    assert (nothing.points, nothing.warnings()) == (0, ())
    assert judge(held, declared(held), UNITS.iloc[:0]).points == 0


def test_rows_that_say_their_own_system() -> None:
    held = points(20)
    half = held.index % 2 == 0
    mixed = pd.concat([held[half], shifted(held[~half], "BD09")])
    said = pd.Series(np.where(mixed.index % 2 == 0, "WGS84", "BD09"), index=mixed.index)
    found = judge(mixed, said, UNITS)
    assert (found.declared.system, found.declared.inside, found.suggested) == ("mixed", 1, None)


def test_an_upload_is_suspected_and_one_choice_mends_it(towns: Store, tmp_path) -> None:
    towns.publish(
        [Change("boundaries", UNITS.iloc[:3].assign(level="township"))], author="t", message="t"
    )
    true = points(40).iloc[:120].reset_index(drop=True)
    held = shifted(true, "GCJ02")
    rows = [
        f"{row.unit_code}{n + 201:03d},{row.unit_code},村{n},village,220,{row.lat!r},{row.lon!r}"
        for n, row in enumerate(held.itertuples())
    ]
    file = tmp_path / "villages.csv"
    head = "community_code,township_code,name_zh,kind,urban_rural_code,lat,lon"
    file.write_text("\n".join([head, *rows]), encoding="utf-8")
    draft = ingest.prepare(towns, file, file.name)
    assert draft.placement is not None
    assert draft.report()["suggested_crs"] == "GCJ02"
    assert any("GCJ02" in word.zh for word in draft.warnings)
    mended = ingest.prepare(towns, file, file.name, Options(crs="GCJ02"))
    assert mended.placement is not None
    assert (mended.placement.declared.inside, mended.placement.suggested) == (1, None)
    frame = pd.read_parquet(mended.accepted["communities"]).sort_values("community_code")
    expected = true.assign(code=true["unit_code"]).sort_values("code", kind="stable")
    assert frame["lon"].to_numpy() == pytest.approx(expected["lon"].to_numpy(), abs=1e-9)
