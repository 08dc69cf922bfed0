"""The link holds every choice of the view, as codes: it is the share, and it restores the view.

Streamlit's own `bind="query-params"` writes the words of the options into the link: they change
with the language, and two places may share a name. Here the codes stand in the link. A choice
at its default is left out; a value the link brings and nobody knows falls back with a word.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import streamlit as st

from pages.shared.words import language, t

LONGEST_SHOWN = 30
# Centre and zoom are written by the map itself; a reader's colours are not passed on.
OF_THE_MAP = ("lat", "lng", "z")
NOT_SHARED = ("theme",)


@dataclass
class _Book:
    """What one session knows of its link; begun anew with every run except for what was seen."""

    page: str = ""
    moved: bool = False
    seen: dict[str, str | None] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def _book() -> _Book:
    book: _Book = st.session_state.setdefault("address", _Book())
    return book


def begin() -> None:
    """Begin a run: nothing chosen, nothing to complain about but what was kept for it."""
    book = _book()
    book.defaults.clear()
    book.shared.clear()
    book.complaints, book.kept = book.kept, []


def arrive(page: str) -> None:
    """Take note of the page: links between pages may leave choices out without undoing them."""
    book = _book()
    book.moved, book.page = book.page != page, page


def _asked(name: str, held: str) -> tuple[str | None, bool]:
    """Return what the link asks for, and whether that is news; held: the choice as it stands.

    The browser sends the link it has, which lags behind a reader who chooses quickly: against a
    choice made since the last run it is old, whatever it says.
    """
    book = _book()
    asked = st.query_params.get(name)
    chosen_now = held != book.left.get(name, held)
    return asked, asked != book.seen.get(name) and not chosen_now


def settle(
    name: str,
    options: Sequence[str],
    default: str,
    *,
    shared: bool = False,
    lasting: bool = False,
    unknown: Callable[[str], str] | None = None,
) -> str:
    """Put the value of a choice into the session state, before its widget is drawn; return it.

    shared: links to the other pages carry it. lasting: a link without it does not undo it.
    unknown: says what is wrong with another value that the link brings; it is unknown otherwise.
    """
    book = _book()
    asked, news = _asked(name, str(st.session_state.get(name)))
    if news:
        if asked is not None and asked not in options:
            complain(asked, unknown)
        if asked is not None or not (lasting or book.moved):
            st.session_state[name] = asked if asked in options else default
    if st.session_state.get(name) not in options:
        st.session_state[name] = default
    book.defaults[name] = default
    if shared:
        book.shared.add(name)
    return str(st.session_state[name])


def select(
    name: str,
    label: str,
    options: Sequence[str],
    word: Callable[[str], str],
    default: str | None = None,
    *,
    shared: bool = False,
    bare: bool = False,
    unknown: Callable[[str], str] | None = None,
) -> str:
    """Draw a choice from a list and return its code.

    bare: its name is only read aloud, where what is chosen says enough. unknown: as of `settle`.
    """
    settle(name, options, default or options[0], shared=shared, unknown=unknown)
    return str(
        st.selectbox(
            label,
            options,
            format_func=word,
            key=name,
            label_visibility="collapsed" if bare else "visible",
            persist_state="session",
        )
    )


def segments(
    name: str,
    label: str,
    options: Sequence[str],
    word: Callable[[str], str],
    *,
    width: Literal["stretch", "content"] = "stretch",
) -> str:
    """Draw a settled choice as buttons side by side and return its code."""
    return str(
        st.segmented_control(
            label,
            options,
            format_func=word,
            key=name,
            required=True,
            label_visibility="collapsed",
            width=width,
            persist_state="session",
        )
    )


def tabs(name: str, options: Sequence[str], word: Callable[[str], str]) -> dict[str, Any]:
    """Draw a choice as tabs, the first at its default; return code -> tab.

    The open tab is the choice that the link carries; the tabs' own state is their words.
    """
    words = {word(option): option for option in options}
    key = f"{name}-{language()}"

    def opened() -> None:
        st.session_state[name] = words.get(st.session_state[key], options[0])

    chosen = settle(name, options, options[0])
    st.session_state[key] = next(said for said, option in words.items() if option == chosen)
    drawn = st.tabs(list(words), key=key, on_change=opened)
    return dict(zip(words.values(), drawn, strict=True))


def typed(name: str, label: str, hint: str = "") -> str:
    """Draw a field for words to look for and return them; the link carries them as they are."""
    book = _book()
    asked, news = _asked(name, str(st.session_state.get(name)))
    if news and (asked is not None or not book.moved):
        st.session_state[name] = (asked or "")[:LONGEST_SHOWN]
    book.defaults[name] = ""
    return str(
        st.text_input(
            label,
            key=name,
            max_chars=LONGEST_SHOWN,
            placeholder=hint,
            persist_state="session",
        )
    ).strip()


def ticks(name: str, options: Sequence[str], default: Sequence[str]) -> None:
    """Settle choices that are ticked one by one; the link joins the codes of those that are.

    Draw each with `box`, and read them with `ticked` afterwards.
    """
    book = _book()
    asked, news = _asked(name, _joined(name, options))
    if news and (asked is not None or not book.moved):
        wanted = list(default) if asked is None else [code for code in asked.split(".") if code]
        for unknown in sorted(set(wanted) - set(options)):
            book.complaints.append(t("shell.unknown_choice", value=unknown[:LONGEST_SHOWN]))
        for option in options:
            st.session_state[f"{name}-{option}"] = option in wanted
    for option in options:
        st.session_state.setdefault(f"{name}-{option}", option in default)
    book.defaults[name] = ".".join(option for option in options if option in default)


def box(name: str, option: str, label: str) -> None:
    """Draw one of the settled choices as a box to tick."""
    st.checkbox(label, key=f"{name}-{option}", persist_state="session")


def tick(name: str, options: Sequence[str], value: bool) -> None:
    """Tick all choices or none; a button's callback, before they are drawn."""
    for option in options:
        st.session_state[f"{name}-{option}"] = value


