"""What is at hand in an emergency, on the page of the map when its switch stands on emergency."""

import pandas as pd

from pages.shared.panels import Columns, Panel, worded
from pages.shared.words import few, names_of, plain, t

NAMED = 3
_COUNTS = ("special_elder", "disabled", "hardship", "left_child", "requests", "waiting")


def panel(table: pd.DataFrame) -> Panel:
    """Return shelters, team, supplies, people who need help first and calls for support."""
    words = {True: t("readiness.yes"), False: t("readiness.no")}
    rows = table.assign(unit=names_of(table))
    for name in ("team", "supplies"):
        rows[name] = [words.get(each, "") for each in table[name]]
    if not _known(table):
        rows["shelters"] = pd.NA
    columns: Columns = {
        "unit": (t("shell.unit"), None),
        "shelters": (t("readiness.shelters"), "%,.0f"),
        "shelter_m2": (t("readiness.shelter_m2"), "%,.0f"),
        "team": (t("readiness.team"), None),
        "supplies": (t("readiness.supplies"), None),
        **{name: (t(f"readiness.{name}"), "%,.0f") for name in _COUNTS},
    }
    return worded("readiness.panel", _sentence(table), rows, columns, key="readiness")


def _known(table: pd.DataFrame) -> bool:
    return bool(table["facilities_known"].any())


def _sentence(table: pd.DataFrame) -> str:
    """Say who lacks what, and how many calls are not answered."""
    lacking = {
        "no_team": table["team"].eq(False),
        "no_supplies": table["supplies"].eq(False),
    }
    if _known(table):
        lacking = {"no_shelter": table["shelters"].eq(0), **lacking}
    said = [
        t(f"readiness.{name}", n=int(rows.sum()), names=plain(_first(table[rows])))
        for name, rows in lacking.items()
        if rows.any()
    ]
    unchecked = int((table["team"].isna() | table["supplies"].isna()).sum())
    if not said and unchecked < len(table):
        said = [t("readiness.nothing_lacks")]
    if unchecked:
        said.append(t("readiness.unchecked", n=unchecked))
    key = "readiness.waiting_said" if table["waiting"].sum() else "readiness.none_waiting"
    said.append(t(key, n=int(table["waiting"].sum()), all=int(table["requests"].sum())))
    return t("readiness.joiner").join(said) + t("readiness.stop")


def _first(rows: pd.DataFrame) -> str:
    return few(names_of(rows), NAMED)
