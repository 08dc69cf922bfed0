"""What nobody sees in a cell is a problem of its record, whatever the column."""

import unicodedata
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import ingest
from data.formats import unseen
from data.ingest import Options
from data.store import Store
from data.surveys.reading import SurveyMapping
from tests.conftest import fill_towns
from tests.data.reading import in_this_process

HEAD = "community_code,township_code,name_zh,kind,lat,lon"
RIGHT = ("990101100201", "990101100", "甲村", "village", "30.5", "110.5")
SIGNS = "\ufeff\u200b\u200d\u2060\u200e\u202e\u2066\u00ad\u2028\ufffd\u3164"
EXPORT = (
    "序号,提交答卷时间,所用时间,来源,来源详情,来自IP,1、您所在的乡镇（街道）,2、总体满意吗,"
    "3、最关心什么,4、\u200b您的建议\n"
)


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store.open(tmp_path_factory.mktemp("unseen") / "data")
    fill_towns(store)
    with in_this_process():
        yield store


@given(st.characters(exclude_categories=["Cs"]))
def test_the_class_is_what_unicode_calls_format_or_control(sign: str) -> None:
    """An outside list: every default-ignorable or control character Unicode has is in the class."""
    if unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp") and sign not in "\t\n\r":
        visible = unicodedata.category(sign) == "Cf" and ord(sign) in _WRITTEN
        assert unseen.has(sign) != visible, f"U+{ord(sign):04X}"
    if unicodedata.category(sign)[0] in "LNPS" and sign not in _BLANK_LETTERS:
        assert not unseen.has(sign), f"U+{ord(sign):04X}"
    if sign.isspace() and not unseen.has(sign):
        assert sign in unseen.BLANKS


# Signs of numbers and verses in Arabic, Syriac, Kaithi and hieroglyphs are format and yet seen.
_WRITTEN = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD,
            *range(0x13430, 0x13440)}  # fmt: skip
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0\u2800\ufffc\ufffd"


def test_one_in_any_cell_is_named_and_shown(towns: Store, tmp_path: Path) -> None:
    """Every sign at the start, inside and at the end of every column of a record."""
    rows, expected = [], []
    for number, (sign, column, place) in enumerate(
        product(SIGNS, range(len(RIGHT)), (0, 1, None)), start=1
    ):
        row = [f"9901011{number:05}", *RIGHT[1:]]
        cell, at = row[column], len(row[column]) if place is None else place
        row[column] = cell[:at] + sign + cell[at:]
        rows.append(",".join(row))
        shown = f"{cell[:at]}⟨U+{ord(sign):04X}⟩{cell[at:]}"
        expected.append([number, HEAD.split(",")[column], shown])
    file = tmp_path / "f.csv"
    file.write_text("\n".join([HEAD, *rows, ",".join(RIGHT)]) + "\n", encoding="utf-8")
    made = ingest.prepare(towns, file, file.name)
    named = made.problems[made.problems["code"] == "unseen"]
    assert named[["record", "column", "value"]].values.tolist() == expected
    assert made.records_kept == 1
    # That the code does not begin with the township's either is all that is said beside it.
    assert set(made.problems["code"]) <= {"unseen", "rule"}


def test_control_characters_of_a_parquet_file_are_found(towns: Store, tmp_path: Path) -> None:
    row = dict(zip(HEAD.split(","), RIGHT, strict=True))
    frame = pd.DataFrame([row, row | {"community_code": "990101100203", "name_zh": "甲\x01村"}])
    frame.to_parquet(tmp_path / "f.parquet", index=False)
    made = ingest.prepare(towns, tmp_path / "f.parquet", "f.parquet")
    assert made.problems[["record", "column", "code", "value"]].values.tolist() == [
        [2, "name_zh", "unseen", "甲⟨U+0001⟩村"]
    ]


def test_blanks_around_are_cut_off_and_a_header_is_read(towns: Store, tmp_path: Path) -> None:
    cells = [f"\u00a0{cell}\u2003" for cell in RIGHT]
    head = HEAD.replace("name_zh", "名称\u200b")
    (tmp_path / "f.csv").write_text(f"{head}\n{','.join(cells)}\n", encoding="utf-8")
    made = ingest.prepare(towns, tmp_path / "f.csv", "f.csv")
    assert made.problems.empty
    staged = pd.read_parquet(made.accepted["communities"]).iloc[0]
    assert staged[HEAD.split(",")].astype(str).tolist() == list(RIGHT)


def test_in_a_survey_own_words_may_hold_them_and_labels_may_not(
    towns: Store, tmp_path: Path
) -> None:
    rows = [
        "1,2025/3/1 9:00:00,1秒,,,192.0.2.1,示例镇,非常满意,"
        "路┋其他〖\u2764\ufe0f〗,\u2764\ufe0f修路",
        "2,2025/3/1 9:00:00,1秒,,,192.0.2.2,示\u200b例镇,非常满意,路,",
        "3,2025/3/1 9:00:00,1秒,,,192.0.2.3,示例镇,非常\u00ad满意,路,",
        "4,2025/3/1 9:00:00,1秒,,,192.0.2.4,示例镇,非常满意\u200b,路\u2060灯┋路,",
    ]
    (tmp_path / "f.csv").write_text(EXPORT + "\n".join(rows) + "\n", encoding="utf-8")
    made = ingest.prepare(towns, tmp_path / "f.csv", "f.csv", Options(survey=SurveyMapping()))
    assert made.problems[["record", "code", "value"]].values.tolist() == [
        [2, "unseen", "示⟨U+200B⟩例镇"],
        [3, "unseen", "非常⟨U+00AD⟩满意"],
        [4, "unseen", "路⟨U+2060⟩灯┋路"],
    ]
    assert made.reading is not None
    assert set(made.reading.labels["state"]) == {"known"}
    comments = pd.read_parquet(made.accepted["survey_comments"])
    assert comments["comment"].tolist() == ["\u2764修路"]
