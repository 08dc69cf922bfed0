"""What the county owes and asks: decisions, tasks, burdens, requests, appeals."""

import hashlib

import numpy as np
import pandas as pd

from data.contracts import TABLES
from data.sample.draws import (
    YEARS,
    Bools,
    Floats,
    Ints,
    Rng,
    Rows,
    Strings,
    chance,
    day,
    ids,
    later,
    office_time,
    pick,
    rows,
    share,
    words,
)
from data.sample.frames import frame, hide
from data.sample.places import County
from data.sample.qualities import Qualities

_DEPARTMENTS = (
    "县自然资源局",
    "县住房和城乡建设局",
    "县民政局",
    "县农业农村局",
    "县市场监督管理局",
    "县生态环境局",
    "县交通运输局",
    "县应急管理局",
    "县卫生健康局",
    "县人力资源和社会保障局",
    "县文化和旅游局",
    "县水利局",
)
# Kind of burden: how many a unit has in a year, times a year, hours each time.
_BURDENS = {
    "inspection": (9.0, 1.6, 9.0),
    "assessment": (4.5, 1.2, 22.0),
    "ledger": (6.0, 10.0, 3.0),
    "form": (11.0, 7.0, 2.5),
    "one_vote_veto": (0.6, 1.0, 6.0),
    "responsibility_letter": (1.6, 1.0, 3.0),
    "certificate": (2.2, 40.0, 0.3),
    "demonstration": (1.2, 1.5, 30.0),
    "meeting": (6.0, 6.0, 2.0),
    "document": (5.0, 4.0, 1.0),
    "app": (3.0, 52.0, 1.0),
    "signboard": (1.6, 1.0, 0.5),
}
_FORM_NAMES = tuple(
    f"{about}{kind}"
    for kind in ("登记表", "台账", "月报表")
    for about in (
        "人口信息", "特殊困难群众", "耕地保护", "防汛物资", "安全生产隐患", "人居环境",
        "矛盾纠纷", "志愿服务", "养老服务", "集体资产", "就业帮扶", "网格巡查",
    )
)  # fmt: skip
_FORMS = len(_FORM_NAMES)
_FIELDS = 130
# Why a township contests a figure, and what the county answers, by kind of appeal.
_WRONG_DATA = {
    "B2.2": "窗口系统升级期间的部分办件没有导入，一次办成的被算作多次。",
    "B2.5": "部分诉求在回访前已经解决，回访结果没有录入。",
    "C2": "公开栏已按期张贴，台账漏登了公开日期，附照片。",
    "D1": "新建的村级服务站已经启用，设施表中没有登记。",
    "D9": "两名探访员的手写记录没有录入系统。",
    "E2": "村规民约已经备案，备案日期漏填。",
}
_GROUNDS = {
    "method": "统计口径没有区分跨区域办理的情形，申请复核。",
    "exemption_innovation": "本年承担全县试点，按试点方案暂停原有做法，申请本年度豁免。",
    "exemption_disaster": "汛期受灾，按县防汛指挥部要求中断了相关工作，申请本年度豁免。",
}
_EXEMPTED = {
    "upheld": "情况属实，同意本年度豁免。",
    "partly": "情况属实，同意本年度豁免；下年度恢复计分，不再延长。",
    "rejected": "不符合豁免条件，照常计分。",
}
_DECISIONS = {
    "data_error": {
        "upheld": "经核查，数据有误，已更正。",
        "partly": "部分情况属实，已更正相应数据。",
        "rejected": "经核查，原数据无误。",
    },
    "method": {
        "upheld": "口径确有歧义，已书面说明，并按说明重新计算。",
        "partly": "口径不变，已补充书面说明。",
        "rejected": "口径与公布的一致，维持原值。",
    },
    "exemption_innovation": _EXEMPTED,
    "exemption_disaster": _EXEMPTED,
}
_UPLOADED = tuple(table.name for table in TABLES.values() if table.required == "M")


def major_decisions(county: County) -> pd.DataFrame:
    """Return county decisions, each touching one to six units."""
    rng = county.stream("major_decisions")
    decisions = rows(np.full((1, len(YEARS)), 18))
    touched = rng.random((len(decisions), len(county.units))) < 0.22
    touched[np.arange(len(decisions)), rng.integers(0, len(county.units), len(decisions))] = True
    decision, unit = np.nonzero(touched)
    sought = rng.random(len(unit)) < 0.74
    return frame(
        "major_decisions",
        decision_id=ids("J", words([county.code]), decisions)[decision],
        township_code=county.units.codes[unit],
        decided_on=day(rng, decisions)[decision],
        opinion_sought=sought,
        opinion_answered=hide(sought & (rng.random(len(unit)) < 0.8), ~sought),
    )


