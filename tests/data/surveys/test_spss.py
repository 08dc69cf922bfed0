"""SPSS files: labels for values, missing values apart, encodings asked, hostile files refused."""

import datetime as dt
import json
import random
import struct
import sys
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import DataError
from data.files import Limits, read_grid
from data.surveys import spss, spss_child
from data.surveys.spss import read_spss, without_missing
from tests.data.reading import damaged, rows

GREAT = {1: "非常不满意", 2: "不太满意", 3: "一般", 4: "比较满意", 5: "非常满意", 9: "不了解"}


def written(tmp_path: Path, frame: pd.DataFrame, name: str = "file.sav", **options: object) -> Path:
    file = tmp_path / name
    pyreadstat.write_sav(frame, file, **options)
    return file


def cells(file: Path, **options: object) -> list[list[str | None]]:
    return rows(read_grid(file, file.name, **options))  # type: ignore[arg-type]


def refused(file: Path, **options: object) -> DataError:
    with pytest.raises(DataError) as caught:
        read_grid(file, file.name, **options)  # type: ignore[arg-type]
    return caught.value


@pytest.fixture
def in_this_process() -> Iterator[None]:
    """Read whole files without a process for each, which takes ten times as long as the file."""

    def run(command: Sequence[object], _: str) -> object:
        with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
            patch.setattr(sys, "argv", [str(part) for part in command[2:]])
            # Limits hold for the rest of a process.
            patch.setattr(spss_child, "_limit_process", lambda: None)
            return json.loads(json.dumps(spss_child._run()))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spss, "_run", run)
        yield


def test_labels_stand_for_values_and_the_dictionary_is_kept(tmp_path: Path) -> None:
    frame = pd.DataFrame({"R01": [5.0, 1, 9, np.nan], "名称": ["示例镇", " 甲 ", "", "x"]})
    labels = {"R01": GREAT, "名称": {"x": "其他"}}
    file = written(tmp_path, frame, column_labels=["总体满意吗", ""], variable_value_labels=labels)
    builder, told = read_spss(file, "file.sav", Limits())
    assert builder.header == ("R01", "名称")
    assert told.labels == ("总体满意吗", "")
    assert told.codes == {
        "R01": {str(value): label for value, label in GREAT.items()},
        "名称": {"x": "其他"},
    }
    assert told.encoding == "UTF-8"
    # Blanks at the end are SPSS's own, those at the start are not.
    assert cells(file) == [
        ["非常满意", "示例镇"], ["非常不满意", " 甲"], ["不了解", ""], [None, "其他"],
    ]  # fmt: skip
    grid = read_grid(file, "file.csv")
    assert (grid.kind, grid.encoding, grid.size) == ("sav", "sav", file.stat().st_size)
    assert grid.records.to_pylist() == grid.lines.to_pylist() == [1, 2, 3, 4]


@pytest.mark.usefixtures("in_this_process")
def test_declared_missing_values_are_no_answers(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"q": [1.0, 5, 8, 9, 97, 98.5, np.nan], "s": ["a", "b", "c", "zz", "", "d", "e"]}
    )
    file = written(
        tmp_path,
        frame,
        variable_value_labels={"q": {**GREAT, 8: "拒答"}, "s": {"zz": "不适用"}},
        # Somebody declared 非常满意 missing: then it is none, whatever its label says.
        missing_ranges={"q": [5, {"lo": 8, "hi": 99}], "s": ["zz", "c"]},
    )
    assert cells(file) == [
        ["非常不满意", "a"],
        ["(missing: 非常满意)", "b"],
        ["(missing: 拒答)", "(missing: c)"],
        ["不了解", "不适用"],
        ["(missing: 97)", ""],
        ["(missing: 98.5)", "d"],
        [None, "e"],
    ]
    grid, count = without_missing(read_grid(file, "f.sav"))
    assert count == 5
    assert [row[0] for row in rows(grid)] == [
        "非常不满意", None, None, "不了解", None, None, None,
    ]  # fmt: skip


@pytest.mark.usefixtures("in_this_process")
def test_two_values_under_one_label_stay_two(tmp_path: Path) -> None:
    frame = pd.DataFrame({"q": [1.0, 2, 3, 4, 5]})
    file = written(tmp_path, frame, variable_value_labels={"q": {1: "好", 2: "好", 3: "5", 5: ""}})
    assert cells(file) == [["好 (1)"], ["好 (2)"], ["5"], ["4"], ["(5)"]]


