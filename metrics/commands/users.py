"""`user`: local accounts. The first administrator is made here and nowhere else."""

import argparse
import getpass
import sys
from pathlib import Path

from data import store
from data.access import accounts, audit
from data.access.accounts import ROLES, Account
from data.errors import DataError
from data.words import both
from metrics.commands.common import Answer, Command, commands_of


def declare(command: Command) -> None:
    """Declare the command and what it can do."""
    user = commands_of(command("user", _list), "user-")
    add = user("add", _add)
    add.add_argument("name")
    add.add_argument("--role", required=True, choices=ROLES)
    add.add_argument("--area", default="", metavar="CODE")
    user("list", _list)
    role = user("role", _role)
    role.add_argument("name")
    role.add_argument("new", nargs="?", choices=ROLES, metavar="ROLE")
    role.add_argument("--role", choices=ROLES)
    area = user("area", _area)
    area.add_argument("name")
    area.add_argument("code", metavar="CODE|all")
    for name, run in (("disable", _disable), ("enable", _enable), ("password", _password)):
        user(name, run).add_argument("name")


def _folder() -> Path:
    return store.data_folder()


def _add(options: argparse.Namespace) -> Answer:
    made = accounts.add(_folder(), options.name, options.role, _asked(), options.area)
    return _noted("account_added", made), 0


def _list(_: argparse.Namespace) -> Answer:
    return [_shown(each) for each in accounts.held(_folder())], 0


def _role(options: argparse.Namespace) -> Answer:
    role = options.role or options.new
    if not role:
        raise DataError("bad_arguments", reason="ROLE", usage="python app.py user role NAME ROLE")
    return _noted("account_role", accounts.set_role(_folder(), options.name, role)), 0


def _area(options: argparse.Namespace) -> Answer:
    code = "" if options.code == "all" else options.code
    return _noted("account_area", accounts.set_area(_folder(), options.name, code)), 0


def _disable(options: argparse.Namespace) -> Answer:
    changed = accounts.set_disabled(_folder(), options.name, disabled=True)
    return _noted("account_disabled", changed), 0


def _enable(options: argparse.Namespace) -> Answer:
    changed = accounts.set_disabled(_folder(), options.name, disabled=False)
    return _noted("account_enabled", changed), 0


def _password(options: argparse.Namespace) -> Answer:
    changed = accounts.set_password(_folder(), options.name, _asked())
    return _noted("account_password", changed), 0


def _noted(did: audit.Did, account: Account) -> dict[str, object]:
    """Write down what was done to an account, and return what may be shown of it."""
    audit.note(_folder(), did, about=account.told)
    return _shown(account)


def _shown(account: Account) -> dict[str, object]:
    """Return what may be shown of an account: never its hash."""
    shown = ("name", "role", "disabled", "area")
    return {name: getattr(account, name) for name in shown}


def _asked() -> str:
    """Ask for a password twice, or read it from standard input when that is no terminal."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    asked = both("accounts.password")
    first = getpass.getpass(f"{asked.zh} / {asked.en}: ")
    again = both("accounts.again")
    if getpass.getpass(f"{again.zh} / {again.en}: ") != first:
        raise DataError("password_differs")
    return first
