"""Surveys that are no export of 问卷星: a row per respondent, a column per question, free headings.

Exports of 腾讯问卷, 金数据, Microsoft Forms, Qualtrics, SurveyMonkey (`formats.tool_headings` joins
their rows of headings), LimeSurvey, KoboToolbox and the collecting forms of 腾讯文档 and WPS, and
sheets typed by hand. Some columns of their own only such tools have: with one question that is
answered by satisfaction they are certain. Any other file is a survey when a person says so
(`SURVEY` for its table), or said so of the same headings before. Questions are numbered as their
headings are, or by column.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, takewhile

import pandas as pd
import pyarrow as pa

from data.files import Grid
from data.surveys import number_scales, wjx
from data.surveys.answer_labels import NOT_ANSWERED, all_satisfied, without_option
from data.surveys.respondents import weight_column
from data.surveys.wjx import Question, WjxSurvey

# What a person says for the table of such a file.
SURVEY = "survey"
# Between the options of one cell; which of them, is only taken where nothing else is possible.
SEPARATORS = (wjx.SEPARATOR, "|", ";", "；", "\n", ",", "，", "、")
# Own columns by what they say; all that say who somebody is are dropped.
_TIMES = {
    "ended": (
        "提交时间", "提交答卷时间", "结束答题时间", "答题结束时间", "结束时间", "填写时间",
        "答题时间", "调查时间", "调查日期", "填表时间", "填表日期", "访问时间", "访问日期",
        "完成时间", "completiontime", "enddate", "datemodified", "submitdate", "datesubmitted",
        "end",
    ),
    "started": (
        "开始答题时间", "开始答卷时间", "答题开始时间", "开始时间", "开始填写时间",
        "starttime", "startdate", "datecreated", "datestarted", "start",
    ),
    "seconds": (
        "所用时间", "答题时长", "答题用时", "填写时长", "填写用时", "答题时长(秒)",
        "duration(inseconds)", "interviewtime",
    ),
    "address": ("来自ip", "ip", "ip地址", "ipaddress", "ipaddr"),
    "status": ("status",),
}  # fmt: skip
_WHO = frozenset({
    "提交人", "提交者", "填写人", "填写者", "填表人", "填报人", "答题人", "昵称", "用户昵称",
    "提交者昵称", "微信昵称", "微信openid", "微信头像", "微信性别", "用户id", "用户标识",
    "openid", "调查员", "访问员", "答题者", "填写人工号", "ip省份", "ip城市", "ip归属地",
    "email", "name", "电子邮件", "名称", "emailaddress", "firstname", "lastname",
    "recipientlastname", "recipientfirstname", "recipientemail", "externalreference",
    "locationlatitude", "locationlongitude", "token", "username", "phonenumber", "deviceid",
    "_submitted_by",
})  # fmt: skip
_ASIDE = frozenset({
    "序号", "编号", "答题序号", "答卷编号", "来源", "来源详情", "来源渠道", "填写设备", "设备",
    "操作系统", "浏览器", "ua", "referrer", "语言", "地理位置国家和地区", "地理位置省",
    "地理位置市", "微信国家", "微信省市", "用户类型", "自定义字段", "清洗数据结果",
    "智能清洗数据无效概率", "审核状态", "中奖时间", "中奖金额", "修改时间", "更新时间", "总分",
    "id", "language", "lastmodifiedtime", "上次修改时间", "progress", "finished", "recordeddate",
    "responseid", "distributionchannel", "userlanguage", "respondentid", "collectorid",
    "customdata", "customdata1", "lastpage", "startlanguage", "seed", "datestamp", "refurl",
    "referrerurl", "datelastaction", "today", "_id", "_uuid", "_submission_time",
    "_validation_status", "_notes", "_status", "__version__", "_tags", "_index",
    "meta/instanceid", "meta/rootuuid",
})  # fmt: skip
# Own columns that stand together only in the export of such a tool.
_TELLING = (
    {"开始答题时间", "结束答题时间"},
    {"提交时间", "填写设备"},
    {"提交时间", "修改时间", "ip"},
    {"提交时间", "提交人"},
    {"提交时间", "提交者"},
    {"提交时间(自动)"},
    {"提交者(自动)"},
    {"答题时间", "答题者"},
    {"答题时长", "答题者"},
    {"id", "开始时间", "完成时间"},
    {"id", "starttime", "completiontime"},
    {"startdate", "enddate", "responseid"},
    {"respondentid", "collectorid"},
    {"submitdate", "lastpage"},
    {"responseid", "datesubmitted"},
    {"_uuid", "_submission_time"},
)
# LimeSurvey: `Q02[SQ001]. 您最关心的事： [道路]`, or the wording alone.
_CODED = re.compile(r"([A-Za-z][A-Za-z0-9]*)(?:\[[^\]]*\])*\.(?:\s+(.*))?", re.DOTALL)
_TIMED = re.compile(r"(?i)(?:question|group)\s?time.*|[a-z]+[0-9]+time")
_WITHIN = re.compile(r"(.*\S)\s*\[([^\[\]]+)\]", re.DOTALL)
_MARKS = re.compile(r"\s*[（(\[【](?:必填|选填|自动|单选题?|多选题?|可多选|填空题?)[）)\]】]\s*$")
_NUMBER = re.compile(
    r"\s*(?:[Qq第])?(\d{1,3})(?:题)?\s*(?:[.、．)）:：_]|(?=[(（])|(?<=\s)|$)\s*(.*)", re.DOTALL
)
# Between what a question asks and one of its parts: 最关心的事：道路.
_JOINT = re.compile(r"\s*(?:——|\s[-–]\s|[—:：|_])\s*")
_OF_PEOPLE = re.compile(
    r"性别|年龄|学历|文化程度|职业|户籍|[您你吗？?]|(?i:\b(?:sex|gender|age)\b)"
)
_OTHER = ("其他", "其它")
_BARE_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
_MOST_OPTIONS = 40


def recognise(
    grid: Grid, *, said: bool, remembered: Callable[[Sequence[Question]], bool]
) -> tuple[Grid, WjxSurvey] | None:
    """Return a survey's cells and structure, or None where nobody can be certain that it is one.

    said: a person says it is one. remembered: tells of a questionnaire (`WjxSurvey.asked`) whether
    somebody said so before. A multiple choice ticked by its options' words comes back as 1 and 0.
    """
    names = _names(grid.header)
    weight = weight_column(names)
    own = [n for n, name in enumerate(names) if _is_own(name) or n == weight]
    others = [n for n, name in enumerate(names) if name and n not in set(own)]
    blocks = _blocks(names, others)
    asked = tuple(block.asked for block in blocks)
    if not asked or not (said or remembered(asked) or _is_certain(grid, names, own, others)):
        return None
    grid, ticks = _ticked(grid, blocks)
    seen = wjx.Seen(grid)
    questions = tuple(q for block in blocks for q in _read(seen, block, block.number in ticks))
    personal = [n for n in own if _plain(names[n]) in _WHO or _role(names[n]) == "address"]
    personal += [n for question in questions if question.personal for n in question.columns]
    roles = {role: n for n in reversed(own) if (role := _role(names[n]))}
    if "recordeddate" not in map(_plain, names):  # elsewhere 1 is no preview
        roles.pop("status", None)
    roles |= {} if weight is None else {"weight": weight}
    return grid, WjxSurvey(tuple(own), questions, tuple(personal), roles, asked)


def looks_like_one(grid: Grid) -> bool:
    """Say whether a file may be a survey, so that a person is asked about that first."""
    numbered = sum(bool(_NUMBER.fullmatch(_name(header))) for header in grid.header)
    return 2 * numbered > len(grid.header) or _scores(grid, range(len(grid.header)))


def _is_certain(
    grid: Grid, names: Sequence[str], own: Sequence[int], others: Sequence[int]
) -> bool:
    telling = {_plain(name) for name in (*grid.header, *names)}
    # What is asked of all answers comes last: a table of a million rows is no survey by its names.
    if any(each <= telling for each in _TELLING) or _is_numbered(names, own, others):
        return _scores(grid, others)
    if grid.kind != "sav":
        return False
    # Few other things come as one: a record of people is known by what it asks them.
    scored = [n for n in others if _scores(grid, [n])]
    of_people = any(map(_OF_PEOPLE.search, map(names.__getitem__, others)))
    return len(scored) > 1 or (bool(scored) and of_people)


def _is_numbered(names: Sequence[str], own: Sequence[int], others: Sequence[int]) -> bool:
    """Say whether a tool wrote the headings: a time, more of its own, all others numbered on."""
    found = [_NUMBER.fullmatch(names[n]) for n in others]
    numbers = [int(match[1]) for match in found if match]
    timed = any(_role(names[n]) not in (None, "address", "status") for n in own)
    whole = len(numbers) == len(others) and len(set(numbers)) > 1
    return whole and numbers == sorted(numbers) and timed and len(own) > 1


def _scores(grid: Grid, columns: Sequence[int]) -> bool:
    """Say whether one of the columns is answered by satisfaction only."""
    seen = wjx.Seen(grid)
    return any(
        all_satisfied(seen(n)) or number_scales.scale_of(_name(grid.header[n]), seen(n))
        for n in columns
    )


def separators(answers: Sequence[str]) -> list[str]:
    """Return what may stand between the options of answers, the likeliest first."""
    return [mark for mark in SEPARATORS if any(mark in answer for answer in answers)]


def _plain(header: str) -> str:
    return unicodedata.normalize("NFKC", wjx.heading(header)).replace(" ", "").lower()


def _names(header: Sequence[str]) -> list[str]:
    """Return what headings say, each part behind a colon where a tool parts them in its own way."""
    names = [_name(text) for text in header]
    bare = set(map(_plain, names))
    coded = [_CODED.fullmatch(name) for name in names]
    codes = {match[1].lower() for match in coded if match}
    if {"id", "submitdate"} <= codes:  # LimeSurvey, by code and wording
        return [_worded(match, name) for match, name in zip(coded, names, strict=True)]
    if {"responseid", "datesubmitted"} <= bare:  # LimeSurvey, by wording
        return [name if _is_own(name) else _within(name) for name in names]
    if {"_uuid", "_submission_time"} <= bare:  # KoboToolbox
        return [name if _is_own(name) else name.replace("/", "：") for name in names]
    return names


def _worded(coded: re.Match[str] | None, name: str) -> str:
    """Return the wording behind a code, the code of a column of the tool's own."""
    if coded is None:
        return name
    code = coded[1].lower()
    own = _is_own(code)
    return code if own else _within(coded[2] or "") or code


