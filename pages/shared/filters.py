"""The choices of a view; every one of them lives in the URL, as a code and never as a name."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from data.scope import Scope
from pages.shared import results
from pages.shared.screen import language, t, wording

ALL = "all"


def choice(
    label: str,
    options: Sequence[str],
    *,
    key: str,
    default: str,
    word: Callable[[str], str],
    widget: Callable[..., Any] | None = None,
) -> str:
    """Draw one choice, start it from the link, and keep the link up to date.

    Streamlit's own binding writes the option's wording into the URL, which changes with the
    language. A value that the link brings and nobody knows falls back with a word.
    """
    if key not in st.session_state:
        asked = st.query_params.get(key, default)
        if asked not in options:
            st.toast(t("shell.unknown_choice", value=asked[:30]))
            asked = default
        st.session_state[key] = asked
    elif st.session_state[key] not in options:
        st.session_state[key] = default
    draw_widget = widget or st.selectbox
    picked = str(draw_widget(label, options, format_func=wording(options, word), key=key))
    if picked != default:
        st.query_params[key] = picked
    else:
        st.query_params.pop(key, None)
    return picked


def _segments(*arguments: Any, **named: Any) -> Any:
    return st.segmented_control(*arguments, required=True, **named)


def choose_store() -> None:
    """Choose between own data and the fictional county; only one of them is open at a time."""
    held = list(results.folders())
    with st.sidebar:
        picked = held[0] if held else "own"
        if len(held) > 1:
            picked = choice(
                t("shell.data_set"),
                held,
                key="data",
                default="own",
                word=lambda name: t(f"shell.data_{name}"),
                widget=_segments,
            )
        st.session_state["store"] = picked
        st.markdown(f"**{t('shell.open_' + picked)}**")


def draw() -> None:
    """Draw year, place and unit type, and remember them as the scope."""
    years = [str(year) for year in results.get("units.years", Scope())["year"]] or [ALL]
    units = results.get("units.all", Scope())
    names = dict(zip(units["unit_code"], units[f"name_{language()}"], strict=True))
    with st.sidebar:
        year = _select("year", years, years[0])
        town = _select("town", [ALL, *names], ALL, names)
        kind = _select("type", [ALL, "township", "subdistrict"], ALL)
    st.session_state["scope"] = Scope(
        year=None if year == ALL else int(year),
        township=None if town == ALL else town,
        unit_type=None if kind == ALL or town != ALL else kind,
    )


def _select(key: str, options: list[str], default: str, names: dict[str, str] | None = None) -> str:
    def word(value: str) -> str:
        if value == ALL:
            return t(f"shell.{key}_all")
        if names and value in names:
            return names[value]
        return value if key == "year" else t(f"shell.type_{value}")

    return choice(t(f"shell.{key}"), options, key=key, default=default, word=word)


def choose_view() -> None:
    """Draw language and text size at the foot of the sidebar."""
    with st.sidebar:
        st.divider()
        choice(
            "语言 / Language",
            ["zh", "en"],
            key="lang",
            default="zh",
            word=lambda value: {"zh": "中文", "en": "English"}[value],
            widget=_segments,
        )
        choice(
            t("shell.size"),
            ["normal", "large"],
            key="size",
            default="normal",
            word=lambda value: t(f"shell.size_{value}"),
            widget=_segments,
        )
