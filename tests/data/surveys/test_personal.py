"""What tells who somebody is does not survive; what a comment says does."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.surveys.personal import LONGEST, mask, masked

SECRETS = {
    "打我电话138\u200b1234\u20605678": "12345678",
    "打我电话13812345678": "13812345678",
    "打我电话 138 1234 5678 谢谢": "5678",
    "电话１３８１２３４５６７８": "12345678",
    "座机0571-87654321": "87654321",
    "身份证330101199001011234在手": "33010119900101",
    "身份证33010119900101123X": "123X",
    "老证330101900101123。": "330101900101123",
    "邮箱 zhang.san@example.com": "zhang.san",
    "车牌浙A12345乱停": "A12345",
    "车牌浙A·D12345": "D12345",
    "微信号：abc_12345": "abc_12345",
    "QQ 1234567": "1234567",
    "一三八一二三四五六七八": "一三八一二三四",
    "我叫张三丰，住在村东头": "张三丰",
    "联系人：李四": "李四",
    "姓名为王小明 希望修路": "王小明",
    "我是赵六。": "赵六",
    "王书记不理人": "王书",
    "张建国主任态度不好": "张建国",
    "幸福路12号3栋2单元501室漏水": "12号",
    "住在八号楼三单元": "八号楼",
}
HARMLESS = [
    "希望多装路灯，晚上太黑",
    "垃圾没人清，自来水断断续续",
    "办事要跑3趟，排队2小时",
    "卫生院没有药，12345打了没用",
    "2025年修的路，2026年又坏了",
    "公交车一天只有两班",
]


@pytest.mark.parametrize(("text", "secret"), SECRETS.items())
def test_what_tells_who_somebody_is_is_covered(text: str, secret: str) -> None:
    covered = mask(text)
    assert secret not in covered
    assert "【" in covered


@pytest.mark.parametrize("text", HARMLESS)
def test_what_a_comment_says_stays(text: str) -> None:
    assert mask(text) == text.replace("，", ",")


@given(st.text(alphabet="我叫张三，住5号楼 138", max_size=30), st.from_regex(
    r"1[3-9][0-9]{9}", fullmatch=True))  # fmt: skip
def test_no_telephone_number_survives_whatever_stands_around_it(text: str, number: str) -> None:
    assert number not in mask(f"{text}，{number}，{text}")


def test_texts_are_covered_together_and_cut() -> None:
    found = masked(pd.Series(["好", "好", "长" * 3000]))
    assert found.tolist() == ["好", "好", "长" * LONGEST]
    assert mask(mask("我叫张三丰，13812345678")) == mask("我叫张三丰，13812345678")
