"""Made-up names of places, with their pinyin.

Names are put together from two characters each, so that they sound like places without being
taken from a gazetteer. County names come from characters that no county's name joins.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from data.words import Text

Rng = np.random.Generator


class Syllable(NamedTuple):
    """A Chinese character and how it is read."""

    character: str
    pinyin: str


def _syllables(text: str) -> tuple[Syllable, ...]:
    return tuple(Syllable(*found) for found in re.findall(r"([\u4e00-\u9fff])([a-z]+)", text))


_COUNTY = (
    _syllables(
        "云yun 霁ji 岚lan 芷zhi 澄cheng 翠cui 栖qi 黛dai 沁qin 锦jin 晴qing 渺miao 碧bi 琅lang"
    ),
    _syllables("岭ling 泽ze 渚zhu 屿yu 汀ting 阜fu 陌mo 崖ya 坞wu 麓lu 峪yu 垣yuan 墟xu 畴chou"),
)
_COUNTY_PREFIX = _syllables("东dong 西xi 南nan 北bei 上shang 下xia 中zhong 前qian 后hou 新xin 古gu")
_TOWN = (
    _syllables(
        "石shi 青qing 白bai 龙long 双shuang 大da 清qing 高gao 平ping 长chang "
        "黄huang 松song 柏bai 竹zhu 梅mei 凤feng 金jin 银yin 玉yu 花hua"
    ),
    _syllables(
        "桥qiao 坪ping 河he 溪xi 潭tan 坝ba 岭ling 坡po 洞dong 滩tan 沟gou 峰feng 泉quan "
        "田tian 塘tang 渡du"
    ),
)
_URBAN = (
    _syllables(
        "文wen 明ming 德de 兴xing 东dong 西xi 南nan 北bei 朝chao 建jian 永yong 安an 和he "
        "光guang 迎ying"
    ),
    _syllables("昌chang 湖hu 苑yuan 门men 华hua 康kang 宁ning 阳yang 泰tai 祥xiang"),
)
_HOUSE = _syllables("家jia")[0]
_VILLAGE = (
    _syllables(
        "陈chen 李li 王wang 张zhang 刘liu 杨yang 周zhou 吴wu 赵zhao 徐xu 孙sun 马ma 朱zhu 胡hu "
        "郭guo 何he 林lin 罗luo 郑zheng 梁liang 谢xie 宋song 唐tang 许xu 韩han 冯feng 邓deng 曹cao"
    ),
    _syllables("湾wan 沟gou 坪ping 寨zhai 院yuan 岗gang 坳ao 畈fan 冲chong 垭ya 坝ba 咀zui"),
)
MOST_COUNTIES = len(_COUNTY[0]) * len(_COUNTY[1]) * (1 + len(_COUNTY_PREFIX))


def _join(syllables: Sequence[Syllable], ending: Text) -> Text:
    english = "".join(syllable.pinyin for syllable in syllables).capitalize()
    chinese = "".join(syllable.character for syllable in syllables)
    return Text(zh=f"{chinese}{ending.zh}", en=f"{english} {ending.en}")


def _draw(
    rng: Rng, pool: tuple[tuple[Syllable, ...], tuple[Syllable, ...]], number: int
) -> list[tuple[Syllable, Syllable]]:
    """Draw different pairs of syllables; ValueError when the pool has too few."""
    first, second = pool
    chosen = rng.choice(len(first) * len(second), size=number, replace=False)
    return [(first[i // len(second)], second[i % len(second)]) for i in chosen]


def county_name(index: int) -> Text:
    """Return the name of the index-th county; the first is 云岭县."""
    first, second = _COUNTY
    prefix, pair = divmod(index, len(first) * len(second))
    # Walking both lists at once makes neighbouring counties sound different.
    syllables = [first[pair % len(first)], second[(pair + pair // len(first)) % len(second)]]
    before = [_COUNTY_PREFIX[prefix - 1]] if prefix else []
    return _join([*before, *syllables], Text("县", "County"))


def subdistrict_names(rng: Rng, number: int) -> list[Text]:
    """Return different names of sub-districts; the first is the one practice files use."""
    ending = Text("街道", "Subdistrict")
    drawn = [_join(pair, ending) for pair in _draw(rng, _URBAN, number)]
    return [Text("示例街道", "Shili Subdistrict"), *drawn[1:]]


def town_names(rng: Rng, towns: int, townships: int) -> list[Text]:
    """Return different names of towns, then of townships; the first of each is for practice."""
    pairs = _draw(rng, _TOWN, towns + townships)
    town, township = Text("镇", "Town"), Text("乡", "Township")
    return [
        Text("示例镇", "Shili Town"),
        *(_join(pair, town) for pair in pairs[1:towns]),
        Text("样例乡", "Yangli Township"),
        *(_join(pair, township) for pair in pairs[towns + 1 :]),
    ]


def community_names(rng: Rng, communities: int, villages: int) -> list[Text]:
    """Return different names within one township: communities first, then villages."""
    community, village = Text("社区", "Community"), Text("村", "Village")
    return [
        *(_join(pair, community) for pair in _draw(rng, _URBAN, communities)),
        *(
            _join((surname, _HOUSE, land), village)
            for surname, land in _draw(rng, _VILLAGE, villages)
        ),
    ]
