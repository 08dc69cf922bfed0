"""The shell that app.py serves: view, data set, pages, shared filters."""

import sys
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # run by a path, this script has only its own folder to import from
    sys.path.insert(0, str(ROOT))

from data.errors import DataError  # noqa: E402 - after the path is right
from pages.shared import (  # noqa: E402
    account,
    address,
    filters,
    navigation,
    results,
    screen,
    storyboard,
    theme,
)
from pages.shared.words import t  # noqa: E402

filters.read_view()
st.set_page_config(
    page_title=t("shell.product"),
    page_icon=str(ROOT / "pages" / "static" / "favicon.png"),
    layout="wide",
)
page = navigation.register()
try:
    account.require("read")
    results.ensure_data()
    filters.choose_store()
    filters.choose_version()
    storyboard.settle()
    filters.draw(page.url_path)
    filters.choose_view()
    account.draw()
    theme.apply()
    address.finish()
    navigation.enter(page.url_path)
    page.run()
    address.finish()  # with the choices of the page itself
except DataError as error:
    screen.refusal(error)
