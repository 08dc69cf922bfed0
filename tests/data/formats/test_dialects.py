"""A dialect that is told, and the fields of a record under it."""

from pathlib import Path

import pytest

from data.errors import DataError
from data.formats.dialects import Dialect
from tests.data.reading import read, refusal, rows


@pytest.mark.parametrize("said", ["", "x", "7", ",,", "\\", '"', "tab'x"])
def test_what_is_no_dialect_is_refused(tmp_path: Path, said: str) -> None:
    if said:
        assert refusal(tmp_path, b"a,b\n1,2\n", delimiter=said).code == "dialect_unknown"
    with pytest.raises(DataError):
        Dialect.of(said)


@pytest.mark.parametrize(
    "record",
    ['1"x,y",3', '1"x, y, z"', '"a""b",1"x,y"', '"a\\\\",1"x,y"'],
)
def test_a_delimiter_lost_before_a_quotation_is_no_new_record(tmp_path: Path, record: str) -> None:
    text = f'a,b,c\n1,"2",3\n{record}\n'
    error = refusal(tmp_path, text.encode())
    assert (error.code, error.values["line"]) == ("quote_error", 3)


@pytest.mark.parametrize("record", ['5",6",7"', '5"x3",2,3', '"5"" x","6""",3', 'x"y,z"w,3'])
def test_inches_are_no_quotations(tmp_path: Path, record: str) -> None:
    assert len(rows(read(tmp_path, f"a,b,c\n1,2,3\n{record}\n".encode()))) == 2


def test_quotes_that_are_none_must_be_said(tmp_path: Path) -> None:
    text = b'a,b\n1,"2 inch\n3,4\n'
    assert refusal(tmp_path, text).code == "quote_unclosed"
    assert rows(read(tmp_path, text, delimiter=",none")) == [["1", '"2 inch'], ["3", "4"]]
    assert rows(read(tmp_path, b"a\tb\n1\t2\n", delimiter="Tab")) == [["1", "2"]]
