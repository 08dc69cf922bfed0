"""Names of places as people write them mean one unit, or are asked about."""

import pandas as pd
import pytest
import shapely

from data.storage.publishing import Change
from data.store import Store
from data.surveys.place_names import (
    HELD_TOWNS,
    Places,
    Towns,
    Villages,
    below_county,
    in_township,
    of_town,
    of_village,
)

TOWNS = [
    ("990101100", "城关镇"), ("990101200", "河东乡"), ("990101001", "城东街道"),
    ("990101101", "河西镇"), ("990101201", "河西乡"), ("990101102", "东镇"),
    ("990101103", "红旗镇"), ("990102103", "红旗镇"),
]  # fmt: skip
HELD = pd.DataFrame(TOWNS, columns=["township_code", "name_zh"])
VILLAGES = [
    ("990101100201", "东风村"), ("990101100001", "东风社区"), ("990101100202", "南塘村"),
    ("990101100002", "站前社区居委会"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("城关镇", "990101100"),
        ("990101100", "990101100"),
        ("990101100000", "990101100"),
        ("9901011000", ""),
        ("城关", "990101100"),
        ("城 关 镇", "990101100"),
        ("A.城关镇", "990101100"),
        ("3、城关", "990101100"),
        ("城东街道办事处", "990101001"),
        ("城东街道办", "990101001"),
        ("河东乡人民政府", "990101200"),
        # Another kind of unit, two of one name, half a name, a name of one sign.
        ("城关乡", ""),
        ("河西", ""),
        ("红旗镇", ""),
        ("红旗", ""),
        ("关镇", ""),
        ("东", ""),
        ("某县城关镇", ""),
    ],
)
def test_a_township(name: str, code: str) -> None:
    assert Places(TOWNS, of_town).code(name) == code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("东风村", "990101100201"),
        ("东风村村委会", "990101100201"),
        ("东风村委会", "990101100201"),
        ("东风村民委员会", "990101100201"),
        ("东风社区居委会", "990101100001"),
        ("站前社区", "990101100002"),
        ("站前", "990101100002"),
        ("南塘", "990101100202"),
        ("东风", ""),
        ("南塘社区", ""),
    ],
)
def test_a_village(name: str, code: str) -> None:
    assert Places(VILLAGES, of_village).code(name) == code


@pytest.mark.parametrize(
    ("names", "codes"),
    [
        (["某省某县城关镇", "某县河东乡", "某省/某县/城东街道"], ["100", "200", "001"]),
        (["某县城关", "某县河东"], ["100", "200"]),
        # One county under two names; a township that is not held; most names written otherwise.
        (["甲县城关镇", "乙县河东乡"], []),
        (["某县城北镇", "某县红旗镇"], []),
        (["某县城关镇", "我家", "那里"], []),
    ],
)
def test_townships_behind_their_county(names: list[str], codes: list[str]) -> None:
    found, above = below_county(names, Towns(HELD))
    assert [code[6:] for code in found.values()] == codes
    assert bool(above) == bool(codes)


@pytest.mark.parametrize(
    ("county", "written", "found"),
    [
        ("某县", "某省某市某县", True),
        ("某市某县", "某县", True),
        ("", "乙县", True),
        ("某县", "乙县", False),
    ],
)
def test_a_township_of_another_county_is_not_ours_by_its_name(
    county: str, written: str, found: bool
) -> None:
    names = [f"{written}城关镇", f"{written}河东乡"]
    assert bool(below_county(names, Towns(HELD.assign(county=county)))[0]) == found


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("/城关镇东风村", "990101100201"),
        ("/某县城关镇-东风村委会", "990101100201"),
        ("990101100/城关镇东风社区", "990101100001"),
        # Of another township than the one that stands beside it; of one without such a village.
        ("990101200/城关镇东风村", ""),
        ("/河东乡东风村", ""),
        ("/红旗镇东风村", ""),
    ],
)
def test_villages_behind_their_township(key: str, code: str) -> None:
    frame = pd.DataFrame(VILLAGES, columns=["community_code", "name_zh"])
    villages = Villages(frame.assign(township_code=frame["community_code"].str[:9]))
    found, _ = in_township([key], Towns(HELD), villages)
    assert found.get(key, "") == code


def test_the_name_of_a_county_is_held_by_its_boundary_or_for_a_single_one_by_the_settings(
    towns: Store,
) -> None:
    def told() -> dict[str, str]:
        return Towns(towns.read(HELD_TOWNS)).counties

    (code,) = towns.read("SELECT DISTINCT county_code FROM townships")["county_code"]
    assert told() == {}
    named = pd.DataFrame({"name": ["county_name_zh"], "value": ["某县"]})
    towns.publish([Change("settings", named)], author="a", message="m")
    assert told() == {code: "某县"}
    drawn = pd.DataFrame({"unit_code": [code], "level": ["county"], "name_zh": ["乙县"]})
    drawn["geometry"] = [shapely.to_wkb(shapely.box(105, 30, 106, 31))]
    towns.publish([Change("boundaries", drawn)], author="a", message="m")
    assert told() == {code: "乙县"}
    other = pd.DataFrame({"township_code": ["990299100"], "name_zh": ["别镇"]})
    other = other.assign(unit_type="township", county_code="990299", crs="WGS84")
    towns.publish([Change("townships", other)], author="a", message="m")
    assert told() == {code: "乙县"}
