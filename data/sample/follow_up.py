"""What followed from findings: actions, proposals to departments, and practices (fictional)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from data.sample.draws import YEARS, words
from data.sample.frames import frame
from data.sample.places import County

# Indicator, what was found, who mends it, how.
_FINDINGS = (
    ("C2", "部分村财务公开逾期。", "经管站", "逐村核对公开栏，按月通报。"),
    ("B2.7", "同一事项的诉求重复出现。", "便民服务中心", "重复诉求由分管领导包案，办结后回访。"),
    ("D9", "特殊困难老年人探访有漏访。", "民政办", "按月核对名册，漏访的次日补访。"),
    ("B3.2", "部分协商成果没有按期落实。", "党建办", "成果列表上墙，逐项定人定期。"),
    ("E1", "部分村法律顾问没有到岗服务。", "司法所", "签到改为留存服务记录，按季评议。"),
    ("F3", "部分便民点取消了人工窗口。", "便民服务中心", "恢复人工窗口，公示办理时间。"),
)
# Who asks what of whom. The indicator is one the county answers for.
_PROPOSALS = (
    ("D6", "山区村养老服务点步行难以到达。", "县民政局", "把闲置校舍改建为养老服务点。",
     "县教育局", "adopted", "同意先行移交闲置校舍两处。"),
    ("G4", "乡镇填报的报表名目过多。", "县委社会工作部", "相同字段的报表并表，一次采集。",
     "县统计局", "partly", "先合并三张报表，其余下一年度评估后再定。"),
    ("G1", "部门对乡镇的呼叫回应偏慢。", "县政府办公室", "建立限时回应和提级机制。",
     "县大数据局", None, None),
)  # fmt: skip
_PRACTICES = (
    ("B3.2", "innovation", "板凳议事会", "议题提前七天公示，结果当月上墙，下月复查。"),
    ("B2.5", "innovation", "接诉即办周例会", "每周例会逐件过堂，办不了的当场提级。"),
    ("D9", "model", "邻里探访队", "由邻里志愿者分片探访，异常情况当日报告。"),
    ("C2", "pilot", "财务公开“一码通”", "公开栏旁附二维码，明细可以随时查阅。"),
    ("E3", "harmonious", "和谐社区创建", "志愿服务与物业、社区三方联动，每月一次服务日。"),
)


def follow_up(county: County) -> dict[str, pd.DataFrame]:
    """Return the tables of actions, proposals and practices of a county."""
    return {
        "actions": _actions(county),
        "proposals": _proposals(county),
        "practices": _practices(county),
    }


def _texts(column: Sequence[str | None]) -> list[str]:
    return [each or "" for each in column]


def _actions(county: County) -> pd.DataFrame:
    """Some are done in time, some late, one is overdue; each has a finding of its year."""
    rng = county.stream("actions")
    size = min(2 * len(_FINDINGS), len(county.units))
    units = np.sort(rng.choice(len(county.units), size, replace=False))
    kind = np.arange(size) % len(_FINDINGS)
    year = np.array(YEARS)[np.arange(size) // len(_FINDINGS) % len(YEARS)]
    found = pd.to_datetime([f"{y + 1}-02-{d:02d}" for y, d in zip(year, 1 + kind, strict=True)])
    due = found + pd.to_timedelta(120, "D")
    done = pd.Series(found + pd.to_timedelta(rng.integers(40, 150, size), "D"))
    codes = county.units.codes[units]
    return frame(
        "actions",
        action_id=[f"ZG-{y}-{c}" for y, c in zip(year, codes, strict=True)],
        unit_code=codes,
        indicator_id=words([_FINDINGS[k][0] for k in kind]),
        year=year,
        finding=words([_FINDINGS[k][1] for k in kind]),
        owner=words([_FINDINGS[k][2] for k in kind]),
        measure=words([_FINDINGS[k][3] for k in kind]),
        found_on=found,
        due_on=due,
        done_on=done.mask(np.arange(size) % 5 == 4),
    )


def _proposals(county: County) -> pd.DataFrame:
    year = YEARS[0]
    told = list(zip(*_PROPOSALS, strict=True))
    answered = pd.Series(pd.to_datetime(f"{year + 1}-04-10"), range(len(_PROPOSALS)))
    return frame(
        "proposals",
        proposal_id=[f"JY-{year}-{county.code}-{n + 1}" for n in range(len(_PROPOSALS))],
        unit_code=county.code,
        indicator_id=words(_texts(told[0])),
        year=year,
        finding=words(_texts(told[1])),
        raised_by=words(_texts(told[2])),
        proposal=words(_texts(told[3])),
        department=words(_texts(told[4])),
        raised_on=pd.to_datetime(f"{year + 1}-02-20"),
        answered_on=answered.where(pd.Series(told[5]).notna()),
        outcome=pd.Series(told[5], dtype="str"),
        answer=pd.Series(told[6], dtype="str"),
    )


def _practices(county: County) -> pd.DataFrame:
    rng = county.stream("practices")
    size = min(len(_PRACTICES), len(county.units))
    units = rng.choice(len(county.units), size, replace=False)
    told = list(zip(*_PRACTICES[:size], strict=True))
    codes = county.units.codes[units]
    return frame(
        "practices",
        practice_id=[f"AL-{code}-{n + 1}" for n, code in enumerate(codes)],
        unit_code=codes,
        indicator_id=words(_texts(told[0])),
        kind=words(_texts(told[1])),
        title=words(_texts(told[2])),
        summary=words(_texts(told[3])),
        evidence="乡镇（街道）议事台账和年度核查记录（虚构）",
        started_on=pd.to_datetime(f"{YEARS[0] + 1}-03-01"),
        recognised_by=pd.Series(["县委社会工作部"] + [None] * (size - 1), dtype="str"),
    )
