"""The registry of what townships are asked: against caps, by quarter, and by this system itself."""

import pandas as pd

from metrics.register import INDICATORS
from pages.shared.duty.duty_panels import NAMED, panel
from pages.shared.panels import Columns, Panel
from pages.shared.words import few, figure, listed, names_of, plain, sentences, t, tell


def caps_panel(table: pd.DataFrame) -> Panel:
    """Return how often each township is asked, against the year before and the local cap."""
    over = table["after"] > table["cap"]
    rows = table.assign(
        unit=names_of(table),
        about_word=[tell(INDICATORS[each].name) for each in table["about"]],
        mark=over.map({True: t("registry.over"), False: ""}),
    )
    columns: Columns = {
        "unit": (t("shell.unit"), None),
        "about_word": (t("registry.about"), None),
        "after": (t("registry.after"), "%,.0f"),
        "cap": (t("registry.cap"), "%,.0f"),
        "mark": (t("registry.mark"), None),
        "before": (t("registry.before"), "%,.0f"),
        "unplanned": (t("registry.unplanned"), "%,.0f"),
        "unknown": (t("registry.unknown"), "%,.0f"),
    }
    if table.empty:
        return panel("caps", t("duty.no_burden"), rows, columns)
    said = [_caps_sentence(about, part) for about, part in table.groupby("about")]
    return panel("caps", sentences(said), rows, columns)


def _caps_sentence(about: object, table: pd.DataFrame) -> str:
    """Say of one sort of burden what units are asked on average, and who is over the cap."""
    name = tell(INDICATORS[str(about)].name)
    said = t("registry.average", name=plain(name), after=figure(table["after"].mean()))
    if table["before"].notna().any():
        said += t("registry.average_before", before=figure(table["before"].mean()))
    if table["cap"].isna().all():
        return said + t("registry.no_cap")
    over = table[table["after"] > table["cap"]].sort_values("after", ascending=False)
    if over.empty:
        return said + t("registry.none_over", cap=figure(table["cap"].max(), 0))
    names = plain(few(names_of(over), NAMED))
    cap = figure(table["cap"].max(), 0)
    return said + t("registry.some_over", n=len(over), cap=cap, names=names)


def quarters_panel(table: pd.DataFrame) -> Panel:
    """Return departments that come to the same townships in the same quarter."""
    rows = table.assign(when=[t("registry.quarter", n=int(each)) for each in table["quarter"]])
    columns: Columns = {
        "when": (t("registry.when"), None),
        "first_issuer": (t("duty.issuer"), None),
        "second_issuer": (t("duty.other_issuer"), None),
        "units": (t("registry.same_units"), "%,.0f"),
    }
    if table.empty:
        return panel("quarters", t("registry.no_quarters"), rows, columns)
    top = rows.iloc[0]
    said = t(
        "registry.quarters_sentence",
        n=len(table), when=top["when"], units=int(top["units"]),
        issuers=plain(listed([str(top["first_issuer"]), str(top["second_issuer"])])),
    )  # fmt: skip
    return panel("quarters", said, rows, columns)


def powers_and_tasks_panel(table: pd.DataFrame) -> Panel:
    """Return, by township, powers that lie idle beside tasks handed down outside the list."""
    rows = table.assign(unit=names_of(table))
    columns: Columns = {
        "unit": (t("shell.unit"), None),
        "powers": (t("registry.powers"), "%,.0f"),
        "unused": (t("duty.unused"), "%,.0f"),
        "tasks": (t("duty.tasks_n"), "%,.0f"),
        "outside": (t("duty.outside"), "%,.0f"),
        "unsupported": (t("registry.unsupported"), "%,.0f"),
    }
    if table.empty:
        return panel("powers_and_tasks", t("registry.no_powers_and_tasks"), rows, columns)
    both = table[(table["unused"] > 0) & (table["outside"] > 0)]
    names = plain(listed(names_of(both.head(NAMED)))) or t("registry.nobody")
    sums = table[["powers", "unused", "outside", "unsupported"]].sum()
    told = {name: figure(sums[name], 0) for name in sums.index}
    said = t("registry.powers_and_tasks_sentence", both=len(both), names=names, **told)
    return panel("powers_and_tasks", said, rows, columns)


def own_panel(table: pd.DataFrame) -> Panel:
    """Return what the templates of this system ask, and what of it is collected already."""
    columns: Columns = {
        "label": (t("registry.template"), None),
        "fields": (t("registry.fields"), "%,.0f"),
        "repeated": (t("registry.repeated"), "%,.0f"),
        "unexplained": (t("registry.unexplained"), "%,.0f"),
    }
    sums = table[["fields", "repeated", "unexplained"]].sum()
    told = {name: int(sums[name]) for name in sums.index}
    rows = table.assign(label=[tell(each) for each in table["label"]])
    return panel("own", t("registry.own_sentence", n=len(table), **told), rows, columns)
