"""What stands around the records of a table: titles above, a second header row, totals beneath.

Only what is certain; in doubt a row is a record. Texts and workbooks are told alike.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise, takewhile
from typing import NamedTuple

from data.formats import tool_headings

# Records in which the header is sought, and how many may stand above it.
HEAD = 200
_MOST_ABOVE = 20

_NUMBER = re.compile(r"[-+]?(\d[\d,]*(\.\d*)?|\.\d+)([eE][-+]?\d+)?[%％]?")
_LABELLED = re.compile(r"[^:：]{1,12}[:：]")
_DAY = re.compile(
    r"[(（]?[0-9]{4}\s*(年度?|[-/.年]\s*[0-9]{1,2}\s*(月|[-/.月]\s*[0-9]{1,2}\s*日?)?)[)）]?"
)
_TIME = re.compile(r"(?:19|20)[0-9]{2}(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])?)?")
_FOOTER = re.compile(
    r"(填表人|填报人|制表人|制表|审核人|审核|负责人|单位负责人|统计负责人|联系人|联系电话|填表日期"
    r"|填报日期|制表日期|报出日期|注\d*|备注|说明|数据来源|资料来源|来源|notes?|source)\s*[:：]",
    re.IGNORECASE,
)
_WHOLE = ("", "全县", "全市", "全区", "全旗", "全镇", "全乡", "全街道")
TOTALS = frozenset(
    {"共计", "total", "subtotal", "grand total", "sum"}
    | {whole + word for whole in _WHOLE for word in ("合计", "总计", "小计")}
)
_UNIT = re.compile(
    r"[(（]?(单位[:：]?)?(万|千|百|亿)?(人|元|户|个|亩|公顷|次|件|天|日|分|分钟|小时|年|岁|家|条|平方米|平方公里"
    r"|公里|千米|米|吨|%|％|‰|㎡|m²|km²|m2|km2|km|m)(/(人|户|年|月|万人|千人))?[)）]?"
)
# A count of the thing itself; any other unit says how the numbers beneath it are to be read.
_PLAIN_UNIT = re.compile(r"人|元|户|个|次|件|年|岁|家|条|平方米|米|小时|%|％|㎡|m²|m2|m")
# The columns of a statistical form are counted under their headings: 甲, 乙, 1, 2, 3.
_STEMS = "甲乙丙丁戊己庚辛"
_NOTE = re.compile(r"[(（]?[0-9]{1,2}[)）.、．]\s*[\u4e00-\u9fff]{4}")
_HANZI = re.compile("[\u4e00-\u9fff]")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_ .()/%-]*")


class Frame(NamedTuple):
    """above: kinds of the records above the header. beneath: further header rows that follow it.

    joined: names made of several rows, where one groups the columns of the next, or the second
    says units that the numbers are to be read in: 支出 over 万元 is 支出（万元）.
    """

    above: tuple[str, ...]
    beneath: int
    joined: tuple[str, ...] = ()


def frame_of(head: Sequence[Sequence[str]]) -> Frame:
    """Say what stands around the header in the first records of a file, blank lines not among them.

    Only what is certain: a row of which there is doubt is the header, or data.
    """
    above = _above(head)
    below = head[len(above) :]
    worded, rows = tool_headings.joined(below)
    if worded:
        return Frame(above, rows, worded)
    grouped, depth = _grouped(below)
    if grouped:
        return Frame(above, depth - 1 + _counts_columns(below[depth:]), grouped)
    if not below:
        return Frame(above, 0)
    header, numbered = below[0], _counts_columns(below[1:])
    second = _has_second_header(header, below[1 + numbered :])
    beneath = numbered + second + (not numbered and second and _counts_columns(below[2:]))
    return Frame(above, beneath, _with_units(header, below[1 + numbered]) if second else ())


def closed(header: Sequence[str], records: Sequence[Sequence[str]]) -> list[str]:
    """Return a header as its records are: where only they, or only it, end in a delimiter.

    A last field that is empty throughout and has no name is none. Where the records are numbered
    and their numbers have no name, all names stand one field too early: nothing is certain then.
    """
    told, filled = list(header), [fields for fields in records if fields]
    widths = set(map(len, filled))
    if len(filled) < 2 or len(told) < 2:
        return told
    if widths == {len(told) + 1} and told[-1].strip():
        first = [fields[0].strip() for fields in filled]
        numbered = first in ([f"{n}" for n in range(at, len(first) + at)] for at in (0, 1))
        return told if numbered or any(fields[-1].strip() for fields in filled) else [*told, ""]
    return told[:-1] if widths == {len(told) - 1} and not told[-1].strip() else told


def is_number(cell: str) -> bool:
    """Say whether a cell is a number or a share as people write them."""
    return _NUMBER.fullmatch(cell.strip()) is not None


def is_header(fields: Sequence[str]) -> bool:
    """Say whether a record can only be a header: each cell a word of its own."""
    words = {cell.strip() for cell in fields}
    return len(words) == len(fields) and all(words) and not any(map(is_number, words))


def closing_kind(fields: Sequence[str], width: int) -> str | None:
    """Say what a record is that may stand beneath the data: 'total', 'footer', 'comment'."""
    cells = [cell.strip() for cell in fields if cell.strip()]
    if not cells:
        return None
    if len(fields) == 1 < width and cells[0].startswith("#"):
        return "comment"
    odd = len(fields) != width
    if _FOOTER.match(cells[0]) and (odd or all(map(_LABELLED.match, cells))):
        return "footer"
    word = re.sub(r"\s+", " ", cells[0]).lower()
    named = word in TOTALS or (not word.isascii() and word.replace(" ", "") in TOTALS)
    numbers = [cell for cell in cells[1:] if not is_number(cell) and cell not in ("-", "—", "/")]
    return "total" if named and len(cells) > 1 and not numbers else None


def is_numbered_note(fields: Sequence[str]) -> bool:
    """Say whether a record is one sentence with a number: 2.户数为派出所数。"""
    cells = [cell.strip() for cell in fields if cell.strip()]
    return len(cells) == 1 and bool(_NOTE.match(cells[0]))


def _above(head: Sequence[Sequence[str]]) -> tuple[str, ...]:
    counts = Counter(map(len, head))
    width = max(counts, key=lambda count: (counts[count], count), default=0)
    if width < 2:
        return ()
    kinds = tuple(takewhile(bool, (_kind_above(fields, width) for fields in head[:_MOST_ABOVE])))
    below = head[len(kinds) :]
    if len(below) > 1 and len(below[0]) == len(below[1]) == width:
        # Beneath a title that is written like a header of two columns only numbers are proof.
        slim = width == 2 and any(len(fields) == 2 for fields in head[: len(kinds)])
        if is_header(below[0]) and (not slim or _numbered(below[1:], width)):
            return kinds
        if _grouped(below)[0]:
            return kinds
    # What says nothing is no header, whatever follows.
    return tuple(takewhile(lambda kind: kind in ("comment", "blank"), kinds)) if len(below) else ()


def _kind_above(fields: Sequence[str], width: int) -> str:
    cells = [cell.strip() for cell in fields if cell.strip()]
    if not cells:
        return "blank"
    if fields[0].startswith("#") and len(fields) != width:
        return "comment"
    told = [bool(_LABELLED.match(cells[0]))]
    # 表号： and its value may stand in a cell each.
    told += [
        bool(_LABELLED.match(cell) or _DAY.fullmatch(cell) or before.endswith((":", "：")))
        for before, cell in pairwise(cells)
    ]
    # A title alone or with 单位：… or a day at its side; or 填报单位：… and 日期：… only.
    title = 2 * len(cells) <= width and all(told[1:]) and not is_number(cells[0])
    # A year or a day alone; `_above` wants headings and records beneath it.
    title |= 2 * len(cells) <= width and len(cells) == 1 and bool(_TIME.fullmatch(cells[0]))
    # `导出人,张三`: a line that ends long before the others heads no column of theirs.
    title |= 2 * len(fields) < width and not any(map(is_number, cells))
    return "title" if title or (all(told) and len(cells) < width) else ""


def _numbered(records: Sequence[Sequence[str]], width: int) -> list[int]:
    """Return the columns that hold numbers and nothing else."""
    columns = zip(*(fields for fields in records if len(fields) == width), strict=True)
    filled = [[cell for cell in column if cell.strip()] for column in columns]
    return [place for place, cells in enumerate(filled) if cells and all(map(is_number, cells))]


def _grouped(below: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], int]:
    """Return the names of columns whose headings stand in two or three rows, and how many rows.

    `人口 | | 面积` over `男 | 女 |` gives 人口/男, 人口/女, 面积: merged cells are left empty. Only
    where a column of numbers beneath a word of the last row shows that it is no record.
    """
    for depth in (3, 2):
        heads = [[cell.strip() for cell in row] for row in below[:depth]]
        if len(below) < depth + 2 or len({len(row) for row in heads}) > 1:
            continue
        names = () if all(heads[0]) or _hold_values(heads) else _joined(heads)
        proof = _numbered(below[depth:], len(heads[0]))
        if any(heads[-1][place] for place in proof) and 0 < len(names) == len(set(names)):
            return names, depth
    return (), 0


def _hold_values(rows: Sequence[Sequence[str]]) -> bool:
    """Say whether a number stands in rows, or 单位：人, which heads no column."""
    return any(is_number(cell) or _LABELLED.match(cell) for row in rows for cell in row)


def _joined(heads: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return each column's headings from the top down, nothing where one has none at all."""
    names, groups = [], [""] * len(heads)
    for cells in zip(*heads, strict=True):
        filled = [level for level, cell in enumerate(cells) if cell]
        if not filled or (filled[0] and not any(groups[: filled[0]])):
            return ()
        # What stands lowest names the column; what stands above it may go on to the right.
        path = [*groups[: filled[0]], *cells[filled[0] : filled[-1] + 1]]
        groups = [*path[:-1], *[""] * (len(heads) - len(path) + 1)]
        names.append("/".join(filter(None, path)))
    return tuple(names)


