"""Reports: county evaluation, township feedback, debrief sheet, as files to hand on."""

import streamlit as st

from pages.shared import address, report_files, reports, results
from pages.shared.screen import empty, page, t

with page("reports") as scope:
    kinds = reports.kinds()
    words = {kind: t(f"reports.{kind}") for kind in kinds}
    kind = address.select("report", t("reports.which"), kinds, words.__getitem__)
    if results.get("assessment.card", scope).overview.empty:
        empty("assessment.no_units", "townships")
    elif kind == reports.TOWNSHIP and not scope.township:
        st.info(t("township.choose"))
    else:
        made = reports.made(kind, scope)
        st.markdown(t(f"reports.{kind}_about"))
        report_files.offer(made, kind)
        report_files.preview(made)
