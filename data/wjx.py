"""Exports of 问卷星, read by the position of columns, never by their names.

Real headers repeat, lose their stem after a question's first column ('4、社会治安', '5(饮水)'), and
changed between years; what holds is the order: the export's own columns, then the questions, each
header beginning with its question number.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import pandas as pd

from data.grid import Grid

Kind = Literal["single", "multi", "matrix", "likert5", "matrix_likert5", "area", "text"]

META = ("序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP", "总分")
SEPARATOR = "┋"
NOT_ANSWERED = frozenset({"", "(空)", "（空）", "(跳过)", "（跳过）", "-2", "-3"})
NOT_SCORED = frozenset(
    {
        "不了解",
        "不清楚",
        "没用过",
        "没有用过",
        "不适用",
        "未参与",
        "未参与，不评价",
        "说不清",
        "不好说",
    }
)
# Families of five labels, best first. A label that is missing from its column's family is asked.
FAMILIES: dict[str, tuple[str, ...]] = {
    "very-rather": ("非常满意", "比较满意", "一般", "不太满意", "非常不满意"),
    "national": ("非常满意", "满意", "基本满意", "不满意", "非常不满意"),
    "quite": ("很满意", "满意", "基本满意", "不满意", "很不满意"),
    "quite-plain": ("很满意", "满意", "一般", "不满意", "很不满意"),
    "plain": ("非常满意", "满意", "一般", "不满意", "非常不满意"),
    "points": ("5分", "4分", "3分", "2分", "1分"),
}
_NUMBERED = re.compile(r"^\s*(\d+)\s*([.、．)]?)\s*(.*)$", re.DOTALL)
_OPTION = re.compile(r"^(.*)\(([^()]*)\)\s*$", re.DOTALL)
# A ticked option; 其他 may carry its text behind a caret.
_TICK = re.compile(r"0|1(\^.*)?")
_AREA = re.compile(r"乡镇|街道|乡（镇|镇（乡")
_PERSONAL = re.compile(r"姓名|手机|电话|邮箱|身份证|微信号|住址|联系方式")
_PERSONAL_VALUE = re.compile(r"[^@\s]+@[^@\s]+\.\w+|1[3-9]\d{9}|\d{17}[\dXx]")


@dataclass(frozen=True)
class Question:
    """One question: its number, kind, columns (0-based) and the words of its columns.

    items: rows of a matrix. options: options of a multiple choice with one 0/1 column each.
    separator: between the options of a multiple choice in one column.
    """

    number: int
    kind: Kind
    columns: tuple[int, ...]
    stem: str
    items: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    separator: str | None = None
    personal: bool = False


@dataclass(frozen=True)
class LabelReading:
    """What the labels of one column stand for.

    scores: label -> 5 (best) … 1, or None where it is not scored. unclear: labels to be asked
    about. family: name of the family the scores come from, if any.
    """

    scores: dict[str, int | None]
    unclear: tuple[str, ...]
    family: str | None


@dataclass(frozen=True)
class WjxSurvey:
    """The structure of one export: its own columns, the questions, the personal columns."""

    meta_columns: tuple[int, ...]
    questions: tuple[Question, ...]
    personal: tuple[int, ...]

    def flags(self, grid: Grid) -> pd.DataFrame:
        """Return (record, flag): speeder, same_ip_same_answers, straight_line.

        Flags are for a person to judge; nothing is deleted by them.
        """
        records = grid.records.to_pandas()
        found = [
            pd.DataFrame({"record": records[hit], "flag": flag})
            for flag, hit in (
                ("speeder", self._speeders(grid)),
                ("same_ip_same_answers", self._same(grid)),
                ("straight_line", self._straight(grid)),
            )
        ]
        return pd.concat(found, ignore_index=True)

    def _meta(self, grid: Grid, name: str) -> pd.Series | None:
        for position in self.meta_columns:
            if grid.header[position].strip() == name:
                return cells(grid, position)
        return None

    def _speeders(self, grid: Grid) -> "pd.Series[bool]":
        times = self._meta(grid, "所用时间")
        if times is None:
            return pd.Series(False, index=range(grid.cells.num_rows))
        seconds = times.str.extract(r"(\d+)")[0].astype(float)
        return seconds < seconds.median() / 3

    def _same(self, grid: Grid) -> "pd.Series[bool]":
        address = self._meta(grid, "来自IP")
        if address is None:
            return pd.Series(False, index=range(grid.cells.num_rows))
        answers = {str(n): cells(grid, n) for question in self.questions for n in question.columns}
        whole = pd.DataFrame(answers).assign(address=address)
        return whole.duplicated(keep="first")

    def _straight(self, grid: Grid) -> "pd.Series[bool]":
        scored = [
            n for q in self.questions if q.kind in ("likert5", "matrix_likert5") for n in q.columns
        ]
        if len(scored) < 5:
            return pd.Series(False, index=range(grid.cells.num_rows))
        answers = pd.DataFrame({str(n): cells(grid, n) for n in scored})
        return answers.nunique(axis=1).eq(1) & ~answers[str(scored[0])].isin(NOT_ANSWERED)


def cells(grid: Grid, position: int) -> pd.Series:
    """Return one column as text without surrounding blanks; nulls are empty."""
    text: pd.Series = grid.cells.column(position).to_pandas()
    return text.astype(object).where(text.notna(), "").astype(str).str.strip()


def recognise(grid: Grid) -> WjxSurvey | None:
    """Return the structure of a 问卷星 export, or None when the file is none.

    A file is one when it begins with at least three of the export's own columns, in order, and
    every other header begins with a question number.
    """
    own = _own_columns(grid.header)
    numbered = [_NUMBERED.match(cell) for cell in grid.header[len(own) :]]
    if len(own) < 3 or not numbered or not all(numbered):
        return None
    parts = [
        (int(match.group(1)), match.group(3).strip(), len(own) + n)
        for n, match in enumerate(numbered)
        if match
    ]
    questions = tuple(
        _question(grid, number, [(text, position) for _, text, position in group])
        for number, group in groupby(parts, key=lambda part: part[0])
    )
    personal = [n for n in own if grid.header[n].strip() == "来自IP"]
    personal += [n for question in questions if question.personal for n in question.columns]
    return WjxSurvey(own, questions, tuple(personal))


def _own_columns(header: Sequence[str]) -> tuple[int, ...]:
    own = []
    for position, cell in enumerate(header):
        if cell.strip() not in META:
            break
        own.append(position)
    return tuple(own)


def _question(grid: Grid, number: int, columns: list[tuple[str, int]]) -> Question:
    positions = tuple(position for _, position in columns)
    texts = [text for text, _ in columns]
    options = [_OPTION.match(text) for text in texts]
    binary = all(_TICK.fullmatch(answer) for n in positions for answer in _answers(grid, n))
    if len(positions) > 1 and binary and all(options):
        words = tuple(match.group(2).strip() for match in options if match)
        stem = options[0].group(1).strip() if options[0] else ""
        return Question(number, "multi", positions, stem, options=words)
    if len(positions) > 1 or "—" in texts[0]:
        stem, _, first = texts[0].rpartition("—")
        items = (first.strip(), *(text.strip() for text in texts[1:]))
        kind: Kind = "matrix_likert5" if _scored(grid, positions) else "matrix"
        return Question(number, kind, positions, stem.strip(), items=items)
    return _single(grid, number, texts[0], positions)


def _single(grid: Grid, number: int, stem: str, positions: tuple[int, ...]) -> Question:
    answers = _answers(grid, positions[0])
    if _PERSONAL.search(stem) or _mostly_personal(answers):
        return Question(number, "text", positions, stem, personal=True)
    if _AREA.search(stem):
        return Question(number, "area", positions, stem)
    if _scored(grid, positions):
        return Question(number, "likert5", positions, stem)
    if any(SEPARATOR in answer or "〖" in answer for answer in answers):
        return Question(number, "multi", positions, stem, separator=SEPARATOR)
    if _open(grid, stem, positions[0], answers):
        return Question(number, "text", positions, stem)
    return Question(number, "single", positions, stem)


def _answers(grid: Grid, position: int) -> set[str]:
    return set(cells(grid, position).unique()) - NOT_ANSWERED


def _mostly_personal(answers: set[str]) -> bool:
    hits = sum(bool(_PERSONAL_VALUE.fullmatch(answer)) for answer in answers)
    return bool(answers) and hits * 2 > len(answers)


def _open(grid: Grid, stem: str, position: int, answers: set[str]) -> bool:
    """An open question: asked for in words, or answered in more ways than a list would have."""
    if re.search(r"建议|意见|说什么|请填写|原因是", stem):
        return True
    given = cells(grid, position)
    given = given[~given.isin(NOT_ANSWERED)]
    return len(answers) > 20 and len(answers) * 2 > len(given)


def _scored(grid: Grid, positions: tuple[int, ...]) -> bool:
    """Say whether all columns hold labels of satisfaction (words; bare digits are not sure)."""
    words = {label for family, labels in FAMILIES.items() if family != "points" for label in labels}
    for position in positions:
        answers = _answers(grid, position) - NOT_SCORED
        if not answers or not answers <= words:
            return False
    return True


def label_scores(labels: Sequence[str]) -> LabelReading:
    """Score the labels seen in one column by the one family that explains most of them.

    Labels of another family in the same column are unclear: whether 满意 beside 比较满意 means 5
    or 4 is for a person to say. So are bare digits: 1 may be the best or the worst.
    """
    seen = [label for label in dict.fromkeys(labels) if label not in NOT_ANSWERED]
    scores: dict[str, int | None] = {label: None for label in seen if label in NOT_SCORED}
    asked = [label for label in seen if label not in NOT_SCORED]
    hits = {name: sum(label in family for label in asked) for name, family in FAMILIES.items()}
    most = max(hits.values(), default=0)
    best = [name for name, count in hits.items() if count == most and most]
    # Where several families explain equally much, only what all of them agree on is certain.
    points = {
        label: {5 - FAMILIES[name].index(label) if label in FAMILIES[name] else 0 for name in best}
        for label in asked
    }
    certain = {label: found for label, found in points.items() if len(found) == 1}
    scores |= {label: next(iter(found)) for label, found in certain.items() if 0 not in found}
    unclear = tuple(label for label in asked if label not in scores)
    return LabelReading(scores, unclear, best[0] if len(best) == 1 else None)
