"""A report on the screen: its files first, then what it says."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from data.forms.fonts import chinese_fonts
from metrics.exports import decks, report_files, slide_files
from metrics.exports.reports import Report, Section
from pages.shared import panels
from pages.shared.downloads import noted
from pages.shared.panels import Panel
from pages.shared.words import file_name, plain, t

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
MAKERS: Mapping[str, tuple[Callable[[Any], bytes], str]] = {
    "docx": (report_files.docx, WORD),
    "pdf": (report_files.pdf, "application/pdf"),
    "pptx": (slide_files.pptx, SLIDES),
    "xlsx": (report_files.xlsx, SHEET),
}


def called(report: Report) -> str:
    """Return what a report is called among the other files of who takes it: title and year."""
    return file_name(report.title, report.lines[0].split(t("scope.joiner"))[0])


def offer(report: Report) -> None:
    """Offer the report in every form; each is made when it is asked for."""
    name = called(report)
    with st.container(horizontal=True):
        for ending, (make, kind) in MAKERS.items():
            if ending == "pdf" and not chinese_fonts():
                continue
            st.download_button(
                t(f"reports.as_{ending}"),
                noted(f"{report.title} {ending}", _later(make, report)),
                f"{name}.{ending}",
                kind,
                key=f"report-{ending}",
                on_click="ignore",
                icon=":material/download:",
            )
    if not chinese_fonts():
        st.caption(t("reports.no_font"))


def preview(report: Report) -> None:
    """Show what the report says, section by section."""
    st.header(plain(report.title), anchor=False)
    for line in report.lines:
        st.caption(plain(line))
    for number, section in enumerate(report.sections):
        st.subheader(plain(section.title), anchor=False)
        st.markdown(plain(section.sentence))
        if section.columns and len(section.table):
            panels.show_table(_panel(section, number))
    st.subheader(report.method_title, anchor=False)
    st.markdown("\n".join(f"- {plain(line)}" for line in report.method))


def _panel(section: Section, number: int) -> Panel:
    return Panel(
        key=f"report-{number}",
        title=section.title,
        sentence=section.sentence,
        table=section.table,
        columns=section.columns,
        meaning=section.note,
    )


def _later(make: Callable[[Any], bytes], report: Report) -> Callable[[], bytes]:
    told: Any = report
    if make is slide_files.pptx:
        told = decks.of_report(report, t("present.more_rows", n="{n}"))
    return lambda: make(told)
