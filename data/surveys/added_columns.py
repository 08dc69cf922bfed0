"""Columns that somebody put beside the answers of a 问卷星 export: those that are no answers.

Every question of an export has a number in its heading. A column without one was added, or its
heading was changed; where it may be an answer, a place or a mark that answers do not count, a
person is asked.
"""

import re
from collections.abc import Callable, Mapping

from data.surveys.answer_labels import are_yes_or_no, mostly_satisfied, without_option

# Who asked, noted down or looked through the answers, and by which list.
_OF_OFFICE = re.compile(
    r"(录入|登记|调查|访问|采访|审核|复核|核查|督导|质控|组织|发放|回收|导出|上传|整理|填写)"
    r"(员|人|者|人员|日期|时间|单位|部门|编号|批次|方式|渠道|小组)?(姓名|编号|工号|电话)?"
    r"|访员(姓名|编号|工号)?|(问卷|答卷|样本|记录|流水|抽样|录入|原始)(编号|号|序号|id|ID)"
    r"|编号|批次|批号|流水号|条码|二维码|录音(文件|编号)?|附件|备用\d*|预留\d*|标签|设备|浏览器|操作系统"
    r"|IP(省份|城市|归属地)|(来源|所在)?(省份|城市)|国家|Unnamed: ?\d+"
)
# A mark that answers do not count, where somebody lives, and what asks something.
_COUNTS = re.compile(
    r"有效|无效|剔除|作废|重复|合格|采用|弃用|权|[?？]|您|你|满意|评价|是否|评分"
    r"|乡|镇|街道|村|社区|地区|区域|区划|辖区|片区|网格|属地|住址|地址"
)
_FEWEST, _FEWEST_NUMBERED = 3, 20
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")


def aside(
    columns: Mapping[int, str],
    answers: Callable[[int], frozenset[str]],
    filled: Callable[[int], int],
) -> tuple[int, ...]:
    """Return the columns that are certainly no answers.

    columns: column -> heading of those without a number. answers: the different cells of a column,
    blanks aside. filled: how many cells hold one of them.
    """
    return tuple(n for n, name in columns.items() if _is_aside(name, answers(n), filled(n)))


def _is_aside(name: str, answers: frozenset[str], filled: int) -> bool:
    if not answers:
        return True
    said = {without_option(answer) for answer in answers}
    if _COUNTS.search(name) or mostly_satisfied(said) or are_yes_or_no(said):
        return False
    if _OF_OFFICE.fullmatch(name):
        return True
    # The same in each row, or a number of its own for each: neither tells what anybody thinks.
    alike = len(answers) == 1 and filled >= _FEWEST and not all(map(_NUMBER.fullmatch, answers))
    each = len(answers) == filled >= _FEWEST_NUMBERED
    numbered = each and all(map(_NUMBER.fullmatch, answers))
    return alike or numbered
