"""Bytes to text: right to the last character, or refused with the place of the first wrong byte."""

import random
from pathlib import Path

import pytest

from data import decode
from data.decode import encoding_of
from tests.data.reading import read, refusal, rows

TEXT = '代码,名称,说明\r\n0012,示例镇,"引号""和，逗号"\r\n0013,样例乡,\r\n' * 3
HANZI = "乡镇名称,编号\n"
GB = HANZI.encode("gb18030")
UTF8, GB18030 = {"encoding": "UTF-8"}, {"encoding": "GB18030"}


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("gb2312", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_every_encoding_gives_the_same_cells(tmp_path: Path, encoding: str, told: str) -> None:
    grid = read(tmp_path, TEXT.encode(encoding))
    assert grid.encoding == told
    assert grid.header == ("代码", "名称", "说明")
    assert rows(grid)[:2] == [["0012", "示例镇", '引号"和，逗号'], ["0013", "样例乡", ""]]


def test_signs_beyond_gbk_survive_gb18030(tmp_path: Path) -> None:
    # Four-byte characters (𠮷, é, a rare one of Tibetan) among common ones.
    table = f"{HANZI}𠮷家村é༄——·,12\n".encode("gb18030")
    assert rows(read(tmp_path, table * 2))[0] == ["𠮷家村é༄——·", "12"]


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        (b"a,b\n1,\x00\n", "not_text", {"line": 2}),
        (b"a,b\r\n1,2\r\n3,\x00\r\n", "not_text", {"line": 3}),
        (HANZI.encode() + b"1,\xff\xff\n", "undecodable", UTF8 | {"line": 2, "byte": 23}),
        (HANZI.encode()[:-2], "undecodable", UTF8 | {"line": 1, "byte": 17}),
        (GB + b"\xff\xff,1\n", "undecodable", GB18030 | {"line": 2, "byte": 15}),
        (HANZI.encode("utf-16") + b"\x00", "undecodable", {"line": 2, "encoding": "UTF-16"}),
        (b"\xef\xbb\xbf" + GB, "undecodable", UTF8 | {"line": 1, "byte": 4}),
        (HANZI.encode() * 3 + GB * 3, "encoding_mixed", {"line": 1}),
        (GB * 3 + HANZI.encode() * 3, "encoding_mixed", {"line": 4}),
        ("陆,1\n".encode("gb18030"), "encoding_ambiguous", {"utf8": "½", "gb": "陆"}),
        ("nom,prénom\nété,à\nnoël,é\n".encode("latin-1"), "undecodable", {"line": 2}),
        (GB + b"\xaa\xa1,1\n", "odd_character", {"line": 2, "character": "U+E000"}),
    ],
)  # fmt: skip
def test_bytes_that_are_no_text_are_refused_with_their_place(
    tmp_path: Path, content: bytes, code: str, place: dict[str, object]
) -> None:
    error = refusal(tmp_path, content)
    assert error.code == code
    assert {key: error.values[key] for key in place} == place


def random_text(chance: random.Random) -> str:
    signs = ["示", "a", "\r\n", "\n", "\r", "é", "𠮷", ","]
    return "".join(chance.choice(signs) for _ in range(chance.randrange(2, 30)))


@pytest.mark.parametrize("piece", [1, 2, 3, 5])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_where_pieces_end_changes_neither_place_nor_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, piece: int
) -> None:
    """Slow twin: the whole file decoded at once."""
    monkeypatch.setattr(decode, "_PIECE", piece)
    file = tmp_path / "file"
    chance = random.Random(piece)
    for _ in range(60):
        text = random_text(chance)
        content = bytearray(text.encode(encoding))
        file.write_bytes(content)
        lines = len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
        assert decode._line_of(file, encoding, len(text)) == lines
        assert decode._line_at(file, len(content), encoding) == lines
        content.insert(chance.randrange(2, len(content) + 1), chance.choice(b"\xff\x80\xd8"))
        file.write_bytes(content)
        try:
            content.decode(encoding)
            expected = None
        except UnicodeDecodeError as error:
            expected = error.start
        assert decode._failure(file, encoding) == expected


def test_a_long_file_is_decoded_like_a_short_one(tmp_path: Path) -> None:
    file = tmp_path / "file"
    for shift in range(3):
        file.write_bytes(b"a" * shift + GB * 90_000)
        assert encoding_of(file, "file") == "gb18030"
