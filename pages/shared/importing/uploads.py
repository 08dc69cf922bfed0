"""From a file to a published version: options, what was understood, decisions, problems."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast, get_args

import pandas as pd
import streamlit as st

from data import ingest
from data.contracts import TABLES
from data.coordinates import SYSTEMS
from data.drafting import drafts, mappings, problem_files
from data.drafting.drafts import Upload
from data.drafting.effects import Mode
from data.files import Grid
from data.formats.decode import ENCODINGS
from data.formats.dialects import Dialect
from data.ingest import Draft, Options
from data.surveys.other_tools import SURVEY
from data.surveys.spss import ENCODINGS as SPSS_ENCODINGS
from metrics.disclosure import small_changes
from metrics.disclosure.base_rule import minimum_base
from pages.shared import account, panels, results
from pages.shared.downloads import to_csv
from pages.shared.drafts import done
from pages.shared.importing import mapping, patience
from pages.shared.importing.holdings import effect_table
from pages.shared.screen import language, t, tell
from pages.shared.words import file_name, listed, plain

NO_CHOICE = ""
MOST_PROBLEMS = 1000  # that are listed on the screen; the file has all
_MOST_KINDS, _LINES_NAMED = 6, 5
# In the session: whether another version came since the file in hand was shown.
_MOVED = "draft_moved"
DELIMITERS = {
    NO_CHOICE: "upload.automatic",
    ",": "upload.delimiter_comma",
    "\t": "upload.delimiter_tab",
    ";": "upload.delimiter_semicolon",
    "|": "upload.delimiter_bar",
}


def said_before() -> None:
    """Show what the last action did, once."""
    place = st.empty()  # always: else what follows moves by one, is built anew and loses the focus
    if sentence := st.session_state.pop("said", None):
        place.success(sentence)


def own_data() -> None:
    """Offer the step from the fictional county to a store of one's own."""
    if "own" not in results.folders():
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(t("upload.sample_open"))
            if st.button(t("upload.use_own"), type="primary"):
                results.open_store("own")
                for key in ("town", "year"):
                    st.session_state.pop(key, None)
                st.session_state["data"] = "own"
                st.session_state["said"] = t("upload.own_opened")
                st.rerun()


def first_steps() -> None:
    """Say what comes first while the lists of places, on which all else stands, are not held."""
    held = (
        results.store()
        .read_once(
            "SELECT (SELECT count(*) FROM townships) AS towns, "
            "(SELECT count(*) FROM communities) AS villages"
        )
        .iloc[0]
    )
    if not held["towns"]:
        st.info(t("upload.first_towns"))
    elif not held["villages"]:
        st.info(t("upload.first_villages"))


def options(upload: Upload) -> tuple[Upload, Options]:
    """Ask for what a file cannot say of itself: table, coordinates, how it is added."""
    said = upload.said
    with st.expander(t("upload.options")):
        left, right = st.columns(2)
        with left:
            uploadable = [SURVEY, *(name for name, table in TABLES.items() if table.uploadable)]
            asked = {
                "table": _choice("table", [NO_CHOICE, *uploadable], said, _table_name),
                "crs": _choice("crs", list(SYSTEMS), said, lambda name: t(f"coordinates.{name}")),
                "mode": _choice("mode", list(get_args(Mode)), said, _mode_name),
            }
        with right:
            asked |= {
                "encoding": _choice("encoding", _encodings(), said, _or_automatic),
                "delimiter": _choice("delimiter", _delimiters(said), said, _delimiter_name),
                "sheet": st.text_input(t("upload.sheet"), value=said.get("sheet") or ""),
                "period": _year(said),
            }
    told = {name: value for name, value in {**said, **asked}.items() if value}
    if told != said:
        upload = drafts.remember(upload, told)
    return upload, Options.from_mapping(told)


def _year(said: Mapping[str, Any]) -> int | None:
    """Ask of which year all records are; '' leaves that to the file."""
    before = said.get("period")
    text = st.text_input(t("upload.period"), value=f"{before}" if before else "").strip()
    if text and not re.fullmatch("2[0-9]{3}", text):
        st.warning(t("upload.period_wrong"))
        return before
    return int(text) if text else None


def _choice(name: str, values: list[str], said: Mapping[str, Any], words: Any) -> str:
    before = said.get(name) or values[0]
    place = values.index(before) if before in values else 0
    return str(st.selectbox(t(f"upload.{name}"), values, index=place, format_func=words))


def _table_name(name: str) -> str:
    return mapping.table_name(name) if name else t("upload.recognise")


