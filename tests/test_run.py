"""The test command: all of it runs at once, is shown in one order, and one failure is a failure."""

import sys

import pytest

from tests import run
from tests.run import Work


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@pytest.mark.parametrize("behind", [["nice"], []])
def test_whatever_fails_is_shown_whole_and_named(
    behind: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fails = "import sys; print('one'); print('two', file=sys.stderr); sys.exit(3)"
    work = [Work(python(fails)), Work(python("print('whole')")), Work(python("print('last')"))]
    monkeypatch.setattr(run, "BEHIND", behind)
    monkeypatch.setattr(run, "fetch_browser", lambda: None)
    monkeypatch.setattr(run, "browser", lambda: None)
    monkeypatch.setattr(run, "everything", lambda: work)
    assert run.main([]) == 1
    printed, told = capsys.readouterr()
    assert sorted(printed.split()) == ["last", "one", "two", "whole"]
    assert printed.split()[-2:] == ["whole", "last"]
    assert [line for line in told.splitlines() if "FAILED" in line] == [
        f"FAILED: {' '.join(python(fails))}"
    ]
    monkeypatch.setattr(run, "everything", lambda: [Work(python("pass"))])
    assert run.main([]) == 0


def test_everything_is_checks_tests_and_the_browser_which_alone_stands_back_for_nothing() -> None:
    work = [each.command for each in run.everything()]
    assert [each[len(run.BEHIND) :] for each in work[: len(run.checks())]] == run.checks()
    *others, browser = work
    assert all(each[: len(run.BEHIND)] == run.BEHIND for each in others)
    assert browser[0] == sys.executable
    assert browser[-1] == "tests/browser"
    assert others[-1][-2:] == ["--ignore", "tests/browser"]