def ticked(name: str, options: Sequence[str]) -> list[str]:
    """Return the codes that are ticked, in the order of the options; the link carries them."""
    st.session_state[name] = _joined(name, options)
    return [option for option in options if st.session_state[f"{name}-{option}"]]


def _joined(name: str, options: Sequence[str]) -> str:
    return ".".join(option for option in options if st.session_state.get(f"{name}-{option}"))


def complain(value: str, why: Callable[[str], str] | None = None) -> None:
    """Note that something in the link is not known here; the page says so, or what `why` says."""
    said = value[:LONGEST_SHOWN]
    words = why(said) if why else t("shell.unknown_choice", value=said)
    _book().complaints.append(words)


def keep_complaints() -> None:
    """Leave what could not be taken from the link to the page that this one leads to."""
    _book().kept = complaints()


def complaints() -> list[str]:
    """Return what could not be taken from the link in this run."""
    return list(dict.fromkeys(_book().complaints))


def link(**changes: str) -> dict[str, str]:
    """Return the parameters that carry the shared choices to another page."""
    book = _book()
    chosen = {name: str(st.session_state[name]) for name in sorted(book.shared)} | changes
    return {name: value for name, value in chosen.items() if value != book.defaults.get(name)}


def here(*, whole: bool = False, **changes: str) -> dict[str, str]:
    """Return the parameters that restore this view, some of its choices changed.

    whole: with the choices at their defaults too, so that the link undoes whatever was chosen
    before it. Colours stay each reader's own.
    """
    book = _book()
    chosen = {n: str(st.session_state.get(n, default)) for n, default in book.defaults.items()}
    told = {n: v for n, v in (chosen | changes).items() if whole or v != book.defaults.get(n, "")}
    place = {n: st.query_params[n] for n in OF_THE_MAP if n in st.query_params}
    return {n: v for n, v in (told | place).items() if n not in NOT_SHARED}


def finish() -> None:
    """Make the link say what was chosen in this run; one step of the browser's history."""
    book = _book()
    wanted = {
        name: None if (value := str(st.session_state.get(name, default))) == default else value
        for name, default in book.defaults.items()
    }
    book.seen.update(wanted)
    book.left.update(
        {name: str(st.session_state.get(name, default)) for name, default in book.defaults.items()}
    )
    for name, value in wanted.items():
        if value is None and name in st.query_params:
            del st.query_params[name]
    changed = {n: v for n, v in wanted.items() if v is not None and st.query_params.get(n) != v}
    if changed:
        st.query_params.update(changed)
