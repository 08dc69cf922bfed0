"""Keeping what is held: every file against its hash, and a backup in one file."""

import tempfile
from pathlib import Path

import streamlit as st

from data import keeping
from data.access import audit
from data.store import data_folder
from pages.shared import account, results
from pages.shared.downloads import noted
from pages.shared.words import t


def draw() -> None:
    """Offer the check and the backup."""
    st.header(t("administration.verify"), anchor=False)
    st.markdown(t("administration.verify_means"))
    if st.button(t("administration.verify_now")):
        _verify()
    st.header(t("administration.backup"), anchor=False)
    st.markdown(t("administration.backup_means"))
    st.code(
        account.server_command("restore-backup", "zhixiao-backup.zip"),
        language=None,
        wrap_lines=True,
    )
    folder = results.store().folder
    st.download_button(
        t("administration.backup_now"),
        noted("zhixiao-backup.zip", _backup, folder),
        "zhixiao-backup.zip",
        "application/zip",
        on_click="ignore",
        icon=":material/download:",
    )


def _verify() -> None:
    """Compare every file with its hash and say what was found."""
    who, folder = account.require("administer"), results.store().folder
    with st.spinner(t("administration.verifying")):
        found = keeping.verify(folder)
    audit.note(data_folder(), "verified", who=who.name, about=f"v{found.version}")
    if found.sound:
        size = f"{found.size / 1e6:,.1f}"
        st.success(t("administration.sound", files=found.files, size=size, version=found.version))
        st.code(found.ledger, language=None)
        return
    lines = [f"{each.file} · {t(f'keeping.{each.state}')}" for each in found.damaged]
    lines += [t("administration.lost", version=version) for version in found.lost]
    st.error(t("administration.unsound"))
    st.code("\n".join(lines), language=None)


def _backup(folder: Path) -> bytes:
    """Return the store as one file, as `python app.py backup` makes it."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "backup.zip"
        keeping.backup(folder, file)
        return file.read_bytes()
