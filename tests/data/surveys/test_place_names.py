"""Names of places as people write them mean one unit, or are asked about."""

import pytest

from data.surveys.place_names import Places, of_town, of_village

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