def _counts_columns(below: Sequence[Sequence[str]]) -> bool:
    """Say whether a row only counts the columns: 甲, 乙, 1, 2, 3; 栏次, 1, 2; (1), (2), (3)."""
    row = [cell.strip() for cell in below[0]] if len(below) > 1 else []
    stems = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(row, _STEMS, strict=False))))
    # A single 甲 may also be the name of what the record is about.
    certain = stems > 1 or len(row) > 5
    stems, certain = (1, True) if row[:1] == ["栏次"] else (stems, certain and stems > 0)
    counts = [f"{n}" for n in range(1, len(row) - stems + 1)]
    bracketed = [re.sub(r"[()（）]", "", cell) for cell in row if cell[:1] in ("(", "（")]
    return len(row) > 2 and ((certain and row[stems:] == counts) or bracketed == counts)


def _with_units(header: Sequence[str], units: Sequence[str]) -> tuple[str, ...]:
    """Return headings with the units beneath them, where one is more than a count: 万元, 亩."""
    bare = [re.sub(r"^[(（]?(单位[:：]?)?|[)）]$", "", cell.strip()) for cell in units]
    if not any(_UNIT.fullmatch(unit) and not _PLAIN_UNIT.fullmatch(unit) for unit in bare if unit):
        return ()
    pairs = zip(header, bare, strict=True)
    return tuple(with_unit(name, unit) if unit else name for name, unit in pairs)


def with_unit(name: str, unit: str) -> str:
    """Return a heading with the unit it counts in: 支出（万元）; one in brackets says its own."""
    return name if name.strip().endswith((")", "）", "]", "】")) else f"{name}（{unit}）"


def _has_second_header(header: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Units or names in another language, where columns of numbers show it to be no record."""
    if len(below) < 2 or len(below[0]) != len(header) or not is_header(header):
        return False
    row = [cell.strip() for cell in below[0]]
    numbered = _numbered(below[1:], len(header))
    if not numbered or any(is_number(row[place]) for place in numbered):
        return False
    if all(_UNIT.fullmatch(cell) for cell in row if cell):
        return any(row[place] for place in numbered)
    if not is_header(row):
        return False
    hanzi, words = [
        (all(map(_HANZI.search, cells)), all(map(_WORD.fullmatch, cells)))
        for cells in (header, row)
    ]
    return (hanzi[0] and words[1]) or (hanzi[1] and words[0])
