"""Columns of tables: whole words, names on one line, the type no smaller than needed."""

from metrics.exports.table_room import Room, half_widths, shared

LINE = 493  # points between the margins of A4
SIZES = (9, 8, 7)
TEXT = "窗口系统升级期间的部分办件没有导入，一次办成的被算作多次。"


def test_a_table_that_fits_keeps_the_largest_type_and_every_cell_its_line() -> None:
    rows = [["云溪街道", "77.4", "良好（75—90）"], ["玉塘镇", "61.8", "合格（60—75）"]]
    room = shared(["单位", "得分", "档次"], rows, LINE, SIZES)
    assert room.size == 9
    assert [room.lines(row) for row in rows] == [1, 1]
    assert sum(room.widths) <= 2 * LINE / 9


def test_no_word_and_no_date_is_broken_however_many_columns_there_are() -> None:
    headings = ["Code", "Indicator", "Value", "Unit", "Points", "Basis", "Base n", "Filed on",
                "Decided on"]  # fmt: skip
    rows = [["B1.2", "Comprehensive facility coverage of population", "113.3",
             "submissions a year", "62.5", "peers' 10th to 90th percentile of the baseline year",
             "499,198", "2025-12-01", "2026-01-15"]]  # fmt: skip
    room = shared(headings, rows, LINE, SIZES)
    assert sum(room.widths) <= 2 * LINE / room.size
    for heading, cell, width in zip(headings, rows[0], room.widths, strict=True):
        longest = max(half_widths(word) for word in f"{heading} {cell}".split())
        assert longest < width


def test_names_are_no_towers_beside_a_long_text() -> None:
    rows = [["示例街道", "D1 社区综合服务设施覆盖率", TEXT * 3, "支持", TEXT, *["2025-12-01"] * 3]]
    headings = ["单位", "指标", "申诉理由", "结果", "决定的理由", "提出", "应办结", "决定日期"]
    room = shared(headings, rows, LINE, SIZES)
    assert room.widths[0] > half_widths("示例街道")
    assert min(room.widths[5:]) > half_widths("2025-12-01")
    assert max(room.widths) == room.widths[2]


def test_smaller_type_is_taken_only_where_it_saves_much_height() -> None:
    many = [["示例街道", TEXT * 2, TEXT, *["2025-12-01"] * 4] for _ in range(9)]
    told = ["单位", "理由", "决定", "一", "二", "三", "四"]
    assert shared(told, many, LINE, SIZES).size == 8  # and not 7, which is hard to read
    assert shared(told, [[*row[:1], "短", "短", *row[3:]] for row in many], LINE, SIZES).size == 9


def test_the_smallest_type_is_taken_where_even_that_breaks_words() -> None:
    room = shared(["标题"] * 40, [["2025-12-01"] * 40], LINE, SIZES)
    assert room.size == 7
    assert len(room.widths) == 40


def test_lines_of_a_row_are_those_of_its_fullest_cell() -> None:
    assert Room(9, (14, 24)).lines(["", "一二三四五六七八九十" * 3]) == 3
    assert Room(9, (14, 24)).lines(["", ""]) == 1
