"""The shell that app.py serves: language, data set, shared filters, navigation."""

import sys
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # run by a path, this script has only its own folder to import from
    sys.path.insert(0, str(ROOT))

from data.errors import DataError  # noqa: E402 - after the path is right
from data.store import data_folder  # noqa: E402
from metrics import sample_county  # noqa: E402
from pages.shared import filters, results, screen, theme  # noqa: E402

st.set_page_config(
    page_title=screen.t("shell.product"),
    page_icon=str(ROOT / "pages" / "static" / "favicon.png"),
    layout="wide",
)
theme.apply()
pages = {
    "satisfaction": ":material/sentiment_satisfied:",
    "coverage": ":material/map:",
    "assessment": ":material/fact_check:",
    "upload": ":material/upload_file:",
}
here = [
    st.Page(
        f"{name}.py", title=screen.t(f"{name}.title"), icon=icon, default=name == "satisfaction"
    )
    for name, icon in pages.items()
    if (ROOT / "pages" / f"{name}.py").exists()
]
page = st.navigation(here)
try:
    if not results.folders():
        with st.spinner(screen.t("sample.making")):
            sample_county.ensure(data_folder(), lambda _: None)
    filters.choose_store()
    filters.draw()
    filters.choose_view()
    page.run()
except DataError as error:
    screen.refusal(error)
