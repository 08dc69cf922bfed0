"""Exports of 问卷星, read by the position of columns, never by their names.

Real headers repeat, lose their stem after a question's first column ('4、社会治安', '5(饮水)'), and
changed between years; what holds is the order: the export's own columns, then the questions, each
header beginning with its question number. How a question is laid out (one column, rows of a
matrix, options) is read from the headers alone, what it is from the answers.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal

import pandas as pd
import pyarrow.compute as pc

from data.clock import CHINA
from data.errors import DataError
from data.formats import unseen
from data.formats.grid import Grid
from data.formats.headings import is_aside
from data.surveys import added_columns
from data.surveys.answer_labels import NOT_ANSWERED, all_satisfied, are_yes_or_no, mostly_satisfied
from data.surveys.number_scales import scale_of
from data.surveys.respondents import weight_column

Kind = Literal[
    "single", "multi", "matrix", "likert5", "matrix_likert5", "ranking", "area", "village", "text"
]

META = (
    "序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP", "总分",
    "开始答卷时间", "用户ID", "微信昵称", "微信OpenID", "答题人",
)  # fmt: skip
_ROLES = {"ended": "提交答卷时间", "seconds": "所用时间", "address": "来自IP"}
# Own columns that say who answered.
PERSONAL_META = frozenset({"来自IP", "用户ID", "微信昵称", "微信OpenID", "答题人"})
# Columns that the tool or its users put beside the answers and that ask nobody anything.
_BESIDE = frozenset({"自定义字段", "答卷标签", "审核状态", "微信头像", "微信性别"})
# A plain table may have 序号 and 来源; these only an export has.
_TELLING = frozenset({"提交答卷时间", "所用时间", "来自IP"})
SEPARATOR = "┋"
ARROW = "→"
# Blanks at the edges of a cell, those that nobody sees included.
_EDGES = unseen.BLANKS + "\f\v\u200b\u200c\u200d\u2060\ufeff"
# '4、…', '4. …', '4 (…)', '11(…)' and the bare '4', but neither '2025年…' nor '3岁…'.
_NUMBERED = re.compile(r"^\s*(\d{1,3})\s*(?:[.、．)）:：]|(?=[(（])|(?<=\s)|$)(.*)$", re.DOTALL)
# A ticked option; 其他 may carry its text behind a caret.
_TICK = re.compile(r"[0０]|[1１](\^.*)?", re.DOTALL)
# Marks of a tick, beside blanks for what was left.
MARKS = frozenset({"√", "✓", "✔", "☑", "■", "●", "V", "v"})
SEVERAL = re.compile("多选|可选|限选|最多选|任选")
_AREA = re.compile(r"乡镇|街道|乡（镇|镇（乡|乡\(镇|镇\(乡")
_VILLAGE = re.compile(r"村|社区|居委")
_WHERE = re.compile(r"所在|居住|所属|属于|来自|哪|户籍|住在")
# A question about a place is not the question where somebody lives.
_ABOUT = re.compile(
    r"满意|评价|是否|知道|多少|多久|几年|几次|年限|干部|服务|环境|建议|意见|什么|怎"
)
_PLACE = re.compile(r"\d{9}(\d{3})?|.*(乡|镇|街道|办事处|苏木|村|社区|居委会|村委会|嘎查|场)")
_PERSONAL = re.compile(r"姓名|手机|电话|邮箱|身份证|微信号|QQ号|住址|门牌|联系方式")
_PERSONAL_VALUE = re.compile(
    r"[^@\s]+@[^@\s]+\.\w+|(\+?86)?[- ]?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|\d{17}[\dXx]"
    r"|\d{1,3}(\.\d{1,3}){3}"
)
_OPEN = re.compile(r"建议|意见|说什么|请填写|原因是")
_SHORT = 16
_DURATION = re.compile(
    r"(?:(\d+)天)?(?:(\d+)(?:小时|时))?(?:(\d+)(?:分钟|分))?(?:(\d+(?:\.\d+)?)(?:秒钟|秒)?)?"
)
_DAY = 86_400
_CLOCK = re.compile(r"(\d+):(\d{1,2}):(\d{1,2})")


@dataclass(frozen=True)
class Question:
    """One question: its number, kind, columns (0-based) and the words of its columns.

    items: rows of a matrix. options: options that have one column each: 0/1 of a multiple
    choice, places of a ranking. separator: between the options of one column. stem: '' where
    the header is only a number.
    """

    number: int
    kind: Kind
    columns: tuple[int, ...]
    stem: str
    items: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    separator: str | None = None
    personal: bool = False
    scale: Mapping[str, int] = field(default_factory=dict)
    marked: bool = False


@dataclass(frozen=True)
class WjxSurvey:
    """The structure of one export: its own columns, the questions, the personal columns.

    roles: 'ended', 'started', 'seconds', 'address', 'weight' -> own column that says it. asked: the
    questions as the headings alone say them, where that is less than `questions`. aside: own
    columns of remarks.
    """

    meta_columns: tuple[int, ...]
    questions: tuple[Question, ...]
    personal: tuple[int, ...]
    roles: Mapping[str, int] = field(default_factory=dict)
    asked: tuple[Question, ...] = ()
    aside: tuple[int, ...] = ()

    def meta(self, grid: Grid, role: str) -> pd.Series | None:
        """Return the own column of a role as text, or None where it is missing."""
        position = self.roles.get(role)
        return None if position is None else cells(grid, position)


def heading(text: str) -> str:
    """Return a header without blanks at its edges and without characters that nobody sees."""
    return clean(unseen.without(text))


def clean(text: str) -> str:
    """Return a text without blanks at its edges, invisible ones included."""
    return text.strip(_EDGES)


def cells(grid: Grid, position: int) -> pd.Series:
    """Return one column as text without surrounding blanks; nulls are empty."""
    text: pd.Series = grid.cells.column(position).to_pandas()
    return text.astype(object).where(text.notna(), "").astype(str).str.strip(_EDGES)


def asks_who(text: str) -> bool:
    """Say whether a question asks who somebody is: by name, number or address."""
    return bool(_PERSONAL.search(text))


def asks_township(text: str) -> bool:
    """Say whether the words of a question may ask in which township somebody lives."""
    return bool(_AREA.search(text)) and not _ABOUT.search(text)


def asks_words(text: str) -> bool:
    """Say whether a question asks for somebody's own words."""
    return bool(_OPEN.search(text))


