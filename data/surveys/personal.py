"""What tells who somebody is, covered in free text before it is kept.

A cover says what stood there (【电话】), so that the sentence stays readable. Rather too much is
covered than too little: a number of seven digits is covered whatever it is. Nothing here finds
every name; comments are therefore shown in groups only, and never with a place.
"""

import re
import unicodedata

import pandas as pd

from data.formats.unseen import without

LONGEST = 1000
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程"
    "苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛"
    "郝龚邵万钱严覃武戴莫孔向汤"
)
_TITLES = (
    "书记|主任|村长|支书|组长|镇长|乡长|所长|局长|科长|队长|站长|医生|大夫|老师|同志|警官|师傅"
)
_HAN = "\u4e00-\u9fa5"
_DIGIT = "[0-9零〇一二三四五六七八九幺]"
# Order matters: an identity number holds what looks like a telephone number.
_RULES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "【邮箱】",
        re.compile(
            r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]++@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"
        ),
    ),
    ("【证件号】", re.compile(r"(?<!\d)\d{17}[\dXx](?![\dA-Za-z])|(?<!\d)\d{15}(?!\d)")),
    (
        "【车牌】",
        re.compile(
            "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z]"
            r"[·.\s-]?(?=[A-Z0-9]{0,4}\d)[A-Z0-9]{5,6}(?![A-Z0-9])",
            re.IGNORECASE,
        ),
    ),
    (
        "【账号】",
        re.compile(r"(?:微信|QQ|VX|WX|抖音|快手)号?[是为:：\s]*[A-Za-z0-9_-]{5,}", re.IGNORECASE),
    ),
    ("【电话】", re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")),
    ("【电话】", re.compile(r"(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)")),
    ("【号码】", re.compile(rf"{_DIGIT}(?:[- ]?{_DIGIT}){{6,}}")),
    (
        "【门牌】",
        re.compile(
            r"(?:[0-9零〇一二三四五六七八九十百]{1,6}(?:号楼|号院|号|弄|栋|幢|座|单元|楼|层|室|户)-?)+"
            r"(?:[0-9]{1,5}室?)?"
        ),
    ),
    (
        r"\1【姓名】",
        re.compile(
            r"((?:我叫|我名叫|名叫|叫做|姓名|联系人|户主|本人姓名)[是为:：\s]*)"
            rf"(?:[{_SURNAMES}][{_HAN}]{{1,2}}|[{_HAN}]{{2,3}}(?=[，。,.;；、\s!！]|$))"
        ),
    ),
    (
        r"\1【姓名】",
        re.compile(rf"((?:我是|本人|我家的?|邻居)[:：\s]*)[{_SURNAMES}][{_HAN}]{{1,2}}"
                   r"(?=[，。,.;；、\s!！]|$)"),
    ),
    (r"【姓名】\1", re.compile(rf"[{_SURNAMES}][{_HAN}]{{0,2}}?({_TITLES})")),
)  # fmt: skip


def mask(text: str) -> str:
    """Return a text with what tells who somebody is covered, and cut at LONGEST characters.

    Covered: telephone and identity numbers, other numbers of seven digits and more (in digits or in
    Chinese), e-mail addresses, number plates, accounts, house numbers, and names after words that
    announce one (我叫, 联系人) or before a title (王书记).
    """
    # A number is found whatever nobody sees stands between its digits.
    covered = unicodedata.normalize("NFKC", without(text)).strip()
    for cover, pattern in _RULES:
        covered = pattern.sub(cover, covered)
    return covered[:LONGEST]


def masked(texts: pd.Series) -> pd.Series:
    """Return `mask` of every text."""
    known = {text: mask(text) for text in texts.unique()}
    return texts.map(known)
