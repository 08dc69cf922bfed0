"""Townships by index as one table: a figure, its mark and its colour say the same."""

from collections.abc import Mapping

import pandas as pd
from pandas.io.formats.style import Styler

from metrics.disclosure.base_rule import minimum_base
from metrics.satisfaction.figures import is_whole
from pages.shared import panels, results
from pages.shared.charts import HIGHER, LOWER
from pages.shared.panels import Panel
from pages.shared.satisfaction.more import View
from pages.shared.satisfaction.parts import NAMED, facts_of, nothing_shown, whole_word
from pages.shared.words import (
    few,
    figure,
    in_words,
    initial,
    level,
    names_of,
    plain,
    t,
    units_word,
)

MARKS = {"above": " ▲", "below": " ▼", "same": "", "": ""}
# Paler than the marks of charts: figures are read on them, on light and on dark ground.
_SHADES = {"above": f"{HIGHER}40", "below": f"{LOWER}40"}


def draw(view: View) -> None:
    """Draw the indices of all townships of the scope's county."""
    asked = {"survey_id": view.survey["survey_id"], "level": level()}
    found = results.get("satisfaction.heat.heat", view.everywhere, **asked)
    panels.draw(_panel(view, found), view.everywhere)


def _panel(view: View, found: pd.DataFrame) -> Panel:
    items = list(dict.fromkeys(found["item"]))
    wide = found.pivot(index="unit_code", columns="item")
    first = found[found["item"] == items[0]] if items else found
    table = first[["unit_code"]].assign(name=[initial(name) for name in names_of(first)])
    columns: dict[str, tuple[str, str | None]] = {"name": (t("shell.unit"), None)}
    for item in items:
        for part in ("estimate", "n", "note", "standing"):
            table[f"{item}_{part}"] = table["unit_code"].map(wide[part][item])
        table[f"{item}_reason"] = in_words("satisfaction.note_", table[f"{item}_note"])
        columns[f"{item}_estimate"] = (t(f"heat.short.{item}"), None)
    heads = {item: columns[f"{item}_estimate"][0] for item in items}
    columns |= {f"{item}_n": (t("heat.base", item=item), "%,.0f") for item in items}
    columns |= {f"{item}_reason": (t("heat.reason", item=item), None) for item in items}
    return Panel(
        key="satisfaction-heat",
        title=t("heat.title", units=units_word()),
        sentence=_sentence(view, found),
        table=table.reset_index(drop=True),
        columns=columns,
        meaning=t("heat.meaning", units=units_word(), base=minimum_base(results.store())),
        facts=facts_of(view.survey),
        blank=t("heat.blank"),
        file_only=[name for name in columns if not name.endswith(("name", "estimate"))],
        cells=lambda data: _styled(data, table.reset_index(drop=True), heads),
    )


def _sentence(view: View, found: pd.DataFrame) -> str:
    towns = found[~is_whole(found)]
    low = towns[towns["standing"] == "below"].groupby("unit_code", sort=False).size()
    shown = int(towns["shown"].sum())
    if not shown:
        return nothing_shown(towns["note"], t("heat.nothing", base=minimum_base(results.store())))
    said = t("heat.shown", shown=shown, all=len(towns), whole=whole_word(view.scope))
    if low.empty:
        return said + t("heat.none_low")
    most = towns[towns["unit_code"].isin(low.index[low == low.max()])]
    most = most.drop_duplicates("unit_code")
    names = few([plain(name) for name in names_of(most)], NAMED)
    return said + t("heat.low", n=len(low), units=units_word(), names=names, times=int(low.max()))


def _styled(data: pd.DataFrame, table: pd.DataFrame, heads: Mapping[str, str]) -> Styler:
    """Write figures with their marks and shade what clearly differs; heads: item -> its column."""
    columns = list(heads.values())
    style = data.style.format(figure, subset=columns, na_rep=t("heat.blank"))
    style = style.set_properties(subset=columns, **{"text-align": "right !important"})
    for item, column in heads.items():
        for standing, rows in table.groupby(f"{item}_standing").groups.items():
            if mark := MARKS[str(standing)]:
                cells = pd.IndexSlice[list(rows), [column]]
                style = style.format(
                    lambda value, mark=mark: figure(value) + mark, subset=cells
                ).set_properties(subset=cells, **{"background-color": _SHADES[str(standing)]})
    return style