def duration_seconds(times: pd.Series) -> pd.Series:
    """Read 所用时间 as seconds: '80秒', '1分20秒', '1小时2分', '00:01:20', or a number of seconds.

    Returns floats; NaN where nothing of it is certain ('1:20' is hours or minutes, '-3')
    or it would be a year and more.
    """
    known = {text: _seconds(text) for text in times.unique()}
    seconds = times.map(known).astype(float)
    return seconds.where(seconds < 366 * _DAY)


def moments(texts: pd.Series) -> pd.Series:
    """Read days and times: 2025/3/1 9:02, 2025年3月1日 9时2分, 01-Mar-2025 09:02:00; NaT else.

    Only with the year first, or the month by name: of 3/4/2025 nobody knows which is the month.
    One with an offset (…T09:02:00+08:00, …Z) is brought to China's time.
    """
    plain = texts.str.replace(r"(?<=\d)[年月](?=\d)", "-", regex=True)
    plain = plain.str.replace(r"(?<=\d)日\s*", " ", regex=True)
    plain = plain.str.replace(r"(?<=\d)[时点分](?=\d)", ":", regex=True)
    plain = plain.str.replace(r"(?<=\d)[分秒]$", "", regex=True).str.strip()
    dated = plain.where(plain.str.match(r"(19|20)\d\d\D|\d{1,2}-[A-Z][a-z]{2}-20\d\d\b"), "")
    zoned = dated.str.contains(r"\d(?:Z|[+-]\d\d:?\d\d)$")
    here = pd.to_datetime(dated.where(zoned, ""), errors="coerce", format="mixed", utc=True)
    told = pd.to_datetime(dated.mask(zoned, ""), errors="coerce", format="mixed")
    return told.where(~zoned, here.dt.tz_convert(CHINA).dt.tz_localize(None))


def _seconds(text: str) -> float:
    bare = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    clock = _CLOCK.fullmatch(bare)
    if clock:
        hours, minutes, rest = (int(part) for part in clock.groups())
        return float(hours * 3600 + minutes * 60 + rest)
    match = _DURATION.fullmatch(bare)
    if not bare or not match:
        return float("nan")
    parts = [float(part or 0) for part in match.groups()]
    return sum(part * size for part, size in zip(parts, (_DAY, 3600, 60, 1), strict=True))


