"""The storyboard: views kept from the share panel, put in order, shown one after another."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from data import storyboards
from data.storyboards import Step
from pages.shared import account, address, navigation, results, shown
from pages.shared.words import plain, presenting, t


def steps() -> list[Step]:
    """Return the steps of the open store."""
    return storyboards.held(results.store().folder)


def settle() -> None:
    """Take the step that is shown from the link."""
    asked = st.query_params.get("step", st.session_state.get("step"))
    numbers = [str(n) for n in range(1, len(steps()) + 1)] if asked else []
    address.settle("step", ["", *numbers], "")


def add(title: str, page: str, told: dict[str, str], scope: str) -> None:
    """Keep a view as the last step, with what it shows now; scope: in words."""
    step = Step(title, page, told)
    _write([*steps(), step])
    shown.keep(step, page, scope)


def note(page: str, scope: str) -> None:
    """Keep what a step of the presentation shows, for its files."""
    number = st.session_state.get("step")
    if number and presenting():
        step = steps()[int(number) - 1]
        if step.page == page:
            shown.keep(step, page, scope)


def _write(kept: list[Step]) -> None:
    """Keep the steps; raises DataError `not_allowed` for who may only look."""
    account.require("present")
    storyboards.keep(results.store().folder, kept)


def lead() -> None:
    """Lead on and back between the steps; the arrow keys press these links (shell.js)."""
    number = st.session_state.get("step")
    if not (number and presenting()):
        return
    kept, here = steps(), int(number)
    with st.container(horizontal=True, vertical_alignment="center"):
        if here > 1:
            _to(kept, here - 1, t("present.back"), "step-back")
        st.markdown(t("present.at", n=here, all=len(kept)), width="content")
        if here < len(kept):
            _to(kept, here + 1, t("present.next"), "step-next")


def begin(kept: list[Step]) -> None:
    """Draw the link that begins the presentation."""
    _to(kept, 1, t("present.begin"), "step-first")


def edit(kept: list[Step]) -> None:
    """List the steps: what each shows, its note, its place."""
    for place, step in enumerate(kept):
        with st.container(border=True):
            st.header(f"{place + 1}. {plain(step.title)}", anchor=False)
            version = step.told.get("v", "").partition(".")[0]
            st.caption(t("present.frozen", v=version) if version else t("present.following"))
            st.text_area(
                t("present.note"),
                step.note,
                key=f"note-{place}-{len(kept)}",
                max_chars=storyboards.LONGEST_NOTE,
                on_change=_noted,
                args=(place, len(kept)),
            )
            with st.container(horizontal=True):
                _to(kept, place + 1, t("present.show"), f"show-{place}")
                _button("up", place, lambda all_, n: storyboards.moved(all_, n, -1))
                _button("down", place, lambda all_, n: storyboards.moved(all_, n, 1))
                _button("remove", place, lambda all_, n: [*all_[:n], *all_[n + 1 :]])


def _to(kept: list[Step], number: int, label: str, key: str) -> None:
    step = kept[number - 1]
    known = step.page in navigation.names()
    with st.container(key=key, width="content"):
        st.page_link(
            navigation.page(step.page if known else navigation.names()[0]),
            label=label,
            query_params={**step.told, "present": "yes", "step": str(number)},
            width="content",
        )


def _button(name: str, place: int, change: Callable[[list[Step], int], list[Step]]) -> None:
    def act() -> None:
        _write(change(steps(), place))

    st.button(t(f"present.{name}"), key=f"{name}-{place}", on_click=act)


def _noted(place: int, count: int) -> None:
    kept = steps()
    kept[place] = replace(kept[place], note=st.session_state[f"note-{place}-{count}"])
    _write(kept)
