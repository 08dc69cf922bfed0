"""Names of places as people write them mean one unit, or are asked about."""

import pandas as pd
import pytest

from data.surveys.place_names import (
    Places,
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
    found, above = below_county(names, Places(TOWNS, of_town))
    assert [code[6:] for code in found.values()] == codes
    assert bool(above) == bool(codes)


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
    found, _ = in_township([key], Places(TOWNS, of_town), villages)
    assert found.get(key, "") == code