def _within(text: str) -> str:
    """Write `最关心的事 [道路]` as 最关心的事：道路."""
    parts = _WITHIN.fullmatch(text)
    return f"{parts[1].rstrip(':：')}：{parts[2]}" if parts else text


def _name(header: str) -> str:
    """Return a heading without what the tool adds to it: 是否方便（必填）, 提交者（自动）."""
    name = wjx.heading(header).strip(" *")
    while (shorter := _MARKS.sub("", name).strip(" *")) != name:
        name = shorter
    return name


def _role(name: str) -> str | None:
    plain = _plain(name)
    return next((role for role, names in _TIMES.items() if plain in names), None)


def _is_own(name: str) -> bool:
    return _plain(name) in _WHO | _ASIDE or _role(name) is not None or bool(_TIMED.fullmatch(name))


@dataclass(frozen=True)
class _Block:
    """Columns of one number. parts: wording and column of each. counted: by place."""

    number: int
    parts: tuple[tuple[str, int], ...]
    counted: bool

    @property
    def columns(self) -> tuple[int, ...]:
        return tuple(position for _, position in self.parts)

    @property
    def asked(self) -> Question:
        """The question as its headings say it, whatever was answered."""
        items = tuple(text for text, _ in self.parts) if len(self.parts) > 1 else ()
        return Question(self.number, "text", self.columns, self.parts[0][0], items=items)

    @property
    def stem_and_options(self) -> tuple[str, tuple[str, ...]]:
        """What the headings have in common, and what each adds."""
        texts = tuple(text for text, _ in self.parts)
        same = takewhile(lambda signs: len(set(signs)) == 1, zip(*texts, strict=False))
        shared = "".join(signs[0] for signs in same) if len(texts) > 1 else ""
        joints = [joint for joint in _JOINT.finditer(shared) if joint.start() > 1]
        if not joints:
            return "", texts
        options = tuple(text[joints[-1].end() :].strip() for text in texts)
        return (shared[: joints[-1].start()], options) if all(options) else ("", texts)


