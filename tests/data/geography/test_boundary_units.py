"""Boundary files judged by what is held: units, names, neighbours, places."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from data import ingest
from data.coordinates import convert
from data.errors import DataError
from data.geography.boundaries import display_geojson
from data.ingest import Draft, Options
from data.store import Change, Store
from tests.conftest import TOWNS, fill_towns
from tests.data.reading import in_this_process

SIDE = 0.04
CORNERS = {"990101100": (116.0, 39.0), "990101101": (116.04, 39.0), "990101001": (116.08, 39.0)}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "data")
    fill_towns(opened)
    with in_this_process():
        yield opened


def draft(store: Store, folder: Path, *features: dict[str, object], **how: str) -> Draft:
    file = folder / "file.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return ingest.prepare(store, file, file.name, Options(**how))  # type: ignore[arg-type]


def unit(
    code: str, corner: tuple[float, float], system: str = "WGS84", name: str = ""
) -> dict[str, object]:
    """A square of some 4 km, its outline drawn in a system."""
    x, y = corner
    ring = np.array([(x, y), (x + SIDE, y), (x + SIDE, y + SIDE), (x, y + SIDE), (x, y)])
    ring = np.column_stack(convert(ring[:, 0], ring[:, 1], "WGS84", system))
    names = dict(zip(TOWNS["township_code"], TOWNS["name_zh"], strict=True))
    return {
        "type": "Feature",
        "properties": {"code": code, "name": name or names.get(code, "某镇")},
        "geometry": {"type": "Polygon", "coordinates": [ring.tolist()]},
    }


def units(system: str = "WGS84") -> list[dict[str, object]]:
    return [unit(code, corner, system) for code, corner in CORNERS.items()]


def test_units_that_are_not_held_are_refused_and_the_rest_is_told(
    store: Store, tmp_path: Path
) -> None:
    first, second = list(CORNERS)[:2]
    made = draft(
        store,
        tmp_path,
        unit(first, CORNERS[first], name="云岭县别的镇"),
        unit(second, (CORNERS[second][0] - 0.01, CORNERS[second][1]), name="示例县样例乡"),
        unit("990101109", (117, 39)),
        unit("990101", (116, 39)),
        unit("990102", (116, 39)),
    )
    found = made.problems[["record", "column", "code", "value"]].values.tolist()
    assert found == [[3, "unit_code", "orphan", "990101109"], [5, "unit_code", "orphan", "990102"]]
    assert (made.records_read, made.records_kept, len(made.effect)) == (5, 3, 1)
    assert int(made.effect["new"].item()) == 3
    told = " ".join(word.zh for word in made.warnings)
    assert "990101100 云岭县别的镇 ≠ 示例镇" in told
    assert "样例乡" not in told
    assert "990101100 / 990101101" in told
    assert "还有 1 个乡镇（街道）没有边界：示例街道" in told


@pytest.mark.parametrize("held", ["points", "boundaries"])
@pytest.mark.parametrize("system", ["WGS84", "GCJ02", "BD09"])
def test_a_shifted_file_is_told_and_converted_comes_home(
    store: Store, tmp_path: Path, held: str, system: str
) -> None:
    if held == "boundaries":
        ingest.publish(store, draft(store, tmp_path, *units()), author="a", message="m")
    else:
        chance = np.random.default_rng(3)
        rows = [
            (
                f"{code}{n:03}",
                code,
                f"村{n}",
                "village",
                *(chance.uniform(0, SIDE, 2) + CORNERS[code]),
            )
            for code in CORNERS
            for n in range(1, 41)
        ]
        names = ["community_code", "township_code", "name_zh", "kind", "lon", "lat"]
        villages = pd.DataFrame(rows, columns=names)
        store.publish([Change("communities", villages)], author="a", message="m")
    made = draft(store, tmp_path, *units(system))
    assert made.placement is not None
    assert made.placement.suggested == (None if system == "WGS84" else system)
    if system != "WGS84":
        assert re.search(rf"may be {system} \([\w, ]+\), not WGS84", made.warnings[0].en)
        made = draft(store, tmp_path, *units(system), crs=system)
        assert made.placement is not None
    assert made.placement.suggested is None
    assert made.placement.declared.inside == 1


def test_rings_are_given_out_as_the_standard_wants_them() -> None:
    """RFC 7946, 3.1.6: the outer ring against the clock, holes with it."""
    ring = [(116, 39), (116, 40), (117, 40), (117, 39)]
    hole = [(116.2, 39.2), (116.8, 39.2), (116.8, 39.8), (116.2, 39.8)]
    frame = pd.DataFrame(
        {"unit_code": ["990101100"], "name_zh": ["甲"], "name_en": [None],
         "geometry": [shapely.to_wkb(shapely.Polygon(ring, [hole]))]}
    )  # fmt: skip
    outer, inner = json.loads(display_geojson(frame))["features"][0]["geometry"]["coordinates"]
    assert shapely.LinearRing(outer).is_ccw
    assert not shapely.LinearRing(inner).is_ccw


def test_a_refusal_says_where_and_what_next(store: Store, tmp_path: Path) -> None:
    metres = unit("990101100", (116, 39))
    metres["geometry"]["coordinates"] = [[[5e5, 3e6], [5.1e5, 3e6], [5e5, 3.1e6], [5e5, 3e6]]]  # type: ignore[index]
    with pytest.raises(DataError) as refusal:
        draft(store, tmp_path, metres)
    assert refusal.value.code == "outside_china"
    assert "500000" in refusal.value.place.zh
    assert refusal.value.next_step.zh
    assert refusal.value.next_step.en