class Seen:
    """The different answers of a column, each column looked at once."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self._known: dict[int, frozenset[str]] = {}

    def __call__(self, *positions: int) -> frozenset[str]:
        """Return what is answered in the columns together; blanks are no answers."""
        for position in positions:
            if position not in self._known:
                found = pc.unique(self.grid.cells.column(position)).to_pylist()
                answers = {clean(text) for text in found if text is not None}
                self._known[position] = frozenset(answers - NOT_ANSWERED)
        return frozenset().union(*(self._known[position] for position in positions))


def recognise(grid: Grid) -> WjxSurvey | None:
    """Return the structure of a 问卷星 export, or None when the file is none.

    A file is one when it holds at least three of the export's own columns and every other header
    begins with a question number, but for columns that are certainly no answers.

    Raises DataError `wjx_columns` for an export with columns that belong to no question, and
    `wjx_split` for one in which the columns of a question no longer stand together.
    """
    names = [heading(cell) for cell in grid.header]
    weight = weight_column(names)  # put beside the answers afterwards
    own = {n for n, name in enumerate(names) if name in META}
    beside = {n for n, name in enumerate(names) if name in _BESIDE or is_aside(name)}
    asked = {n: t for n, t in enumerate(names) if n not in {*own, *beside, weight}}
    parts = [(n, match) for n, text in asked.items() if (match := _NUMBERED.match(text))]
    strange = {n: text for n, text in asked.items() if not _NUMBERED.match(text)}
    if len(own) < 3 or not parts or (strange and not _TELLING & {names[n] for n in own}):
        return None
    seen = Seen(grid)
    who, added = _added(seen, strange)
    beside |= {*added}
    questions = _questions(seen, parts)
    personal = [n for n in sorted({*own, *who}) if names[n] in PERSONAL_META or n in who]
    personal += [n for question in questions if question.personal for n in question.columns]
    roles = {role: names.index(name) for role, name in _ROLES.items() if name in names}
    roles |= {} if weight is None else {"weight": weight}
    own |= {*beside, *who, *(() if weight is None else (weight,))}
    return WjxSurvey(
        tuple(sorted(own)), questions, tuple(personal), roles, questions, tuple(sorted(beside))
    )


def _questions(seen: Seen, parts: Sequence[tuple[int, re.Match[str]]]) -> tuple[Question, ...]:
    """Return the questions of the numbered columns, those of one number together."""
    told = [(int(match[1]), clean(match[2]), n) for n, match in parts]
    blocks = [(number, list(group)) for number, group in groupby(told, key=lambda part: part[0])]
    _refuse_split(seen.grid, blocks)
    return tuple(
        _question(seen, number, [text for _, text, _ in block], tuple(n for *_, n in block))
        for number, block in blocks
    )


def _added(seen: Seen, strange: Mapping[int, str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the columns without a number that say who somebody is, and those that are no answers.

    Raises DataError `wjx_columns` for any other.
    """
    who = tuple(n for n, name in strange.items() if _personal(seen, [name], [n]))

    def filled(position: int) -> int:
        return int((~cells(seen.grid, position).isin(NOT_ANSWERED)).sum())

    added = added_columns.aside({n: t for n, t in strange.items() if n not in who}, seen, filled)
    if left := [seen.grid.header[n] for n in strange if n not in {*who, *added}]:
        raise DataError("wjx_columns", columns="、".join(left[:10]), count=len(left))
    return who, added


def _refuse_split(grid: Grid, blocks: list[tuple[int, list[tuple[int, str, int]]]]) -> None:
    """Refuse columns that were moved: those behind another question lost their stem for good."""
    met: set[int] = set()
    for number, block in blocks:
        if number in met:
            raise DataError("wjx_split", number=number, column=grid.header[block[0][2]])
        met.add(number)


def _question(seen: Seen, number: int, texts: list[str], columns: tuple[int, ...]) -> Question:
    if len(columns) == 1 and not _lonely_tick(seen, texts[0], columns[0]):
        return single(seen, number, texts[0], columns)
    stem, options = _option_block(texts)
    if options:
        return _of_options(seen, number, stem, options, columns)
    stem, items = _item_block(texts)
    personal = _personal(seen, texts, columns)
    scale = {} if personal else scale_of(" ".join(texts), seen(*columns))
    scored = not personal and (bool(scale) or mostly_satisfied(seen(*columns)))
    kind: Kind = "text" if personal else "matrix_likert5" if scored else "matrix"
    return Question(number, kind, columns, stem, items=items, personal=personal, scale=scale)


def _lonely_tick(seen: Seen, text: str, position: int) -> bool:
    """A multiple choice of which one option is left: '5、最关心(道路)' with 0 and 1."""
    answers = seen(position)
    return bool(_split_option(text) and _ticks(answers) and answers & {"0", "０"})


