"""What the program adds to the files it gives out, and takes off again when they come back.

A problems file or a filled template is read like any other file; columns under these headings and
sheets of these names are the program's own words, no data.
"""

from dataclasses import replace

from data.formats.grid import Grid
from data.formats.idle_parts import select

LINE = "原文件行号 Line"
REASON_ZH = "问题"
REASON_EN = "Problem"
UNIT_NAME = "名称（供核对，不导入） Name (to check, not imported)"
# The reasons come in three columns side by side; alone, 问题 may be a column of somebody's file.
_SIDE_BY_SIDE = (LINE, REASON_ZH, REASON_EN)

OTHER = "其他问题 Other problems"
NOTES = "填写说明 Notes"
EXAMPLE = "示例 Example"
CODES = "代码表 Codes"
OWN_SHEETS = frozenset({OTHER, NOTES, EXAMPLE, CODES})


def without_own(grid: Grid) -> Grid:
    """Return a grid without the columns and sheets that the program added itself."""
    own = {n for n, heading in enumerate(grid.header) if heading == UNIT_NAME}
    if grid.header[: len(_SIDE_BY_SIDE)] == _SIDE_BY_SIDE:
        own |= set(range(len(_SIDE_BY_SIDE)))
    grid = replace(grid, other_sheets=tuple(s for s in grid.other_sheets if s not in OWN_SHEETS))
    if not own or len(own) == len(grid.header):
        return grid
    return select(grid, [n for n in range(len(grid.header)) if n not in own])