def _mode_name(mode: str) -> str:
    return t(f"upload.mode_{mode}")


def _or_automatic(encoding: str) -> str:
    return encoding or t("upload.automatic")


def _encodings() -> list[str]:
    """Return the encodings of text, then those that only an SPSS file may be in."""
    return list(dict.fromkeys([NO_CHOICE, *ENCODINGS, *SPSS_ENCODINGS]))


def _delimiters(said: Mapping[str, Any]) -> list[str]:
    """Return the usual marks, and the way of separating that was chosen for this file."""
    return list(dict.fromkeys([*DELIMITERS, said.get("delimiter") or NO_CHOICE]))


def _delimiter_name(said: str) -> str:
    return t(DELIMITERS[said]) if said in DELIMITERS else dialect_name(said)


def dialect_name(said: str) -> str:
    """Word a way of separating: comma, double quotes around what holds one."""
    dialect = Dialect.of(said)
    mark = DELIMITERS.get(dialect.delimiter)
    quotes = {'"': "double", "'": "single", "": "none"}[dialect.quote]
    parts = [
        t("upload.dialect_mark", mark=t(mark) if mark else dialect.delimiter),
        *([t("upload.dialect_blank")] if dialect.blank else []),
        t(f"upload.dialect_quotes_{quotes}"),
        *([t("upload.dialect_backslash")] if dialect.backslash else []),
    ]
    return t("upload.dialect_joiner").join(parts)


def prepare(upload: Upload, chosen: Options) -> Draft:
    """Check the file once per set of options and data version."""
    folder = results.store().folder
    known = [each.file.name for each in mappings.named(folder)]
    key = (upload.path.name, upload.name, repr(chosen), known, results.store().version)
    shown = st.session_state.get("draft_key")
    # Of the file that is in view somebody else has changed what it would be published into.
    st.session_state[_MOVED] = shown is not None and shown != key and shown[:-1] == key[:-1]
    if shown != key:
        st.session_state.pop("draft_key", None)
        store = results.store()
        draft = patience.waited(
            lambda: ingest.prepare(store, upload.path, upload.name, chosen), upload.name
        )
        st.session_state["draft"], st.session_state["draft_key"] = draft, key
        drafts.refused(upload, None)
    return cast(Draft, st.session_state["draft"])


def read(upload: Upload, chosen: Options) -> Grid:
    """Return the file as text; it was staged when it was first read."""
    return ingest.read(results.store(), upload.path, upload.name, upload.sha256, chosen)


def understood(draft: Draft) -> None:
    """Say what the file was read as."""
    st.subheader(t("upload.understood"), anchor=False)
    names = t("shell.list_joiner").join(tell(TABLES[name].label) for name in draft.accepted)
    st.markdown(
        t(
            "upload.read_as",
            tables=names,
            encoding=draft.encoding,
            read=f"{draft.records_read:,}",
            kept=f"{draft.records_kept:,}",
            rejected=f"{draft.rejected:,}",
        )
    )
    if draft.warnings:
        st.warning("\n".join(f"- {plain(tell(word))}" for word in draft.warnings))
    if draft.reading:
        rows = [(u.question_id, u.text, _read_as(u.use)) for u in draft.reading.understood]
        headings = [t("upload.question"), t("upload.text"), t("upload.read")]
        panels.listing("understood", pd.DataFrame(rows, columns=headings), t("upload.understood"))


def _read_as(use: str) -> str:
    """Return in words what a question was read as; a column of the respondents has its own."""
    about = TABLES["survey_respondents"]
    own = use in about.column_names
    return tell(about.column(use).label) if own else t(f"upload.use_{use}")


def left_out(draft: Draft) -> None:
    """List the rows of the file that are no records: titles, totals, comments."""
    if not draft.left_out:
        return
    with st.expander(t("upload.left_out", n=len(draft.left_out))):
        rows = [(r.line, t(f"import.left_out_kind.{r.kind}"), r.text) for r in draft.left_out]
        headings = [t("upload.line"), t("upload.kind"), t("upload.text_of_row")]
        panels.listing("left-out", pd.DataFrame(rows, columns=headings), t("upload.text_of_row"))