@pytest.mark.usefixtures("in_this_process")
def test_a_bare_value_between_labelled_ones_is_no_number_of_points(tmp_path: Path) -> None:
    frame = pd.DataFrame({"q": [2.0, 3, 6, 99], "n": [17.0, 18, 25, 99]})
    file = written(
        tmp_path, frame,
        variable_value_labels={"q": {1: "非常满意", 5: "非常不满意", 99: "缺"}, "n": {18: "成年"}},
        missing_ranges={"q": [99], "n": [99]},
    )  # fmt: skip
    assert cells(file) == [
        ["(2)", "17"], ["(3)", "成年"], ["6", "25"], ["(missing: 缺)", "(missing: 99)"],
    ]  # fmt: skip


@pytest.mark.usefixtures("in_this_process")
def test_dates_and_times_are_iso(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "d": [dt.date(2025, 3, 31), dt.date(1600, 2, 29), None],
            "ts": [
                dt.datetime(2025, 3, 31, 9, 30),
                dt.datetime(2025, 3, 31, 0, 0, 0, 500000),
                None,
            ],
            "t": [dt.time(9, 30), dt.time(0, 0, 5), None],
        }
    )
    assert cells(written(tmp_path, frame)) == [
        ["2025-03-31", "2025-03-31 09:30:00", "09:30:00"],
        ["1600-02-29", "2025-03-31 00:00:00.5", "00:00:05"],
        [None, None, None],
    ]
    seconds = pd.DataFrame({"d": [0.0, 1e18, 86400.5], "t": [99000.25, -61.0, 0.0]})
    file = written(tmp_path, seconds, variable_format={"d": "DATE11", "t": "DTIME12.2"})
    grid = read_grid(file, "f.sav")
    assert rows(grid) == [
        ["1582-10-14", "27:30:00.25"],
        ["1e+18", "-00:01:01"],
        ["1582-10-15 00:00:00.5", "00:00:00"],
    ]
    assert [(f.record, f.column, f.value) for f in grid.faults] == [(2, 0, "1e+18")]


@pytest.mark.usefixtures("in_this_process")
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(
            st.none() | st.floats(allow_nan=False, allow_infinity=False, width=64).filter(
                # The outermost doubles are SPSS's own marks.
                lambda value: abs(value) < 1.7e308
            ),
            st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=400),
        ),
        min_size=1, max_size=8,
    ),
    st.booleans(),
)  # fmt: skip
def test_numbers_and_texts_come_back_exactly(
    tmp_path: Path, records: list[tuple[float | None, str]], compress: bool
) -> None:
    frame = pd.DataFrame(
        {"n": pd.Series([n for n, _ in records], dtype=float), "s": [s for _, s in records]}
    )
    for (number, text), (shown, cell) in zip(
        records, cells(written(tmp_path, frame, compress=compress)), strict=True
    ):
        assert cell == text.rstrip(" ")
        assert shown is None if number is None else float(shown or "") == number
        assert not (shown or "").endswith(".0")


@pytest.mark.usefixtures("in_this_process")
def test_a_long_text_is_whole(tmp_path: Path) -> None:
    long = "说" * 3000
    assert cells(written(tmp_path, pd.DataFrame({"s": ["短", long]}))) == [["短"], [long]]


@pytest.mark.usefixtures("in_this_process")
def test_an_empty_table_has_its_header(tmp_path: Path) -> None:
    file = written(tmp_path, pd.DataFrame({"a": pd.Series([], dtype=float)}))
    grid = read_grid(file, "f.sav")
    assert (grid.header, grid.cells.num_rows) == (("a",), 0)


def old(tmp_path: Path, text: str, code: int, name: bytes = b"", encoding: str = "gbk") -> Path:
    """An SPSS file of bytes in an old encoding, with a code page and an encoding name."""
    content = text.encode(encoding)
    place = "X" * len(content)
    file = written(tmp_path, pd.DataFrame({"s": [place, "b"], "n": [1.0, 2]}))
    raw = file.read_bytes().replace(place.encode(), content)
    raw = raw.replace(struct.pack("<i", 65001), struct.pack("<i", code), 1)
    record = raw.index(struct.pack("<4i", 7, 20, 1, 5) + b"UTF-8")
    told = struct.pack("<4i", 7, 20, 1, len(name)) + name if name else b""
    file.write_bytes(raw[:record] + told + raw[record + 21 :])
    return file


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize(
    ("code", "name"), [(936, b""), (936, b"CP936"), (1252, b"GB18030"), (2, b"GBK")]
)
def test_a_declared_encoding_is_believed(tmp_path: Path, code: int, name: bytes) -> None:
    file = old(tmp_path, "满意度调查", code, name)
    assert cells(file)[0][0] == "满意度调查"
    assert cells(file, encoding="big5")[0][0] == "满意度调查"


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize("code", [0, 2, 1252])
def test_an_undeclared_encoding_is_asked(tmp_path: Path, code: int) -> None:
    file = old(tmp_path, "满意度调查", code)
    assert refused(file).code == "sav_encoding"
    assert refused(file, encoding="klingon").code == "sav_encoding"
    assert cells(file, encoding="gb18030")[0][0] == "满意度调查"
    # Latin without Chinese is asked as well: a byte does not say which it is.
    latin = old(tmp_path, "é", code, encoding="latin-1")
    assert refused(latin).code == "sav_encoding"
    if code:
        assert cells(latin, encoding="windows-1252")[0][0] == "é"
    assert cells(old(tmp_path, "plain", code))[0][0] == "plain"


