"""Type size, language of the document, and Streamlit's own English scraps in the Chinese view."""

import streamlit as st

from pages.shared.screen import language, large, t

# The uploader's own words are replaced by ours; there is no setting for them in Streamlit 1.67.
_STYLE = """
<style>
html {{ font-size: {size}px; }}
[data-testid="stMainBlockContainer"] {{ max-width: 1280px; padding-top: 2.5rem; }}
[data-testid="stMetricValue"] {{ font-variant-numeric: tabular-nums; }}
[data-testid="stCaptionContainer"] {{ color: inherit; opacity: .82; }}
[data-testid="stFileUploaderDropzoneInstructions"] span {{ font-size: 0; }}
[data-testid="stFileUploaderDropzoneInstructions"] span:first-child::after {{
  content: "{drop}"; font-size: 1rem; }}
[data-testid="stFileUploaderDropzone"] button p {{ font-size: 0; }}
[data-testid="stFileUploaderDropzone"] button p::after {{ content: "{choose}"; font-size: 1rem; }}
</style>
"""


def apply() -> None:
    """Apply text size and language to the whole document."""
    st.html(
        _STYLE.format(
            size=23 if large() else 18, drop=t("shell.drop_here"), choose=t("shell.choose_file")
        )
    )
    code = {"zh": "zh-CN", "en": "en"}[language()]
    # Screen readers choose their voice by the document's language.
    st.html(
        f"<script>document.documentElement.lang = '{code}';</script>",
        unsafe_allow_javascript=True,
    )
