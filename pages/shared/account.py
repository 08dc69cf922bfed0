"""Who is at the screen, what they may do, and how their name gets onto what they publish."""

from typing import Any

import streamlit as st

from data.access import accounts
from data.access.accounts import LOCAL, Account, Action
from data.errors import DataError
from data.store import data_folder
from data.words import both
from pages.shared.gate import COOKIE
from pages.shared.words import t, tell


def current() -> Account | None:
    """Return the account of this session, asked anew at every run; None when it has ended."""
    if not accounts.required(data_folder()):
        return LOCAL
    return accounts.of_token(data_folder(), st.context.cookies.get(COOKIE, ""))


def require(action: Action) -> Account:
    """Return the account of this session, or raise DataError `not_allowed`, `session_ended`."""
    account = current()
    if account is None:
        raise DataError("session_ended")
    if not account.may(action):
        role = both(f"accounts.role.{account.role}")
        raise DataError("not_allowed", name=account.name, role=role)
    return account


def draw() -> None:
    """Say at the foot of the sidebar who is signed in, and offer the way out."""
    account = require("read")
    if account.name:
        with st.sidebar.container(gap="small"):
            role = tell(both(f"accounts.role.{account.role}"))
            st.text(t("accounts.signed_in", name=account.name, role=role))
            if account.area:
                st.text(t("accounts.limited", area=account.area))
            st.link_button(t("accounts.leave"), f"/sign-out?lang={t('accounts.code')}")


def server_command(*words: str) -> str:
    """Return what an administrator types on the server, for the data that are served here."""
    return f'python app.py {" ".join(words)} --data "{data_folder()}"'


def named(author: str) -> bool:
    """Say whether somebody put their name to a change; ask for it where nobody did.

    The button that publishes is always lit: a grey one does not say what it waits for.
    """
    if not author.strip():
        st.warning(t("upload.needs_author"))
    return bool(author.strip())


def author(key: str, place: Any = st) -> str:
    """Ask who publishes; of somebody who is signed in it is known."""
    account = require("read")
    if account.name:
        place.text_input(t("upload.by"), value=account.name, disabled=True, key=f"signed-{key}")
        return account.name
    return str(place.text_input(t("upload.author"), key=key))