def _blocks(headings: Sequence[str], columns: Sequence[int]) -> list[_Block]:
    """Return the questions, from the headings alone.

    Where all headings are numbered and no number is split, theirs are the numbers. Else columns
    are counted, and those side by side that begin alike (最关心的事：道路) stand together.
    """
    names = [(headings[n], n) for n in columns]
    numbered = [(match, n) for name, n in names if (match := _NUMBER.fullmatch(name))]
    parts = [(int(match[1]), (match[2], n)) for match, n in numbered]
    groups = [(k, tuple(p for _, p in group)) for k, group in groupby(parts, lambda p: p[0])]
    if len(parts) == len(names) and len({k for k, _ in groups}) == len(groups):
        return [_Block(number, group, counted=False) for number, group in groups]
    found: list[_Block] = []
    for number, part in enumerate(names, start=1):
        joined = _Block(found[-1].number, (*found[-1].parts, part), True) if found else None
        if joined and joined.stem_and_options[0]:
            found[-1] = joined
        else:
            found.append(_Block(number, (part,), counted=True))
    return found


def _ticked(grid: Grid, blocks: Sequence[_Block]) -> tuple[Grid, set[int]]:
    """Write 1 and 0 for options that are ticked by their own words (腾讯问卷).

    A row with nothing in any column of the question is not answered. Returns also the numbers of
    the questions that are multiple choices with a column for each option.
    """
    seen, ticks, cells = wjx.Seen(grid), set(), grid.cells
    for block in blocks:
        answers = seen(*block.columns)
        if len(block.parts) < 2 or not answers:
            continue
        if answers <= {"0", "1"} and "0" in answers:
            ticks.add(block.number)
            continue
        worded = zip(block.stem_and_options[1], block.columns, strict=True)
        named = all(_is_option(word, option) for option, n in worded for word in seen(n))
        if not named and not _are_marks(answers, grid.header[block.columns[0]]):
            continue
        ticks.add(block.number)
        given = pd.DataFrame({n: ~wjx.cells(grid, n).isin(NOT_ANSWERED) for n in block.columns})
        told = given.astype(int).astype(str).where(given.any(axis=1), "")
        for n in block.columns:
            cells = cells.set_column(n, f"c{n}", pa.chunked_array([pa.array(told[n].tolist())]))
    return replace(grid, cells=cells), ticks


