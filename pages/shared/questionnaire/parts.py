"""A questionnaire as a table, as files to take away, and saved for the export to come."""

from collections import Counter
from functools import partial

import pandas as pd
import streamlit as st

from data.contracts import CODES
from data.errors import DataError
from data.forms.fonts import chinese_fonts
from data.forms.paper import sheet
from data.forms.paper_pdf import pdf
from data.forms.paper_word import word
from data.forms.questionnaire_files import keying, table, wjx_text
from data.surveys import designs, registrations
from data.surveys.designs import Design, check, entries
from data.surveys.question_bank import QUESTIONS
from data.words import say
from metrics.satisfaction.sample_size import Wish, needed
from pages.shared import navigation, results
from pages.shared.drafts import done
from pages.shared.panels import Columns, Panel
from pages.shared.questionnaire import choice
from pages.shared.screen import refusal
from pages.shared.words import figure, language, listed, plain, t, tell

# Half the width of a 95 % interval of a share, in points of 100.
PRECISIONS = (10, 7, 5)
Make = partial[bytes] | partial[str]
_BANK = {question.question_id: question for question in QUESTIONS}
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def kept() -> dict[str, Design]:
    """Return the saved questionnaires of the open store by survey id, the newest first."""
    return designs.kept(results.store().folder)


def questions_panel(design: Design) -> Panel:
    """Return the questionnaire as it will be asked, with what each question counts in."""
    asked = entries(design)
    reasons = {own.text: own.reason for own in design.own}
    rows = [
        (
            entry.number,
            entry.code,
            tell(entry.text) or entry.text.zh,
            t(f"form.use.{entry.use}"),
            _index(entry.code),
            _pair(entry.code),
            reasons.get(entry.text, ""),
        )
        for entry in asked
    ]
    names = ["number", "code", "text", "use", "index", "pairs_with", "reason"]
    # Only a question of the county's own needs a reason.
    shown = names if design.own else names[:-1]
    columns: Columns = {name: (t(f"questionnaire.column.{name}"), None) for name in shown}
    return Panel(
        key="questionnaire",
        title=t("questionnaire.panel"),
        sentence=_sentence(design, len(asked)),
        table=pd.DataFrame(rows, columns=names),
        columns=columns,
        meaning=t("questionnaire.meaning"),
        facts={t("shell.source"): t("questionnaire.source")},
    )


def _sentence(design: Design, n: int) -> str:
    """Count the questions, and say which indices the survey will not give."""
    audience = design.audience
    chosen = Counter(_BANK[code].index_code for code in design.questions)
    wanted = sorted({q.index_code for q in QUESTIONS if q.audience == audience and q.index_code})
    scored = sum(chosen[index] for index in wanted)
    sentence = t("questionnaire.sentence", n=n, scored=scored, own=len(design.own))
    if missing := [index for index in wanted if not chosen[index]]:
        names = listed(f"{index} {t(f'survey.index.{index}')}" for index in missing)
        sentence += t("questionnaire.without", names=names)
    return sentence


def _index(code: str) -> str:
    index = _BANK[code].index_code if code else None
    return f"{index} {t(f'survey.index.{index}')}" if index else ""


def _pair(code: str) -> str:
    pair = _BANK[code].pair_dim if code else None
    return next((f"{pair} {tell(c.label)}" for c in CODES["pair_dim"] if c.value == pair), "")


def precision() -> None:
    """Say how many answers a township needs for how wide an interval."""
    words = [
        t("questionnaire.precision", n=needed(Wish(points / 100)).answers, points=points)
        for points in PRECISIONS
    ]
    base = figure(float(results.settings()["minimum_base"]), 0)
    st.markdown(t("questionnaire.sample_size", list=listed(words), base=base))


def outputs(design: Design) -> None:
    """Offer the questionnaire as files, once it may be asked."""
    st.header(t("questionnaire.files"), anchor=False)
    try:
        check(design)
    except DataError as error:
        refusal(error)
        return
    store = results.store()
    towns = designs.towns(store)
    registered = registrations.held(store, design.survey_id)
    if not registered.get("approval_no"):
        st.info(t("questionnaire.unregistered"))
        navigation.link("upload", st.container(), t("shell.to_data"))
    fictional = t("shell.fictional") if results.is_fictional() else ""
    printed = sheet(design, registered, language(), towns, fictional)
    said = say("shell.fictional", "zh") + "\n" if fictional else ""
    with st.container(horizontal=True):
        _file("word", partial(word, printed), design, "docx", _DOCX)
        if chinese_fonts():
            _file("pdf", partial(pdf, printed), design, "pdf", "application/pdf")
        _file("wjx", partial(wjx_text, design, towns, said), design, "txt", "text/plain")
        _file("keying", partial(keying, design, towns), design, "xlsx", _XLSX)
        _file("table", partial(table, design, towns, language()), design, "csv", "text/csv")
    if not chinese_fonts():
        refusal(DataError("no_chinese_font"))
    st.markdown(t("questionnaire.how"))


def _file(kind: str, make: Make, design: Design, ending: str, mime: str) -> None:
    st.download_button(
        t(f"questionnaire.file.{kind}"),
        make,
        file_name=f"{design.survey_id}-{kind}.{ending}",
        mime=mime,
        key=f"file-{kind}",
        on_click="ignore",
    )


def keep(design: Design, *, new: bool) -> None:
    """Save the questionnaire under its survey; from then on its export is read unasked."""
    st.header(t("questionnaire.save"), anchor=False)
    st.markdown(t("questionnaire.save_meaning"))
    if st.button(t("questionnaire.save_button"), type="primary"):
        try:
            designs.keep(results.store(), design, new=new)
        except DataError as error:
            refusal(error)
            return
        choice.follow(design.survey_id)
        done(t("questionnaire.saved", survey=plain(design.survey_id)))
