"""Tables on a narrow screen: what fits stays as it is, what does not is written out whole."""

import pandas as pd
import pytest

from pages.shared import long_tables, table_layout

COLUMNS = {"town": ("单位", None), "score": ("得分", "%.1f"), "why": ("依据", None)}


def table(why: str) -> pd.DataFrame:
    return pd.DataFrame({"town": ["云溪镇", "石桥镇"], "score": [64.25, None], "why": [why, None]})


@pytest.mark.parametrize("large", [False, True])
def test_what_fits_one_line_stays_and_what_does_not_is_written_out(large: bool) -> None:
    assert table_layout.of(table("文件要求"), COLUMNS, large=large).fits
    # By hand: 60 signs of 15.8 pixels are 948, more than the 900 that a table has.
    long = table_layout.of(table("文" * 60), COLUMNS, large=large)
    assert (long.fits, long.readable) == (False, True)
    assert list(long.unbroken) == ["town", "score"]
    # 12 columns of long words would be columns of syllables: they are moved sideways instead.
    wide = pd.DataFrame({f"c{n}": ["文" * 9] for n in range(12)})
    headings: table_layout.Columns = {name: (f"标题{name}", None) for name in wide}
    assert not table_layout.of(wide, headings, large=large).readable


def test_columns_without_room_are_told_in_one_and_none_is_lost() -> None:
    wide = pd.DataFrame({f"c{n}": ["文" * 9, f"{n}文" * 5] for n in range(12)})
    wide["c10"], wide["c11"] = [1.25, 2.0], ["文" * 8 + "。", None]
    headings = {name: (f"标题{name}", "%.1f" if name == "c10" else None) for name in wide}
    for large in (False, True):
        told, columns = table_layout.folded(wide, headings, large=large, heading="其他")
        assert table_layout.of(told, columns, large=large).readable
        kept = list(columns)[:-1]
        assert kept == list(wide)[: len(kept)]
        parts = [
            f"标题{name}：{({'c10': '1.2', 'c11': '文' * 8 + '。'}).get(name, '文' * 9)}"
            for name in list(wide)[len(kept) :]
        ]
        assert told[table_layout.REST][0].split("\n") == parts
        assert "标题c11" not in told[table_layout.REST][1]  # nothing is known there
        drawn = table_layout.written_out(told, columns, "—", []).to_html()
        assert "pre-line" in drawn  # a line each on the screen as well
    short = table("文件要求")
    same, columns = table_layout.folded(short, COLUMNS, large=False, heading="其他")
    pd.testing.assert_frame_equal(same, short)
    assert columns == COLUMNS


def test_a_column_is_as_wide_as_its_longest_word_and_only_endless_words_break() -> None:
    # By hand: 'Denominator' is 11 letters of 0.58 signs of 20.2 pixels and 23 beside them, 152;
    # six such columns of 2 letters want 911 pixels of the 870, five 759 and leave room for 111.
    few = pd.DataFrame({f"c{n}": ["ab"] for n in range(6)})
    headings: table_layout.Columns = {f"c{n}": (f"Denominato{n}", None) for n in range(6)}
    assert not table_layout.of(few, headings, large=True).readable
    assert table_layout.of(few, dict(list(headings.items())[:5]), large=True).readable
    assert list(table_layout.folded(few, headings, large=True, heading="Rest")[1])[-1] == "rest"
    # The digits that are shown count, not those that are stored.
    held = pd.Series([1 / 3, 388178300.25], dtype=object)
    figures = pd.DataFrame({f"c{n}": held for n in range(6)})
    shown: table_layout.Columns = {name: (name, "%.0f") for name in figures}
    assert table_layout.of(figures, shown, large=True).fits
    wide: table_layout.Columns = {name: (name, "%,.9f") for name in figures}
    assert not table_layout.of(figures, wide, large=True).readable
    endless = pd.DataFrame({"a": ["x" * 60], "b": ["Denominator"]})
    columns: table_layout.Columns = {"a": ("a", None), "b": ("b", None)}
    assert table_layout.of(endless, columns, large=True).readable
    style = table_layout.written_out(endless, columns, "—", []).to_html().split("</style>")[0]
    broken = next(rule for rule in style.split("}") if "overflow-wrap: anywhere" in rule)
    assert "col0" in broken
    assert "col1" not in broken


