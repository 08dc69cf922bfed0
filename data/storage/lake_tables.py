"""What stands in the lake: the contracts' tables, and the macros that queries share."""

import contextlib
from pathlib import Path

from data import answer_points
from data.contracts import TABLES, Table
from data.storage.lake import METADATA, Cursor, column_type, query_file, transaction
from data.storage.roll_up import ROLLED_UP, SURVEY_TABLES, roll_up

# WGS-84 mean sphere; the same radius as metrics.coverage.
_MACROS = (
    answer_points.macro(),
    "CREATE MACRO hav_m(lat1, lon1, lat2, lon2) AS 2 * 6371008.8 * asin(least(1.0, sqrt("
    "sin(radians(lat2 - lat1) / 2) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) "
    "* sin(radians(lon2 - lon1) / 2) ** 2)))",
    # A parameter holds for its place and what lies in it, from its year on; blank: for all.
    "CREATE MACRO holds(place_code, from_year, county, y) AS "
    "coalesce(starts_with(county, place_code), true) "
    "AND coalesce(from_year <= coalesce(y, 9999), true)",
    # Of rows that hold, the nearest place comes first, then the newest year.
    "CREATE MACRO nearness(place_code, from_year) AS "
    "(coalesce(length(place_code), 0), coalesce(from_year, 0))",
)


def furnish(connection: Cursor, folder: Path) -> None:
    """Create what a newer contract adds; an up-to-date store gets no new version."""
    for macro in _MACROS:
        connection.execute(macro)
    held = _held(connection)
    with transaction(connection, folder):
        # Surveys published under an older contract are rolled up as the newer one asks.
        behind = bool(held) and any(
            not set(TABLES[name].column_names) <= held.get(name, set()) for name in ROLLED_UP
        )
        for table in TABLES.values():
            _declare(connection, table, held.get(table.name))
        if behind:
            connection.execute("SET search_path = 'lake.main,memory.main'")
            held_surveys = connection.execute("SELECT DISTINCT survey_id FROM survey_questions")
            roll_up(connection, {row[0]: SURVEY_TABLES for row in held_surveys.fetchall()})


def _held(connection: Cursor) -> dict[str, set[str]]:
    """Return the tables of the lake with their columns."""
    held: dict[str, set[str]] = {}
    with contextlib.closing(connection.cursor()) as cursor:
        cursor.execute(f"SET search_path = '{METADATA}'")
        for name, column in cursor.execute(query_file("lake_columns")).fetchall():
            held.setdefault(name, set()).add(column)
    return held


def _declare(connection: Cursor, table: Table, held: set[str] | None) -> None:
    if held is None:
        columns = ", ".join(f'"{c.name}" {column_type(c.type)}' for c in table.columns)
        connection.execute(f'CREATE TABLE lake."{table.name}" ({columns})')
        return
    for column in table.columns:
        if column.name not in held:
            connection.execute(
                f'ALTER TABLE lake."{table.name}" ADD COLUMN "{column.name}" '
                f"{column_type(column.type)}"
            )
