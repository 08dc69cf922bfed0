"""Accounts on the screen: who may sign in and as what; changes are for administrators alone."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from data import accounts, audit
from data.accounts import ROLES, Account
from data.errors import DataError
from data.store import data_folder
from data.words import both
from pages.shared import account, screen
from pages.shared.drafts import done
from pages.shared.words import plain, t, tell


def draw() -> None:
    """List the accounts; add one, change one."""
    held = accounts.held(data_folder())
    if not held:
        st.info(t("administration.no_accounts"))
        st.code("python app.py user add NAME --role administrator", language=None)
        return
    st.header(t("administration.accounts"), anchor=False)
    states = (t("administration.open"), t("administration.closed"))
    rows = [(each.name, _role(each.role), states[each.disabled]) for each in held]
    names = ("account", "role", "state")
    table = pd.DataFrame(rows, columns=[t(f"administration.{name}") for name in names])
    st.dataframe(table, hide_index=True, alt=t("administration.accounts"))
    _meaning()
    _add(len(held))
    _change(held)


def _role(role: str) -> str:
    return tell(both(f"accounts.role.{role}"))


def _meaning() -> None:
    """Say what each role may do."""
    with st.popover(t("administration.roles")):
        lines = [f"- **{_role(role)}** {t(f'administration.may.{role}')}" for role in ROLES]
        st.markdown("\n".join(lines))


def _add(number: int) -> None:
    """Offer the form; with one account more it is a new one, blank again."""
    st.header(t("administration.add"), anchor=False)
    with st.form("account-add", border=False):
        name = st.text_input(t("administration.account"), max_chars=40, key=f"name-{number}")
        role = st.selectbox(
            t("administration.role"), ROLES, format_func=_role, key=f"role-{number}"
        )
        password = _password(f"new-{number}")
        if st.form_submit_button(t("administration.add_now"), type="primary"):
            _do("account_added", lambda: accounts.add(data_folder(), name.strip(), role, password))


def _change(held: list[Account]) -> None:
    st.header(t("administration.change"), anchor=False)
    st.caption(t("administration.change_ends"))
    chosen = st.selectbox(t("administration.account"), [each.name for each in held])
    one = next(each for each in held if each.name == chosen)
    with st.form("account-role", border=False):
        role = st.selectbox(
            t("administration.role"), ROLES, ROLES.index(one.role), format_func=_role
        )
        if st.form_submit_button(t("administration.role_now")):
            _do("account_role", lambda: accounts.set_role(data_folder(), one.name, role))
    with st.form("account-password", border=False, clear_on_submit=True):
        password = _password("other")
        if st.form_submit_button(t("administration.password_now")):
            _do(
                "account_password", lambda: accounts.set_password(data_folder(), one.name, password)
            )
    if st.button(t("administration.enable" if one.disabled else "administration.disable")):
        _do(
            "account_enabled" if one.disabled else "account_disabled",
            lambda: accounts.set_disabled(data_folder(), one.name, disabled=not one.disabled),
        )


def _password(key: str) -> str:
    return str(
        st.text_input(
            t("accounts.password"), type="password", autocomplete="new-password", key=f"word-{key}"
        )
    )


def _do(did: audit.Did, change: Callable[[], Account]) -> None:
    """Change an account as an administrator, and write it down."""
    who = account.require("administer")
    try:
        changed = change()
    except DataError as error:
        screen.refusal(error)
        return
    about = f"{changed.name} ({changed.role})"
    audit.note(data_folder(), did, who=who.name, about=about)
    done(t("administration.done", did=t(f"administration.event.{did}"), name=plain(changed.name)))
