"""A county of three townships for the page tests, and how a page is visited and read."""

import atexit
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.store import Change, Store

PAGES = Path(__file__).resolve().parents[2] / "pages"
TOWNS = {"990121100": "云溪镇", "990121101": "石桥镇", "990121001": "东关街道"}
RESPONDENTS_EACH = 40


def tables() -> dict[str, pd.DataFrame]:
    """Three townships of forty respondents each; the third township answers better."""
    towns = pd.DataFrame(
        {
            "township_code": list(TOWNS),
            "name_zh": list(TOWNS.values()),
            "name_en": ["Yunxi", "Shiqiao", "Dongguan"],
            "unit_type": ["township", "township", "subdistrict"],
            "county_code": "990121",
        }
    )
    people = pd.DataFrame(
        [
            (f"{code}-{n}", code, 1 + (n + 2 * place) % 5)
            for place, code in enumerate(TOWNS)
            for n in range(RESPONDENTS_EACH)
        ],
        columns=["respondent_id", "township_code", "value"],
    ).assign(survey_id="S-2025", question_id="Q1", weight=1.0)
    meta = {
        "survey_id": "S-2025", "title_zh": "群众满意度调查", "mode": "face",
        "start_on": pd.Timestamp("2025-05-01"), "end_on": pd.Timestamp("2025-05-20"),
        "audience": "resident",
    }  # fmt: skip
    question = {
        "survey_id": "S-2025", "question_id": "Q1", "index_code": "S1", "answer_type": "sat5",
        "text_zh": "总体是否满意？", "text_en": "Are you satisfied overall?",
    }  # fmt: skip
    return {
        "townships": towns,
        "survey_meta": pd.DataFrame([meta]),
        "survey_questions": pd.DataFrame([question]),
        "survey_respondents": people.drop(columns=["value", "question_id"]),
        "survey_answers": people[["survey_id", "respondent_id", "question_id", "value"]],
    }


class Made:
    """A county that is published once: a copy of its folder takes a tenth of that.

    Called with a folder, it is copied there, for a test that changes it; `kept` is the one place
    for tests that only look.
    """

    def __init__(self, publish: Callable[..., None]) -> None:
        self._publish = publish
        self._places: dict[tuple[tuple[str, str], ...], Path] = {}

    def kept(self, **settings: str) -> Path:
        """Return the folder of the county itself, which nobody changes."""
        key = tuple(sorted(settings.items()))
        if key not in self._places:
            self._places[key] = folder = Path(tempfile.mkdtemp(prefix="county-"))
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
            self._publish(folder, **settings)
        return self._places[key]

    def __call__(self, folder: Path, **settings: str) -> None:
        """Copy the county into a folder of the test's own."""
        shutil.copytree(self.kept(**settings), folder, dirs_exist_ok=True)


@Made
def fill(folder: Path, **settings: str) -> None:
    """Publish the three townships with their survey, and settings."""
    named = pd.DataFrame({"name": list(settings), "value": list(settings.values())})
    frames = tables() | ({"settings": named} if settings else {})
    with Store.open(folder) as store:
        changes = [Change(name, frame) for name, frame in frames.items()]
        store.publish(changes, author="test", message="test")


def forget() -> None:
    st.cache_data.clear()
    st.cache_resource.clear()


def visit(name: str, **link: str) -> AppTest:
    """Open a page by its link, as a browser would on a freshly started server."""
    app = AppTest.from_file(str(PAGES / "_main.py"), default_timeout=60)
    for key, value in link.items():
        app.query_params[key] = value
    return app.switch_page(f"{name}.py").run()


def said(app: AppTest) -> str:
    """Return what a page says, less the signs nobody sees that make emphasis read everywhere."""
    said = "\n".join(
        str(part.value)
        for kind in ("title", "markdown", "caption", "info", "warning", "error", "subheader")
        for part in app.get(kind)
    )
    return said.replace("\u2060", "")


def panel_table(app: AppTest, *columns: str) -> pd.DataFrame:
    """Return the table of the panel with these columns, whether it is sorted or written out."""
    parts = app.session_state["shown"]["parts"].values()
    noted = [part.args[0] for part in parts if isinstance(part, partial)]  # the others are maps
    tables = [each.table[list(each.columns)] for each in noted if {*columns} <= {*each.columns}]
    assert app.dataframe or app.table, "no table stands on the page"
    return tables[0]


@Made
def assessed(folder: Path) -> None:
    """Eight townships and a sub-district with reported values that differ."""
    codes = [f"99012110{n}" for n in range(8)] + ["990121001"]
    towns = pd.DataFrame(
        {
            "township_code": codes,
            "name_zh": [f"第{n}镇" for n in range(8)] + ["城关街道"],
            "name_en": [f"Town {n}" for n in range(8)] + ["Chengguan"],
            "unit_type": ["township"] * 8 + ["subdistrict"],
            "county_code": "990121",
        }
    )
    facts = ("B2.2", "B2.5", "B3.2", "B5.3", "C2", "D6", "D7", "D9", "E2", "F3")
    values = pd.DataFrame(
        [
            (code, fact, 2025, 50.0 + 5 * place)
            for place, code in enumerate(codes)
            for fact in facts
        ],
        columns=["unit_code", "indicator_id", "year", "value"],
    )
    with Store.open(folder) as store:
        changes = [Change("townships", towns), Change("reported_values", values)]
        store.publish(changes, author="test", message="test")
