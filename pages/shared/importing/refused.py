"""What a person can do at once about a file that was refused."""

from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from data.drafting import drafts
from data.drafting.drafts import Upload
from data.errors import DataError
from data.formats.decode import ENCODINGS
from data.ingest import Options
from pages.shared.drafts import remember
from pages.shared.importing import mapping, uploads
from pages.shared.screen import refusal, t
from pages.shared.words import plain


def draw(upload: Upload, options: Options, error: DataError) -> None:
    """Say why the file was refused, and offer the decision that would mend it."""
    drafts.refused(upload, error.problem)
    refusal(error)
    st.caption(t("upload.nothing_lost"))
    if error.code in mapping.MENDED:
        mapping.draw(upload, uploads.read(upload, options), options, needed=True)
    elif error.code == "dialect_ambiguous":
        dialects = str(error.values["choices"]).split("  ")
        worded = ((uploads.dialect_name(said), {"delimiter": said}) for said in dialects)
        _offer(upload, "read_with", worded)
    elif error.code == "encoding_ambiguous":
        _offer(upload, "read_in", ((name, {"encoding": name}) for name in ENCODINGS))
    elif error.code == "areas_several":
        told = upload.said.get("questions", {})
        _offer(
            upload,
            "township_is_in",
            (
                (f"{name} {text}", {"questions": {**told, name: {"use": "area"}}})
                for name, text in error.values["choices"]
            ),
        )


def _offer(upload: Upload, asked: str, choices: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    st.markdown(f"**{t(f'upload.{asked}')}**")
    with st.container(horizontal=True):
        for number, (words, change) in enumerate(choices):
            if st.button(plain(words), key=f"offer-{number}"):
                remember(upload, **change)