def delegated_tasks(county: County) -> pd.DataFrame:
    """Return tasks handed down by the county's departments."""
    rng = county.stream("delegated_tasks")
    drawn = rows(rng.poisson(30, (len(county.units), len(YEARS))))
    size = len(drawn)
    lists = {"basic": 0.50, "cooperate": 0.31, "recalled": 0.05, "outside": 0.14}
    return frame(
        "delegated_tasks",
        task_id=ids("K", county.units.codes, drawn),
        township_code=county.units.codes[drawn.place],
        from_dept=_departments(rng, size),
        received_on=day(rng, drawn),
        list_status=pick(rng, lists, size),
        unified_deployment=rng.random(size) < 0.28,
        support_given=rng.random(size) < 0.46 + 0.06 * drawn.year,
    )


def _departments(rng: Rng, size: int) -> Strings:
    return words(list(_DEPARTMENTS))[rng.integers(0, len(_DEPARTMENTS), size)]


def burden_register(county: County, qualities: Qualities) -> pd.DataFrame:
    """Return inspections, forms, ledgers and the like that each unit has to bear."""
    rng = county.stream("burden_register")
    units = len(county.units)
    means = np.asarray([burden[0] for burden in _BURDENS.values()])
    # The county has cut a little since the year before.
    number = rng.poisson(
        np.broadcast_to(means, (units, len(YEARS), means.size)) * [[[1.0], [0.93]]]
    )
    surge = np.zeros_like(number)
    if qualities.problems:
        surge[qualities.problems.inspected, -1, list(_BURDENS).index("inspection")] = 22
    drawn, kind, unplanned = _unfold(number + surge, surge)
    size = len(drawn)
    names = words(list(_BURDENS))
    often, long = (np.asarray([burden[i] for burden in _BURDENS.values()])[kind] for i in (1, 2))
    inspection = np.isin(names[kind], ["inspection", "assessment"])
    village = county.some_village(rng, drawn.place)
    return frame(
        "burden_register",
        burden_id=ids("B", county.units.codes, drawn),
        township_code=county.units.codes[drawn.place],
        community_code=hide(county.villages.codes[village], rng.random(size) < 0.85),
        year=drawn.calendar_year,
        kind=names[kind],
        issuer=_departments(rng, size),
        in_annual_plan=hide((rng.random(size) < 0.82) & ~unplanned, ~inspection),
        times_per_year=np.maximum(1, rng.poisson(often)),
        hours_each=np.round(long * rng.lognormal(0, 0.3, size), 1),
        legal_basis=hide(np.full(size, "依据文件已登记", dtype=object), rng.random(size) < 0.4),
        on_negative_list=hide(rng.random(size) < 0.25, names[kind] != "certificate"),
        status=pick(rng, {"active": 0.86, "merged": 0.08, "abolished": 0.06}, size),
        quarter=hide(county.stream("quarters").integers(1, 5, size), ~inspection),
    )


def _unfold(number: Ints, surge: Ints) -> tuple[Rows, Ints, Bools]:
    """Turn counts by unit × year × kind into rows; the last ones of a surge are unplanned."""
    drawn = rows(number.sum(axis=2))
    kind = np.repeat(np.tile(np.arange(number.shape[2]), number.shape[0] * number.shape[1]),
                     number.ravel())  # fmt: skip
    total = np.repeat(number.ravel(), number.ravel())
    extra = np.repeat(surge.ravel(), number.ravel())
    start = np.repeat(np.cumsum(number.ravel()) - number.ravel(), number.ravel())
    return drawn, kind, np.arange(kind.size) - start >= total - extra


def form_fields(county: County) -> pd.DataFrame:
    """Return the fields of every form in force; many forms ask for the same ones."""
    rng = county.stream("form_fields")
    # A few fields (population, households, area) are asked in almost every form.
    appeal = 1 / (np.arange(_FIELDS) + 6)
    number = rng.integers(8, 26, _FORMS)
    keys = rng.gumbel(size=(_FORMS, _FIELDS)) + np.log(appeal)
    order = np.argsort(np.argsort(-keys, axis=1), axis=1)
    form, field = np.nonzero(order < number[:, None])
    departments = _departments(rng, _FORMS)
    return frame(
        "form_fields",
        form_id=words([f"BB-{county.code}-{i + 1:03d}" for i in form]),
        form_name=words([_FORM_NAMES[i] for i in form]),
        issuer=departments[form],
        county_code=county.code,
        field_std_code=words([f"ZD{i + 1:04d}" for i in field]),
    )