def _are_marks(answers: frozenset[str], heading: str) -> bool:
    """Say whether cells are ticks and blanks; 1 is one only where several may be chosen."""
    return answers <= wjx.MARKS or (answers == {"1"} and bool(wjx.SEVERAL.search(heading)))


def _is_option(word: str, option: str) -> bool:
    """Say whether a cell repeats its option: `B.饮水` under 饮水, `其他:路灯` under 其他."""
    bare, named = (_plain(without_option(text)) for text in (word, option))
    return bare == named or (named.startswith(_OTHER) and bare.startswith(_OTHER))


def _read(seen: wjx.Seen, block: _Block, ticked: bool) -> list[Question]:
    """Return a block's question, or one for each column where only the headings are alike."""
    stem, options = block.stem_and_options
    if ticked:
        return [Question(block.number, "multi", block.columns, stem, options=options)]
    singles = [
        _single(seen, block.number + place, text, position)
        for place, (text, position) in enumerate(block.parts)
    ]
    if block.counted or len(singles) == 1:
        return singles
    if any(question.personal for question in singles):
        return [Question(block.number, "text", block.columns, stem, items=options, personal=True)]
    scale = number_scales.scale_of(block.parts[0][0], seen(*block.columns))
    scored = bool(scale) or all(question.kind == "likert5" for question in singles)
    kind: wjx.Kind = "matrix_likert5" if scored else "matrix"
    return [Question(block.number, kind, block.columns, stem, options=options, scale=scale)]


def _single(seen: wjx.Seen, number: int, text: str, position: int) -> Question:
    question = wjx.single(seen, number, text, (position,))
    closed = question.kind in ("single", "text") and not wjx.asks_words(text)
    if question.personal or not closed:
        return question
    answers = seen(position)
    if answers and all(_BARE_NUMBER.fullmatch(answer) for answer in answers):
        return replace(question, kind="single")  # ages and counts are no comments
    mark = _separator(answers, told=bool(wjx.SEVERAL.search(seen.grid.header[position])))
    return replace(question, kind="multi", separator=mark) if mark else question


def _separator(answers: frozenset[str], told: bool) -> str | None:
    """Return what certainly stands between options, if anything does.

    One mark only, few options, none longer than a label, and no two that are always ticked
    together: those may be one option that holds the mark itself (`水、电`), or a sentence. told:
    the heading says that several may be ticked; else the same options must come again and again.
    """
    marks = [mark for mark in separators(tuple(answers)) if mark != wjx.SEPARATOR]
    if len(marks) != 1:
        return None
    chosen: dict[str, set[str]] = {}
    for answer in answers:
        for option in answer.rstrip(marks[0]).split(marks[0]):
            chosen.setdefault(wjx.clean(option), set()).add(answer)
    sound = len(chosen) <= _MOST_OPTIONS and all(0 < len(option) <= 20 for option in chosen)
    apart = len({frozenset(each) for each in chosen.values()}) == len(chosen)
    joined = sum(marks[0] in answer for answer in answers)
    again = joined > 2 and all(len(each) > 1 for each in chosen.values())
    return marks[0] if sound and apart and (told or again) else None
