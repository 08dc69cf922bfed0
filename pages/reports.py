"""Reports: county evaluation, township feedback, debrief sheet, as files to hand on."""

import streamlit as st

from pages.shared import address, results
from pages.shared.meeting import report_files, reports
from pages.shared.screen import empty, page, t

with page("reports") as scope:
    kinds = reports.kinds()
    words = {kind: t(f"reports.{kind}") for kind in kinds}
    kind = address.select("report", t("reports.which"), kinds, words.__getitem__)
    if results.get("assessment.township_card.card", scope).overview.empty:
        empty("assessment.no_units", "townships")
    elif kind == reports.TOWNSHIP and not scope.township:
        st.info(t("township.choose"))
    else:
        made = reports.made(kind, scope)
        st.markdown(t(f"reports.{kind}_about"))
        report_files.offer(made)
        report_files.preview(made)