def upward_requests(county: County, qualities: Qualities) -> pd.DataFrame:
    """Return what townships asked of departments, and when they were answered."""
    rng = county.stream("upward_requests")
    drawn = rows(rng.poisson(34, (len(county.units), len(YEARS))))
    size = len(drawn)
    department = _departments(rng, size)
    punctual = np.full(size, 0.80)
    if qualities.problems:
        punctual[department == qualities.problems.late_department] = 0.22
    in_time = rng.random(size) < punctual
    raised = office_time(rng, day(rng, drawn))
    allowed = rng.choice([5, 7, 10, 15], size)
    days = np.where(in_time, rng.integers(0, allowed), allowed + rng.integers(1, 30, size))
    open_still = ~in_time & (rng.random(size) < 0.15)
    kinds = {
        "dept_call": 0.42,
        "data_share": 0.14,
        "emergency_support": 0.08,
        "problem": 0.24,
        "funding": 0.12,
    }
    return frame(
        "upward_requests",
        request_id=ids("Q", county.units.codes, drawn),
        township_code=county.units.codes[drawn.place],
        kind=pick(rng, kinds, size),
        to_dept=department,
        raised_at=raised,
        due_at=later(raised, allowed, "D"),
        answered_at=hide(later(raised, days, "D"), open_still),
        resolved=hide(rng.random(size) < np.where(in_time, 0.82, 0.5), open_still),
    )


def county_stations(county: County) -> pd.DataFrame:
    """Return stations of county departments in every unit."""
    rng = county.stream("county_stations")
    present = rng.random((len(county.units), len(_DEPARTMENTS))) < 0.5
    unit, department = np.nonzero(present)
    mgmt = pick(
        rng, {"territorial": 0.42, "dispatched": 0.46, "dispatched_exempt": 0.12}, len(unit)
    )
    return frame(
        "county_stations",
        station_id=words(
            [
                f"Z-{code}-{i + 1:02d}"
                for code, i in zip(county.units.codes[unit], department, strict=True)
            ]
        ),
        township_code=county.units.codes[unit],
        parent_dept=words(list(_DEPARTMENTS))[department],
        mgmt=mgmt,
        unified_command=hide(rng.random(len(unit)) < 0.62, mgmt != "dispatched"),
    )


def appeals(county: County) -> pd.DataFrame:
    """Return appeals against values and scores, most of them decided in time."""
    rng = county.stream("appeals")
    drawn = rows(rng.poisson(1.6, (len(county.units), len(YEARS))))
    size = len(drawn)
    filed = day(rng, drawn)
    taken = np.where(rng.random(size) < 0.86, rng.integers(3, 30, size), rng.integers(31, 60, size))
    undecided = rng.random(size) < 0.05
    kinds = {"data_error": 0.6, "method": 0.2, "exemption_innovation": 0.12,
             "exemption_disaster": 0.08}  # fmt: skip
    outcome = pick(rng, {"upheld": 0.45, "partly": 0.25, "rejected": 0.3}, size)
    kind = pick(rng, kinds, size)
    indicator = pick(rng, dict.fromkeys(_WRONG_DATA, 1), size)
    told = list(zip(kind, indicator, outcome, strict=True))
    return frame(
        "appeals",
        appeal_id=ids("S", county.units.codes, drawn),
        township_code=county.units.codes[drawn.place],
        kind=kind,
        indicator_id=indicator,
        filed_on=filed,
        due_on=later(filed, 30, "D"),
        decided_on=hide(later(filed, taken, "D"), undecided),
        outcome=hide(outcome, undecided),
        note=hide(words([_DECISIONS[k][end] for k, _, end in told]), undecided),
        year=drawn.calendar_year,
        reason=words([_GROUNDS.get(k, _WRONG_DATA[i]) for k, i, _ in told]),
    )


def load_log(county: County, qualities: Qualities) -> pd.DataFrame:
    """Return how complete and valid the uploads of every unit were."""
    rng = county.stream("load_log")
    unit, year, table = np.indices((len(county.units), len(YEARS), len(_UPLOADED))).reshape(3, -1)
    expected = rng.integers(200, 4000, len(unit))
    latent: Floats = qualities.facts["F"][unit, year]
    complete = chance(rng, 0.5, latent, 0.8)
    codes = county.units.codes[unit]
    load_ids = [
        f"L{YEARS[y]}-{code}-{t + 1:02d}"
        for code, y, t in zip(codes, year.tolist(), table.tolist(), strict=True)
    ]
    return frame(
        "load_log",
        load_id=words(load_ids),
        township_code=codes,
        table_name=words(list(_UPLOADED))[table],
        file_sha256=words([hashlib.sha256(load.encode()).hexdigest() for load in load_ids]),
        cells_expected_n=expected,
        cells_valid_n=np.where(
            complete, expected, rng.binomial(expected, share(0.96, latent, 0.4))
        ),
    )
