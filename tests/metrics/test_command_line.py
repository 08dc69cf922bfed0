"""The command line: one JSON document, exit codes, refusals with words."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.store import Store
from metrics import command_line
from metrics.commands import versions
from tests.conftest import fill_towns

Call = Callable[..., tuple[int, Any]]


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