@pytest.mark.parametrize("beside", range(1, 9))
def test_a_day_stands_on_one_line_or_the_table_is_not_written_out(beside: int) -> None:
    table = pd.DataFrame({"due": ["2026-11-30"]})
    for n in range(beside):
        table[f"subdistrict {n}"] = "subdistrict after subdistrict"
    columns: table_layout.Columns = {name: (name, None) for name in table}
    layout = table_layout.of(table, columns, large=True)
    assert layout.readable == (beside < 5)
    assert ("due" in layout.unbroken) == layout.readable


def test_a_long_table_is_found_in_by_any_word_of_it() -> None:
    rows = pd.DataFrame({"code": ["A1", "b2"], "name": ["云溪镇", "石桥镇"], "n": [10.0, 21.0]})
    found = {
        words: long_tables.holding(rows, words)["code"].tolist() for words in ("", "B", "云", "21")
    }
    assert found == {"": ["A1", "b2"], "B": ["b2"], "云": ["A1"], "21": ["b2"]}


def test_two_columns_of_one_heading_are_not_written_out_as_one() -> None:
    twice: table_layout.Columns = {"town": ("单位", None), "why": ("单位", None)}
    found = table_layout.of(table("文" * 60)[["town", "why"]], twice, large=False)
    assert (found.fits, found.readable) == (False, False)


def test_a_column_shows_its_longest_cell_wherever_it_stands() -> None:
    rows = pd.DataFrame({"town": ["镇"] * 50 + ["很长很长的街道名称"], "score": 1.0, "why": ""})
    found = table_layout.of(rows, COLUMNS, large=False).widths
    assert found["town"] == round(9 * 15.8) + 18
    assert set(found) == {"town", "why"}


def test_words_are_written_out_without_markdown_and_figures_with_their_digits() -> None:
    hostile = "**a** [x](http://y) <img src=x>"
    styled = table_layout.written_out(table(hostile), COLUMNS, "—", ["town", "score"])
    assert styled.data["依据"].tolist() == [
        r"\*\*a\*\* \[x\]\(http\://y\) \<img src=x\>", "—",
    ]  # fmt: skip
    shown = styled.to_html()
    assert ">64.2<" in shown
    assert "white-space: nowrap" in shown


def test_sentences_get_room_before_others_are_kept_on_one_line() -> None:
    # In three signs a line they were towers beside "还没有下一次数值", which stood on one.
    rows = pd.DataFrame({
        "town": ["明宁街道"], "state": ["已完成"], "due": ["2025-06-05"], "owner": ["司法所"],
        "check": ["还没有下一次数值"], "moved": ["86.7%（2024 年）→ 93.3%（2025 年）"],
        "indicator": ["E1 法律顾问实质服务覆盖率"], "found": ["部分村法律顾问没有到岗服务。"],
        "done": ["签到改为留存服务记录，按季评议。"],
    })  # fmt: skip
    columns: table_layout.Columns = {n: (f"标题{at}", None) for at, n in enumerate(rows)}
    kept = table_layout.of(rows, columns, large=False).unbroken
    assert {"town", "state", "due", "owner"} <= {*kept}
    assert "check" not in kept
    few = list(columns)[:5]
    assert "check" in table_layout.of(rows[few], {n: columns[n] for n in few}, large=False).unbroken


def test_on_a_phone_sentences_are_moved_sideways_and_no_towers() -> None:
    rows = pd.DataFrame({"town": ["明宁街道"], "found": ["部分村法律顾问没有到岗服务。"]})
    columns: table_layout.Columns = {"town": ("单位", None), "found": ("问题", None)}
    style = table_layout.written_out(rows, columns, "—", ["town"]).to_html().split("</style>")[0]
    (wide,) = [rule for rule in style.split("}") if "min-width" in rule]
    assert "col1" in wide
    assert "col0" not in wide


def test_figures_written_as_words_stand_to_the_right() -> None:
    held = pd.DataFrame(
        {"a": ["1,005", "55.0%", ""], "b": ["+2.5", "—", "-3"], "c": ["990121", "7", "8"]}
    )
    styled = table_layout.written_out(held, {name: (name, None) for name in held}, "—", [])
    aligned, _ = styled.to_html().split("text-align: right")
    assert ("_col0" in aligned, "_col1" in aligned, "_col2" in aligned) == (True, True, False)
