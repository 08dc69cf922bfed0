"""Accounts on the screen: who may sign in and as what; changes are for administrators alone."""

from collections.abc import Callable, Mapping

import pandas as pd
import streamlit as st

from data.access import accounts, audit
from data.access.accounts import ROLES, Account
from data.errors import DataError
from data.scope import Scope
from data.store import data_folder
from data.words import both
from pages.shared import account, panels, results, screen
from pages.shared.drafts import done
from pages.shared.words import names_of, plain, t, tell


def draw() -> None:
    """List the accounts; add one, change one."""
    held = accounts.held(data_folder())
    if not held:
        st.info(t("administration.no_accounts"))
        name = t("administration.account").replace(" ", "-")
        st.code(
            account.server_command("user", "add", name, "--role administrator"),
            language=None,
            wrap_lines=True,
        )
        return
    st.header(t("administration.accounts"), anchor=False)
    states = (t("administration.open"), t("administration.closed"))
    places = _places()
    rows = [
        (each.name, _role(each.role), places.get(each.area, each.area), states[each.disabled])
        for each in held
    ]
    names = ("account", "role", "area", "state")
    table = pd.DataFrame(rows, columns=[t(f"administration.{name}") for name in names])
    panels.listing("accounts", table, t("administration.accounts"))
    _meaning()
    _add(len(held), places)
    _change(held, places)


def _places() -> dict[str, str]:
    """Return what an account may be limited to: code -> words; blank for no limit.

    Of several counties the townships of the one in view: a nation's are no list to choose from.
    """
    counties = results.get("units.counties", Scope())
    chosen: Scope = st.session_state["scope"]
    towns = results.get("units.all_units", Scope(county=chosen.county))
    if len(counties) < 2:
        counties = counties.iloc[:0]
    elif chosen.county is None:
        towns = towns.iloc[:0]
    held = pd.concat([counties, towns])
    codes = [str(code) for code in held["unit_code"]]
    named = {c: f"{name} {c}" for c, name in zip(codes, names_of(held), strict=True)}
    return {"": t("administration.area_all"), **named}


def _role(role: str) -> str:
    return tell(both(f"accounts.role.{role}"))


def _meaning() -> None:
    """Say what each role may do."""
    with st.popover(t("administration.roles")):
        lines = [f"- **{_role(role)}** {t(f'administration.may.{role}')}" for role in ROLES]
        st.markdown("\n".join(lines))


def _add(number: int, places: Mapping[str, str]) -> None:
    """Offer the form; with one account more it is a new one, blank again."""
    st.header(t("administration.add"), anchor=False)
    with st.form("account-add", border=False):
        name = st.text_input(t("administration.account"), max_chars=40, key=f"name-{number}")
        role = st.selectbox(
            t("administration.role"), ROLES, format_func=_role, key=f"role-{number}"
        )
        area = _area(places, "", f"area-{number}")
        password = _password(f"new-{number}")
        if st.form_submit_button(t("administration.add_now"), type="primary"):
            _do(
                "account_added",
                lambda: accounts.add(data_folder(), name.strip(), role, password, area),
            )


def _change(held: list[Account], places: Mapping[str, str]) -> None:
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
    with st.form("account-area", border=False):
        area = _area(places, one.area, f"area-of-{one.name}-{one.area}")
        if st.form_submit_button(t("administration.area_now")):
            _do("account_area", lambda: accounts.set_area(data_folder(), one.name, area))
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


def _area(places: Mapping[str, str], now: str, key: str) -> str:
    """Ask what an account may see; a place that is no more in the data can still be kept."""
    held = {**places, now: places.get(now, now)}
    codes = list(held)
    return str(
        st.selectbox(
            t("administration.area"), codes, codes.index(now), format_func=held.__getitem__,
            help=t("administration.area_help"), key=key,
        )
    )  # fmt: skip


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
    audit.note(data_folder(), did, who=who.name, about=changed.told)
    done(t("administration.done", did=t(f"administration.event.{did}"), name=plain(changed.name)))