@pytest.mark.usefixtures("in_this_process")
def test_what_does_not_fit_its_encoding_is_refused(tmp_path: Path) -> None:
    file = old(tmp_path, "满意度调查", 65001, b"UTF-8")
    assert refused(file).code == "sav_encoding"
    assert cells(file, encoding="gb18030")[0][0] == "满意度调查"


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(columns=1), "too_many_columns"),
        (Limits(cells=100), "too_many_cells"),
        (Limits(workbook_cells=100), "too_many_cells"),
        (Limits(workbook_unpacked_bytes=1000), "file_too_large"),
        (Limits(text_bytes=100), "file_too_large"),
    ],
)
@pytest.mark.parametrize("compress", [False, True])
def test_limits_hold_before_the_data_is_read(
    tmp_path: Path, limits: Limits, code: str, compress: bool
) -> None:
    frame = pd.DataFrame({"a": ["甲"] * 100, "b": np.arange(100.0)})
    assert refused(written(tmp_path, frame, compress=compress), limits=limits).code == code


def test_bombs_are_refused(tmp_path: Path) -> None:
    """A file that claims rows it has not, and labels far longer than their values."""
    file = written(tmp_path, pd.DataFrame({"a": [1.0] * 3}))
    raw = bytearray(file.read_bytes())
    for claimed, code in ((20_000_001, "too_many_cells"), (19_000_000, "unreadable")):
        raw[80:84] = struct.pack("<i", claimed)
        file.write_bytes(raw)
        assert refused(file).code == code
    # What nobody can believe is taken as not known.
    raw[80:84] = struct.pack("<i", 2_000_000_000)
    file.write_bytes(raw)
    assert cells(file) == [["1"]] * 3
    labels = {"a": {1: "长" * 40}}
    frame = pd.DataFrame({"a": [1.0] * 2000})
    file = written(tmp_path, frame, variable_value_labels=labels, compress=True)
    assert file.stat().st_size < 2000
    limits = Limits(workbook_unpacked_bytes=100_000)
    assert refused(file, limits=limits).code == "file_too_large"


def test_a_stream_without_a_count_of_rows_obeys_the_limits(tmp_path: Path) -> None:
    file = written(tmp_path, pd.DataFrame({"a": np.arange(500.0)}))
    raw = bytearray(file.read_bytes())
    raw[80:84] = struct.pack("<i", -1)
    file.write_bytes(raw)
    assert len(cells(file)) == 500
    assert refused(file, limits=Limits(cells=499)).code == "too_many_cells"


@pytest.mark.parametrize("compress", [False, True])
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, compress: bool) -> None:
    """Some damage ends ReadStat's whole process; it must be none but the child's."""
    frame = pd.DataFrame({"q": [1.0, 2, 9], "s": ["示例镇", "样例乡", "甲" * 200]})
    file = written(
        tmp_path, frame, compress=compress,
        variable_value_labels={"q": GREAT}, missing_ranges={"q": [9]},
    )  # fmt: skip
    content, chance = file.read_bytes(), random.Random(5)
    broken = [damaged(content[:600], chance) + content[600:] for _ in range(10)]
    broken += [content[: len(content) * n // 8] for n in range(1, 8)]
    for each in broken:
        file.write_bytes(each)
        try:
            grid = read_grid(file, "f.sav")
        except DataError:
            continue
        assert grid.cells.num_columns == len(grid.header)


def test_a_process_that_dies_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = written(tmp_path, pd.DataFrame({"a": [1.0]}))
    dying = tmp_path / "dying.py"
    monkeypatch.setattr("data.surveys.spss._CHILD", dying)
    for what in ("import os; os.abort()", "print('no JSON')"):
        dying.write_text(what)
        assert refused(file).code == "unreadable"
    dying.write_text("import time; time.sleep(60)")
    monkeypatch.setattr("data.surveys.spss._SECONDS", 0.5)
    assert refused(file).code == "unreadable"