def _split_option(text: str) -> tuple[str, str] | None:
    """Split 'stem(option)' at the last half-width bracket; an option may hold brackets itself."""
    if not text.endswith(")"):
        return None
    depth = 0
    for place in range(len(text) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(text[place], 0)
        if depth == 0:
            return clean(text[:place]), clean(text[place + 1 : -1])
    return None


def _option_block(texts: list[str]) -> tuple[str, tuple[str, ...]]:
    """Return stem and options, or no options where the headers are not those of options.

    The first header is 'stem(option)', the others '(option)', in older exports 'stem(option)'.
    """
    split = [_split_option(text) for text in texts]
    stem = split[0][0] if split[0] else ""
    if not all(part and part[0] in ("", stem) for part in split):
        return "", ()
    return stem, tuple(part[1] for part in split if part)


def _item_block(texts: list[str]) -> tuple[str, tuple[str, ...]]:
    """Return stem and rows of a matrix; the stem stands once, or before every row."""
    head = next((text for text in texts if "—" in text), "")
    stem = head.rpartition("—")[0]
    prefix = f"{stem}—"
    items = (text.removeprefix(prefix) if head else text for text in texts)
    return clean(stem), tuple(clean(item) for item in items)


def _of_options(
    seen: Seen, number: int, stem: str, options: tuple[str, ...], columns: tuple[int, ...]
) -> Question:
    answers = seen(*columns)
    # Without a single 0 nobody can say whether a blank is 'not ticked' or 'not answered', nor
    # whether 1 is a tick at all and not the first of five points, unless the heading says it.
    if _ticks(answers) and (not answers or answers & {"0", "０"}):
        return Question(number, "multi", columns, stem, options=options)
    if answers <= MARKS or (answers <= {"1", "１"} and SEVERAL.search(stem)):
        return Question(number, "multi", columns, stem, options=options, marked=True)
    if _places(seen, columns, answers):
        return Question(number, "ranking", columns, stem, options=options)
    scale = scale_of(stem, answers)
    kind: Kind = "matrix_likert5" if scale or mostly_satisfied(answers) else "matrix"
    return Question(number, kind, columns, stem, options=options, scale=scale)


def _ticks(answers: frozenset[str]) -> bool:
    return all(_TICK.fullmatch(answer) for answer in answers)


def _places(seen: Seen, columns: tuple[int, ...], answers: frozenset[str]) -> bool:
    """Say whether the columns hold places 1, 2, …: more than the first, none twice in a row."""
    places = [str(n) for n in range(1, len(columns) + 1)]
    if not answers - {"1"} or answers - set(places):
        return False
    given = pd.concat([cells(seen.grid, n) for n in columns], axis=1)
    return all(bool(given.isin([place]).sum(axis=1).le(1).all()) for place in places)


def single(seen: Seen, number: int, stem: str, columns: tuple[int, ...]) -> Question:
    """Return a question of one column: its kind by its words and by how it is answered."""
    answers = seen(*columns)
    if scale := scale_of(stem, answers):
        return Question(number, "likert5", columns, stem, scale=scale)
    kind: Kind = "single"
    separator = None
    if all_satisfied(answers):
        kind = "likert5"
    elif _personal(seen, [stem], columns):
        return Question(number, "text", columns, stem, personal=True)
    elif _asks_where(stem, _AREA, answers):
        kind = "area"
    elif _asks_where(stem, _VILLAGE, answers):
        kind = "village"
    else:
        kind, separator = _by_answers(seen, stem, columns[0], answers)
    return Question(number, kind, columns, stem, separator=separator)


def _by_answers(
    seen: Seen, stem: str, position: int, answers: frozenset[str]
) -> tuple[Kind, str | None]:
    opened = asks_words(stem)
    if mostly_satisfied(answers) and not opened:
        return "likert5", None
    parted = sum(SEPARATOR in answer for answer in answers)
    # Somebody's own words may hold the mark; they are no options, and may say who somebody is.
    if parted and (not opened or 2 * parted > len(answers)):
        return "multi", SEPARATOR
    if answers and sum(ARROW in answer for answer in answers) * 2 > len(answers):
        return "ranking", ARROW
    if opened or _many_ways(seen, position, answers):
        return "text", None
    return "single", None


def _asks_where(stem: str, place: re.Pattern[str], answers: frozenset[str]) -> bool:
    """A question for the place somebody lives in: by its words, and answered like one."""
    if not place.search(stem) or _ABOUT.search(stem):
        return False
    if not (_WHERE.search(stem) or len(stem) <= _SHORT):
        return False
    # Codes of an export by number (1, 2, …) are places too: which ones is for a person to say.
    likely = sum(bool(_PLACE.fullmatch(a) or re.fullmatch(r"\d{1,3}", a)) for a in answers)
    return likely * 2 >= len(answers)


def _personal(seen: Seen, texts: Sequence[str], columns: Sequence[int]) -> bool:
    """Say whether a question asks who somebody is: by its words, or by what is answered."""
    for text, position in zip(texts, columns, strict=True):
        answers = seen(position)
        hits = sum(bool(_PERSONAL_VALUE.fullmatch(answer)) for answer in answers)
        if answers and hits * 2 > len(answers):
            return True
        if _PERSONAL.search(text) and not are_yes_or_no(answers) and not all_satisfied(answers):
            return True
    return False


def _many_ways(seen: Seen, position: int, answers: frozenset[str]) -> bool:
    """Answered in more ways than a list would have."""
    if len(answers) <= 20:
        return False
    given = cells(seen.grid, position)
    return len(answers) * 2 > int((~given.isin(NOT_ANSWERED)).sum())
