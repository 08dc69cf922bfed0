"""Places found by part of a name, its pinyin or initials; against a slow twin that spells all."""

from itertools import product

import pytest
from pypinyin import Style, pinyin

from metrics.maps.by_name import BEGINS, NAMED, NOT, WITHIN, ranks

NAMES = ["示例镇", "长乐镇", "女儿村", "第315镇", "示例镇卫生院", "县示例镇"]


def rank(name: str, asked: str) -> int:
    return int(ranks([name], [name], asked)[0])


@pytest.mark.parametrize(
    ("name", "asked", "wanted"),
    [
        ("示例镇", "slz", BEGINS),
        ("示例镇", "SLZ", BEGINS),
        ("示例镇", "shilizhen", BEGINS),
        ("示例镇", "Shì Lì Zhèn", BEGINS),
        ("示例镇", "shi'lizhe", BEGINS),
        ("县示例镇", "slz", WITHIN),
        ("示例镇", "例", NAMED),
        ("示例镇", "sz", NOT),
        ("示例镇", "slzx", NOT),
        ("示例镇", "!", NOT),
        ("示例镇", " ", NOT),
        ("第315镇", "d315z", BEGINS),
        ("女儿村", "nver", BEGINS),
        ("女儿村", "nǚ ér", BEGINS),
        ("绿园", "lüyuan", BEGINS),
        ("绿园", "lyuyuan", BEGINS),
        # Any of a character's readings: nobody knows which one the reader says.
        ("长乐镇", "changle", BEGINS),
        ("长乐镇", "zhangyue", BEGINS),
    ],
)
def test_a_name_is_typed_as_people_type_it(name: str, asked: str, wanted: int) -> None:
    assert rank(name, asked) == wanted


def test_the_other_language_counts_as_a_name() -> None:
    assert ranks(["示例镇", "云岭"], ["Shili Town", "Yunling"], "town").tolist() == [NAMED, NOT]
    assert ranks([], [], "slz").tolist() == []


@pytest.mark.parametrize("asked", ["s", "sl", "zh", "zhe", "lz", "n", "nvec", "le", "z3", "wsy"])
def test_agrees_with_spelling_every_name_in_all_ways(asked: str) -> None:
    """The twin writes out each name in all ways and looks whether one begins as asked."""
    for name in NAMES:
        read = [pinyin(c, style=Style.NORMAL, heteronym=True)[0] for c in name]
        ways = []
        for each in read:
            every = {w for r in each for w in (r, r.replace("v", "u"), r.replace("v", "yu"))}
            short = {w[0] for w in every}
            short |= {w[:2] for w in every if w[:2] in ("zh", "ch", "sh")}
            ways.append(sorted(every | short))
        begins = [
            any("".join(way).startswith(asked) for way in product(*ways[n:]))
            for n in range(len(name))
        ]
        wanted = BEGINS if begins[0] else WITHIN if any(begins) else NOT
        assert rank(name, asked) == wanted, name