def problems(draft: Draft, upload: Upload | None = None) -> None:
    """List every problem with its record; offer the records marked in Excel, and the list."""
    if draft.problems.empty:
        st.success(t("upload.no_problems"))
        return
    st.subheader(t("upload.problems", n=len(draft.problems)), anchor=False)
    reason = f"reason_{language()}"
    names = ["file", "record", "line", "column", "value", "reason"]
    names = names if "file" in draft.problems else names[1:]
    names.insert(names.index("value"), names.pop())  # what is wrong is seen before a long record
    shown = draft.problems[[reason if name == "reason" else name for name in names]]
    shown = shown.assign(column=shown["column"].map(lambda name: _column_label(draft, name)))
    headings = [t(f"upload.{name}") for name in names]
    _kinds_of_problems(draft, reason)
    panels.listing("problems", shown.head(MOST_PROBLEMS).set_axis(headings, axis=1), headings[-2])
    about = [draft.name, t("shell.version", version=results.store().version)]
    if results.is_fictional():
        about.append(t("shell.fictional"))
    text = to_csv(about, dict(zip(shown.columns, headings, strict=True)), shown)
    with st.container(horizontal=True):
        if upload:
            _problems_workbook(draft, upload)
        st.download_button(
            t("upload.download_problems"),
            text,
            f"{_called(draft)}.csv",
            "text/csv",
            on_click="ignore",
        )


def _column_label(draft: Draft, name: str) -> str:
    """Return what people call a column of the contract; a heading of the file stays as it is."""
    held = (TABLES[table] for table in draft.accepted)
    found = next((table.column(name) for table in held if name in table.column_names), None)
    return tell(found.label) if found else name


def _kinds_of_problems(draft: Draft, reason: str) -> None:
    """Say each kind of problem in a whole sentence, the most frequent first."""
    kinds = draft.problems.groupby(reason, sort=False)["line"].agg(["size", list])
    kinds = kinds.sort_values("size", ascending=False, kind="stable")
    said = []
    for words, n, lines in kinds.head(_MOST_KINDS).itertuples(name=None):
        places = [str(line) for line in sorted(set(lines))]
        key = "problem_kind_more" if len(places) > _LINES_NAMED else "problem_kind"
        key = key if any(lines) else "problem_of_file"
        told = listed(places[:_LINES_NAMED])
        said.append(t(f"upload.{key}", n=n, lines=told, reason=plain(words)))
    if len(kinds) > _MOST_KINDS:
        said.append(t("upload.more_kinds", n=len(kinds) - _MOST_KINDS))
    st.markdown("\n".join(f"- {words}" for words in said))
    if draft.kind == "table" and draft.problems["code"].eq("code").any():
        st.caption(t("upload.words_hint"))


def _called(draft: Draft) -> str:
    """Return what a list of what is wrong with a file is called."""
    return file_name(t("upload.problems_file"), Path(draft.name).stem)


def _problems_workbook(draft: Draft, upload: Upload) -> None:
    store = results.store()
    st.download_button(
        t("upload.problems_workbook"),
        lambda: problem_files.write(store, upload.path, draft),
        f"{_called(draft)}.xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        on_click="ignore",
        type="primary",
        help=t("upload.problems_workbook_help"),
    )


def effect(draft: Draft) -> None:
    """Show what publishing would change."""
    st.subheader(t("upload.effect"), anchor=False)
    if removed := int(draft.effect["removed"].sum()):
        st.warning(t("upload.effect_removes", n=f"{removed:,}"))
    if touched := small_changes.few(results.store(), draft.accepted, draft.effect):
        st.warning(t("upload.effect_few", n=touched, base=minimum_base(results.store())))
    elif places := small_changes.few_places(results.store(), draft.accepted):
        st.warning(t("upload.effect_few_places", n=places, base=minimum_base(results.store())))
    effect_table(draft.effect)


def publish(draft: Draft) -> None:
    """Publish as one version, once somebody has put their name to it."""
    if draft.records_kept == 0:
        st.error(t("upload.decide_first" if draft.reading else "upload.nothing_to_publish"))
        return
    valid_only = not draft.rejected or st.checkbox(
        t("upload.accept_valid", kept=f"{draft.records_kept:,}", rejected=f"{draft.rejected:,}")
    )
    author, message = st.columns([1, 2])
    who = account.author("author", author)
    why = message.text_input(t("upload.message"), value=draft.name)
    if not st.button(t("upload.publish"), type="primary"):
        return
    if st.session_state[_MOVED]:  # the button was pressed below another effect
        st.warning(t("upload.moved", version=results.store().version))
    elif not valid_only:
        st.warning(t("upload.accept_first", rejected=f"{draft.rejected:,}"))
    elif account.named(who):
        with st.spinner(t("upload.publishing")):
            version = ingest.publish(
                results.store(),
                draft,
                author=who.strip(),
                message=why,
                accept_valid=bool(draft.rejected),
            )
        done(t("upload.published", version=version, rows=f"{draft.records_kept:,}"))
