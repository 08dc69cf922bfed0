"""The command line: one JSON document, exit codes, refusals with words."""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from data.access import accounts
from data.storage import room
from data.store import Store
from metrics import command_line
from metrics.commands import versions
from tests.conftest import fill_towns

Call = Callable[..., tuple[int, Any]]
ALL_COMMANDS = [name for names in command_line.DOORS.values() for name in names]


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    """Return what calls a command on the store of this test: exit code and the JSON it printed."""
    monkeypatch.setenv("ZHIXIAO_DATA", str(tmp_path / "data"))

    def run(*arguments: object) -> tuple[int, Any]:
        code = command_line.main([*map(str, arguments), "--json"])
        printed = capsys.readouterr().out
        # One document and nothing else, or this raises.
        return code, json.loads(printed)

    return run


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("import",), ("restore", "first"), ("versions", "--port", "1")]
)
def test_a_command_that_is_not_right_is_refused_in_words(
    call: Call, arguments: tuple[str, ...]
) -> None:
    code, report = call(*arguments)
    assert (code, report["error"]) == (2, "bad_arguments")
    assert report["place_en"].startswith("usage: python app.py")
    assert report["problem_zh"].startswith("命令写得不对")


def test_an_unexpected_failure_is_one_and_still_one_document(
    call: Call, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(versions, "_versions", broken)
    code, report = call("versions")
    assert (code, report["error"]) == (1, "unexpected_failure")
    assert "by nothing" in report["problem_zh"]
    assert "by nothing" in caplog.text


def test_versions_and_the_way_back(call: Call, tmp_path: Path) -> None:
    with Store.open(tmp_path / "data") as store:
        fill_towns(store)
        first = store.version
        fill_towns(store)
    code, told = call("versions")
    assert code == 0
    assert [sorted(each) for each in told] == [
        ["author", "details", "message", "number", "time"]
    ] * 2
    code, report = call("restore", first, "--author", "李评")
    assert (code, report["restored"]) == (0, first)
    code, told = call("versions")
    assert (told[0]["number"], told[0]["author"]) == (report["version"], "李评")
    code, report = call("restore", 999)
    assert (code, report["error"]) == (2, "unknown_version")


def test_a_store_is_verified_packed_and_brought_back(call: Call, tmp_path: Path) -> None:
    assert call("verify")[1]["error"] == "no_store"
    with Store.open(tmp_path / "data") as store:
        fill_towns(store)
        code, report = call("backup", tmp_path / "b.zip")  # while the store is open
        assert (code, report["version"]) == (0, store.version)
        assert sorted(report) == ["bytes", "file", "files", "sha256", "version"]
    code, report = call("verify")
    assert (code, report["sound"], report["damaged"], report["lost"]) == (0, True, [], [])
    code, report = call("restore-backup", tmp_path / "b.zip")
    assert code == 0
    assert Path(report["set_aside"]).is_dir()
    ledger = tmp_path / "data" / "ledger.jsonl"
    ledger.write_text(ledger.read_text(encoding="utf-8").replace('"version": 1', '"version": 7'))
    code, report = call("verify")
    assert (code, report["error"]) == (2, "store_damaged")
    assert report["damaged"] == [
        {
            "file": "ledger.jsonl",
            "state": "changed",
            "reason_zh": "内容与写入时不同",
            "reason_en": "the content is not what was written",
        }
    ]


# doors.md, `import`: a promise to programs that nobody here wrote.
PROMISED = {
    "file", "sha256", "encoding", "table", "rows_read", "rows_accepted", "rows_rejected",
    "problems", "warnings", "version", "published",
}  # fmt: skip
PROBLEM = ["code", "column", "line", "reason_en", "reason_zh", "record", "value"]
FACTS = "township_code,year,resident_pop,households\n"


@pytest.fixture
def files(tmp_path: Path) -> Callable[[str, str], Path]:
    with Store.open(tmp_path / "data") as store:
        fill_towns(store)

    def write(name: str, text: str) -> Path:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write


Files = Callable[[str, str], Path]


def test_the_report_of_an_import_keeps_its_promise(
    call: Call, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = files("半好.csv", FACTS + "990101100,2025,1200,400\n990101101,2025,-3,40\n")
    sha = hashlib.sha256(half.read_bytes()).hexdigest()
    code, report = call("import", half, "--author", "李评", "--message", "年报")
    assert code == 2
    assert set(report) >= PROMISED
    assert (report["file"], report["sha256"], report["encoding"]) == ("半好.csv", sha, "utf-8")
    assert (report["table"], report["version"], report["published"]) == (
        "township_year", None, False,
    )  # fmt: skip
    assert [report[f"rows_{what}"] for what in ("read", "accepted", "rejected")] == [2, 1, 1]
    assert [sorted(each) for each in report["problems"]] == [PROBLEM]
    found = report["problems"][0]
    assert [found[name] for name in ("record", "line", "column", "value", "code")] == [
        2, 3, "resident_pop", "-3", "range",
    ]  # fmt: skip
    assert report["error"] == "rejected_records"
    for asked, wanted in (
        (("--check-only",), (2, False)),
        (("--check-only", "--accept-valid"), (0, False)),
        (("--accept-valid", "--author", "李评", "--message", "年报"), (0, True)),
    ):
        code, report = call("import", half, *asked)
        assert (code, report["published"]) == wanted
    told = call("versions")[1][0]
    assert (told["number"], told["author"], told["message"]) == (report["version"], "李评", "年报")
    with monkeypatch.context() as full:
        full.setattr(room, "free", lambda _: 1 << 20)
        crowded = call("import", half, "--accept-valid")
    assert (crowded[1]["error"], crowded[1]["published"]) == ("disk_full", False)
    missing = call("import", tmp_path / "nowhere.csv")
    wrong = call("import", files("wrong.csv", "a,b\n1,2\n"))
    for code, report in (crowded, missing, wrong):
        assert code == 2
        assert set(report) >= PROMISED | {"error", "problem_zh", "place_en", "next_step_zh"}
        assert [sorted(each) for each in report["problems"]] == [PROBLEM]
    assert missing[1]["sha256"] is None
    assert len(wrong[1]["sha256"]) == 64
    problem = call("import", files("open.csv", 'a,b\n1,2\n"3,4\n'))[1]["problems"][0]
    assert (problem["code"], problem["line"]) == ("quote_unclosed", 3)


def test_the_problems_come_as_a_workbook_too(call: Call, files: Files, tmp_path: Path) -> None:
    half = files("半好.csv", FACTS + "990101100,2025,1200,400\n990101101,2025,-3,40\n")
    target = tmp_path / "问题.xlsx"
    assert call("import", half, "--check-only", "--problems", target)[0] == 2
    sheet = CalamineWorkbook.from_path(target).get_sheet_by_index(0).to_python()
    assert [row[-2] for row in sheet] == ["resident_pop", "-3"]
    good = files("good.csv", FACTS + "990101100,2025,1200,400\n")
    assert call("import", good, "--check-only", "--problems", target)[0] == 0
    assert not target.exists()  # what is said of another file would be taken for this one's
    code, report = call("import", half, good, "--problems", target)
    assert (code, report["error"]) == (2, "problems_of_one")
    code, report = call("import", half, "--problems", tmp_path / "nowhere" / "p.xlsx")
    assert (code, report["error"]) == (2, "problems_unwritten")


def test_several_files_are_one_document_and_the_worst_code(call: Call, files: Files) -> None:
    good = files("good.csv", FACTS + "990101100,2025,1200,400\n")
    code, reports = call("import", good, files("bad.csv", "a,b\n1,2\n"), "--author", "李评")
    assert code == 2
    assert [report["published"] for report in reports] == [True, False]


def test_a_period_is_given_where_the_file_has_none_and_held_against_it_otherwise(
    call: Call, files: Files
) -> None:
    without = files("a.csv", "township_code,resident_pop,households\n990101100,1200,400\n")
    assert call("import", without)[1]["error"] == "table_not_recognised"
    code, report = call("import", without, "--period", 2025)
    assert (code, report["published"]) == (0, True)
    assert "2025" in report["warnings"][0]["en"]
    rows = "990101100,2025,1300,400\n990101101,2024,900,300\n990101001,二〇二五,800,200\n"
    code, report = call("import", files("b.csv", FACTS + rows), "--period", 2025)
    found = [(each["record"], each["column"], each["code"]) for each in report["problems"]]
    assert (code, found) == (2, [(2, "year", "other_period"), (3, "year", "type")])
    assert report["rows_accepted"] == 1
    names = files("c.csv", "township_code,name_zh,county_code\n990101102,丙镇,990101\n")
    code, report = call("import", names, "--period", 2025)
    assert (code, report["published"]) == (0, True)
    assert "没有用到" in report["warnings"][0]["zh"]
    assert call("import", names, "--period", "last")[1]["error"] == "bad_arguments"
    with Store.open(files("d.csv", "").parent / "data") as store:
        held = store.read("SELECT township_code, year, resident_pop FROM township_year")
    assert held.values.tolist() == [["990101100", 2025, 1200]]


def test_accounts_are_made_listed_changed_and_closed(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def typed(word: str, *arguments: object) -> tuple[int, Any]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{word}\n"))
        return call("user", *arguments)

    code, report = typed("long enough 1", "add", "王看", "--role", "viewer")
    assert (code, report["error"]) == (2, "first_administrator")
    code, report = typed("long enough 1", "add", "李评", "--role", "administrator")
    shown = {"name": "李评", "role": "administrator", "disabled": False, "area": ""}
    assert (code, report) == (0, shown)
    assert typed("long enough 2", "add", "王看", "--role", "viewer")[0] == 0
    assert call("user", "area", "王看", "990121105")[1]["area"] == "990121105"
    assert call("user", "role", "王看", "evaluator")[1]["error"] == "area_role"
    assert call("user", "area", "王看", "all")[1]["area"] == ""
    assert call("user", "role", "王看", "evaluator")[1]["role"] == "evaluator"
    assert call("user", "role", "王看", "--role", "auditor")[1]["role"] == "auditor"
    assert call("user", "disable", "王看")[1]["disabled"] is True
    assert call("user", "enable", "王看")[1]["disabled"] is False
    assert typed("another long 3", "password", "王看")[0] == 0
    assert typed("short", "password", "王看")[1]["error"] == "password_short"
    assert call("user", "role", "王看")[1]["error"] == "bad_arguments"
    assert call("user", "add", "x", "--role", "king")[1]["error"] == "bad_arguments"
    code, report = call("user", "list")
    assert [(each["name"], each["role"]) for each in report] == [
        ("李评", "administrator"), ("王看", "auditor"),
    ]  # fmt: skip
    assert call("user", "disable", "李评")[1]["error"] == "last_administrator"


def test_others_are_served_only_once_there_is_an_administrator(
    call: Call,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert call("verify")[0] == 2  # sets nothing up
    served: list[object] = []
    monkeypatch.setattr(sys, "argv", ["app.py"])
    monkeypatch.delenv("ZHIXIAO_HOST", raising=False)
    with Store.open(tmp_path / "data"):
        pass
    arguments = ["--host", "0.0.0.0", "--data", str(tmp_path / "data"), "--no-browser"]
    assert command_line.serve(arguments, lambda **how: served.append(how)) == 2
    assert "user add" in capsys.readouterr().err
    for name, told in (("ZHIXIAO_HOSTS", "zhixiao.county.example"), ("ZHIXIAO_AUTH", "required")):
        monkeypatch.setenv(name, told)
        assert command_line.serve(arguments[2:], lambda **how: served.append(how)) == 2
        monkeypatch.delenv(name)
    monkeypatch.setattr(accounts, "_MEMORY_KB", 64)
    accounts.add(tmp_path / "data", "李评", "administrator", "long enough 1")
    assert command_line.serve(arguments, lambda **how: served.append(how)) == 0
    assert served == [{"config": {"server.address": "0.0.0.0", "server.port": 8501,
                                  "server.headless": True}}]  # fmt: skip
    monkeypatch.delenv("ZHIXIAO_HOST")


def test_a_call_that_publishes_nothing_leaves_no_store_behind(call: Call, tmp_path: Path) -> None:
    # Else the next start would find a store without data in place of the sample county.
    folder, file = tmp_path / "data", tmp_path / "towns.csv"
    file.write_text("township_code,name_zh,county_code\n990121001,甲镇,990121\n", encoding="utf-8")
    odd = tmp_path / "odd.csv"
    odd.write_text("a,b\n1,2\n", encoding="utf-8")
    for arguments, code, error in (
        (("versions",), 2, "no_store"),
        (("restore", 1), 2, "no_store"),
        (("verify",), 2, "no_store"),
        (("import", odd), 2, "table_not_recognised"),
        (("import", file, "--check-only"), 0, None),
        (("sample", "--townships", -3), 2, "sample_size"),
    ):
        told, report = call(*arguments)
        assert (told, report.get("error")) == (code, error)
        assert not folder.exists() or list(folder.iterdir()) == []
    assert call("import", file)[1]["published"] is True
    assert call("import", odd)[0] == 2
    assert len(call("versions")[1]) == 1


def helped(arguments: list[str]) -> None:
    """Ask for help, of the start or of a command."""
    if arguments == ["--help"]:
        command_line.serve(arguments, lambda **_: None)
    command_line.main(arguments)


def test_help_is_in_both_languages_and_tells_of_every_command_and_option(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for arguments in (["--help"], *([name, "--help"] for name in ALL_COMMANDS)):
        with pytest.raises(SystemExit) as ended:
            helped(arguments)
        assert ended.value.code == 0
        said = capsys.readouterr().out
        options = said.partition("options:")[2]
        for told in re.split(r"\n(?=  -)", options)[2:]:
            assert " / " in told, (arguments, told)
        if arguments == ["--help"]:
            assert all(f"\n  {name} " in said for name in ("test", "bench", *ALL_COMMANDS))


def test_a_start_that_is_not_right_is_refused_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.serve(["--port", "x"], lambda **_: None) == 2
    assert "命令写得不对" in capsys.readouterr().err


def test_options_stand_before_a_command_or_behind_it_and_files_where_one_stands(
    call: Call, tmp_path: Path
) -> None:
    app = Path(__file__).parents[2] / "app.py"
    # As an archive made in China unpacks it elsewhere.
    name = os.fsdecode("乡镇.csv".encode("utf-8" if os.name == "nt" else "gb18030"))
    towns = "township_code,name_zh,county_code\n990121001,甲镇,990121\n"
    (tmp_path / name).write_text(towns, encoding="utf-8")
    said = [sys.executable, app, "--json", "--data", "data", "import", name, "--author", "李评"]
    done = subprocess.run(said, cwd=tmp_path, capture_output=True, check=False)
    report = json.loads(done.stdout.decode("utf-8"))
    assert (done.returncode, report["file"], report["published"]) == (0, "乡镇.csv", True)
    assert call("user", "--data", tmp_path / "elsewhere", "list") == (0, [])
    assert len(call("versions", "--data", tmp_path / "data")[1]) == 1
