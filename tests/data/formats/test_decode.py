"""Bytes to text: right to the last character, or refused with the place of the first wrong byte."""

import random
import re
from pathlib import Path

import pytest

from data.formats import decode
from data.formats.decode import encoding_of
from tests.data.reading import HEAD, read, read_or_refuse, refusal, rows

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
        # Words of two characters: each other line, or two of them in a long file.
        ("名,1\n".encode("gb18030") + "编号,2\n".encode(), "encoding_mixed", {"line": 2}),
        (GB * 40 + "编号,2\n名称,3\n".encode(), "encoding_mixed", {"line": 41}),
        ("陆,1\n".encode("gb18030"), "encoding_ambiguous", {"utf8": "½", "gb": "陆"}),
        # Both may be meant: ·3 and 路3, 5¥ and 5楼, cataloguè and 猫 behind it, é and 茅.
        *(
            (f"a,b\n25掳C,{cell}\n".encode("gb18030"), "encoding_ambiguous", {})
            for cell in ("路3", "5楼", "catalogue猫", "茅", "5茅茅", "鲁A")
        ),
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


def test_a_single_word_that_looks_like_utf8_by_chance_is_chinese(tmp_path: Path) -> None:
    assert rows(read(tmp_path, GB * 40 + "缂栧彿,1\n".encode("gb18030")))[-1] == ["缂栧彿", "1"]


@pytest.mark.parametrize("encoding", ["utf-7", "hz"])
def test_chinese_in_ascii_signs_is_no_text_as_it_stands(tmp_path: Path, encoding: str) -> None:
    error = refusal(tmp_path, f"{HEAD}第1服务站,1,2\n第2服务站,3,4\n".encode(encoding))
    assert (error.code, error.values["meant"]) == ("garbled", "乡镇")
    kept = read(tmp_path, b"phone,note\n+8613800138000,a~{b}\n+86-10-1234,c\n")
    assert rows(kept)[0] == ["+8613800138000", "a~{b}"]


@pytest.mark.parametrize(
    ("wrote", "read_as"), [("utf-8", "gb18030"), ("utf-8", "latin-1"), ("gb18030", "latin-1")]
)
def test_chinese_saved_garbled_is_refused(tmp_path: Path, wrote: str, read_as: str) -> None:
    words = ["城关镇", "示例乡", "东山村", "治安满意"]
    text = "a,b\n" + "".join(f"{word},1\n" for word in words)
    parts = re.split(r"([\x00-\x7f]+)", text)  # a last byte by itself is lost: �
    garbled = "".join(each.encode(wrote).decode(read_as, "replace") for each in parts)
    error = refusal(tmp_path, garbled.encode())
    assert error.code == "garbled"
    assert str(error.values["meant"]).startswith("城关")


def test_signs_beside_letters_and_digits_are_no_chinese(tmp_path: Path) -> None:
    text = "street,note\nCafé Rue,£5\n±5,25°C at 10m²\nnaïve,5µm\n§3,n\n"
    grid = read(tmp_path, text.encode())
    assert grid.encoding == "utf-8"
    assert rows(grid)[0] == ["Café Rue", "£5"]


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


@pytest.mark.parametrize(
    ("said", "written", "told"),
    [
        ("big5", "big5", "big5"),
        ("Big5", "cp950", "cp950"),
        ("gb18030", "gb18030", "gb18030"),
        ("gbk", "gbk", "gb18030"),
        ("utf-8", "utf-8", "utf-8"),
        ("utf-8", "utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16", "utf-16"),
        ("utf-16", "utf-16-be", "utf-16-be"),
    ],
)
def test_an_encoding_may_be_said(tmp_path: Path, said: str, written: str, told: str) -> None:
    # 碁 and 銹 are only in Windows' Big5.
    text = "鄉鎮,編號\n示例鎮,1\n" + ("碁銹,2\n" if written == "cp950" else "")
    grid = read(tmp_path, text.encode(written), encoding=said)
    assert (grid.encoding, grid.header, rows(grid)[0]) == (told, ("鄉鎮", "編號"), ["示例鎮", "1"])


def test_big5_is_not_guessed(tmp_path: Path) -> None:
    content = ("鄉鎮名稱,編號\n" + "示例鎮,1\n" * 20).encode("big5")
    assert read_or_refuse(tmp_path, content) is None


def test_what_is_doubtful_alone_is_read_as_said(tmp_path: Path) -> None:
    content = "陆,1\n".encode("gb18030")
    assert read(tmp_path, content, encoding="gb18030").header[0] == "陆"
    assert read(tmp_path, content, encoding="utf-8").header[0] == "½"


@pytest.mark.parametrize(
    ("content", "said", "code", "place"),
    [
        (HANZI.encode("utf-8-sig"), "big5", "encoding_contradicted", {"marked": "UTF-8"}),
        (HANZI.encode("utf-16"), "utf-8", "encoding_contradicted", {"marked": "UTF-16"}),
        (GB, "utf-8", "undecodable", UTF8 | {"line": 1, "byte": 1}),
        (b"a,b\n1,\xff\xff\n", "big5", "undecodable", {"line": 2, "byte": 7, "encoding": "BIG5"}),
        (HANZI.encode() * 3, "gb18030", "encoding_mixed", {"line": 1}),
        (HANZI.encode(), "klingon", "encoding_unknown", {"encoding": "klingon"}),
        (HANZI.encode(), "windows-1252", "encoding_unknown", {}),
    ],
)
def test_what_cannot_be_as_said_is_refused(
    tmp_path: Path, content: bytes, said: str, code: str, place: dict[str, object]
) -> None:
    error = refusal(tmp_path, content, encoding=said)
    assert error.code == code
    assert {key: error.values[key] for key in place} == place


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize("sign", ["\x01", "\x0b", "\x1a", "\x1f", "\x7f"])
def test_control_characters_are_refused_with_their_line(
    tmp_path: Path, encoding: str, sign: str
) -> None:
    error = refusal(tmp_path, f"{HANZI}甲,\t乙{sign}\n".encode(encoding))
    assert (error.code, error.values["line"]) == ("control_character", 2)
    assert error.values["character"] == f"U+{ord(sign):04X}"


@pytest.mark.parametrize("names", ["第0所,第1所", "綜合服務站,便民所"])
def test_a_short_file_of_big5_is_not_read_as_gb18030(tmp_path: Path, names: str) -> None:
    content = f"a,b\n{names}\n".encode("big5")
    told = refusal(tmp_path, content)
    assert told.code in ("encoding_ambiguous", "undecodable", "odd_character")
    assert rows(read(tmp_path, content, encoding="big5")) == [names.split(",")]


def test_signs_beside_chinese_of_gb18030_are_read(tmp_path: Path) -> None:
    text = "名称,说明\n①号站,─│┮α类（Ⅱ）\n"
    assert rows(read(tmp_path, text.encode("gb18030"))) == [["①号站", "─│┮α类（Ⅱ）"]]
