"""The shared choices of the sidebar; every one of them lives in the URL."""

import streamlit as st

from data.scope import Scope
from pages.shared import results
from pages.shared.screen import chosen, language, t

ALL = "all"


def choose_store() -> None:
    """Choose between own data and the fictional county; only one of them is open at a time."""
    held = results.folders()
    with st.sidebar:
        wanted = chosen("data", "own" if "own" in held else "sample")
        if len(held) > 1:
            st.segmented_control(
                t("shell.data_set"),
                ["own", "sample"],
                format_func=lambda name: t(f"shell.data_{name}"),
                key="data",
                default=wanted if wanted in held else "own",
                required=True,
                bind="query-params",
            )
            wanted = chosen("data", wanted)
        st.session_state["store"] = wanted if wanted in held else next(iter(held), "own")
        st.markdown(f"**{t('shell.open_' + st.session_state['store'])}**")


def draw() -> None:
    """Draw year, place and unit type, and remember them as the scope."""
    years = [str(year) for year in results.get("units.years", Scope())["year"]]
    units = results.get("units.all", Scope())
    names = dict(zip(units["unit_code"], units[f"name_{language()}"], strict=True))
    with st.sidebar:
        year = _select("year", years or [ALL], {}, years[0] if years else ALL)
        town = _select("town", [ALL, *names], names, ALL)
        kind = _select("type", [ALL, "township", "subdistrict"], {}, ALL)
    st.session_state["scope"] = Scope(
        year=None if year == ALL else int(year),
        township=None if town == ALL else town,
        unit_type=None if kind == ALL or town != ALL else kind,
    )


def _select(key: str, options: list[str], names: dict[str, str], default: str) -> str:
    """Draw one choice; a value that the link brings and nobody knows falls back with a word."""
    asked = st.query_params.get(key)
    if asked is not None and asked not in options:
        st.toast(t("shell.unknown_choice", value=asked[:30]))
        st.query_params.pop(key)
        st.session_state.pop(key, None)
    if st.session_state.get(key, default) not in options:
        st.session_state.pop(key, None)
    picked = st.selectbox(
        t(f"shell.{key}"),
        options,
        index=options.index(default),
        format_func=lambda value: names.get(value) or _word(key, value),
        key=key,
        bind="query-params",
    )
    return str(picked)


def _word(key: str, value: str) -> str:
    if value == ALL:
        return t(f"shell.{key}_all")
    return value if key == "year" else t(f"shell.type_{value}")


def choose_view() -> None:
    """Draw language and text size at the foot of the sidebar."""
    with st.sidebar:
        st.divider()
        st.segmented_control(
            "语言 / Language",
            ["zh", "en"],
            format_func=lambda value: {"zh": "中文", "en": "English"}[value],
            key="lang",
            default=language(),
            required=True,
            bind="query-params",
        )
        st.segmented_control(
            t("shell.size"),
            ["normal", "large"],
            format_func=lambda value: t(f"shell.size_{value}"),
            key="size",
            default="large" if chosen("size", "normal") == "large" else "normal",
            required=True,
            bind="query-params",
        )
