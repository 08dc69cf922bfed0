"""Administration: the log for auditors, accounts and checks for administrators alone."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.access import accounts, audit
from data.store import Store
from data.words import say
from pages.shared import account, navigation
from pages.shared.downloads import noted
from tests.pages.county import fill, visit

WORD = "长长的密码一二三四五六"


def as_role(monkeypatch: pytest.MonkeyPatch, folder: Path, role: str) -> None:
    """Make an account of a role, and sign it in."""
    monkeypatch.setattr(accounts, "_MEMORY_KB", 64)
    if not accounts.held(folder):
        accounts.add(folder, "李管", "administrator", WORD)
    one = next((a for a in accounts.held(folder) if a.role == role), None)
    one = one or accounts.add(folder, f"某{role}", role, WORD)
    monkeypatch.setattr(account, "current", lambda: one)


def press(app: AppTest, key: str) -> AppTest:
    label = say(f"administration.{key}", "zh")
    next(each for each in app.button if each.label == label).click().run()
    assert not app.exception
    return app


@pytest.mark.parametrize("role", accounts.ROLES)
def test_the_log_is_for_auditors_and_the_rest_for_administrators(
    folder: Path, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    fill(folder)
    as_role(monkeypatch, folder, role)
    audit.note(folder, "signed_in", who="李管")
    app = visit("administration")
    assert not app.exception
    titles = [link.proto.label for link in app.get("page_link")]
    may = role in ("auditor", "administrator")
    assert (say("administration.title", "zh") in titles) == may
    assert bool(app.dataframe) == may
    # An address that asks for more than the role may see falls back to the log.
    rooms = visit("administration", room="accounts")
    forms = say("administration.add_now", "zh") in [each.label for each in rooms.button]
    assert forms == (role == "administrator")


def test_accounts_are_added_changed_and_closed_in_words(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(folder)
    as_role(monkeypatch, folder, "administrator")
    app = visit("administration", room="accounts")
    name = say("administration.account", "zh")
    app.text_input(key="name-1").input("王看")
    app.text_input(key="word-new-1").input("太短")
    press(app, "add_now")
    assert say("errors.password_short.problem", "zh", shortest=10) in app.error[0].value
    # What was typed is still there; only the password is typed again.
    assert app.text_input(key="name-1").value == "王看"
    app.text_input(key="word-new-1").input(WORD)
    press(app, "add_now")
    assert app.text_input(key="name-2").value == ""
    assert "王看" in app.success[0].value
    assert accounts.check(folder, "王看", WORD) is not None
    next(box for box in app.selectbox if box.label == name).select("王看").run()
    app.selectbox(key="area-of-王看-").select("990121100")
    press(app, "area_now")
    assert accounts.held(folder)[1].area == "990121100"
    assert "云溪镇 990121100" in app.dataframe[0].value.to_string()
    press(app, "disable")
    assert accounts.check(folder, "王看", WORD) is None
    # The last administrator stays.
    next(box for box in app.selectbox if box.label == name).select("李管").run()
    press(app, "disable")
    assert say("errors.last_administrator.problem", "zh") in app.error[0].value
    log = audit.read(folder)
    assert [(each.did, each.who, each.about) for each in log.events] == [
        ("account_added", "李管", "王看 (viewer)"),
        ("account_area", "李管", "王看 (viewer, 990121100)"),
        ("account_disabled", "李管", "王看 (viewer, 990121100)"),
    ]
    assert WORD not in (folder / audit.FILE).read_text()


def test_a_check_says_what_is_damaged_and_a_changed_log_is_told(folder: Path) -> None:
    fill(folder)
    app = press(visit("administration", room="keeping"), "verify_now")
    assert "全部完好" in app.success[0].value
    fact = next((folder / "facts").rglob("*.parquet"))
    fact.write_bytes(fact.read_bytes()[:-1] + b"?")
    app = press(visit("administration", room="keeping"), "verify_now")
    assert fact.name in app.code[0].value
    file = folder / audit.FILE
    file.write_text(file.read_text().replace("verified", "signed_in", 1))
    shown = visit("administration")
    assert say("administration.broken", "zh", n=1) in shown.error[0].value


def test_a_file_that_leaves_is_noted(folder: Path) -> None:
    Store.open(folder).close()
    make = noted("表 CSV", lambda told: told, b"content")
    assert audit.read(folder).events == ()
    assert make() == b"content"
    assert [(each.did, each.about) for each in audit.read(folder).events] == [
        ("taken_out", "表 CSV")
    ]


def test_commands_for_the_server_name_the_folder_that_is_served(folder: Path) -> None:
    # Without it they would have made an administrator, or brought data back, somewhere else.
    for part, command in (("accounts", "user add 账号名"), ("keeping", "restore-backup")):
        (told,) = (code.value for code in visit("administration", room=part).code)
        assert command in told
        assert f'--data "{folder}"' in told


def test_a_page_that_needs_a_right_is_one_of_the_pages() -> None:
    assert set(navigation.NEEDS) <= set(navigation.names())
