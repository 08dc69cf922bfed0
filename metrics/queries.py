"""The SQL of the metrics: one file a query, its first line says the grain."""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "sql"


@cache
def sql(name: str) -> str:
    """Return the text of `sql/<name>.sql`; raises ValueError for a name outside the folder."""
    file = (FOLDER / f"{name}.sql").resolve()
    if not file.is_relative_to(FOLDER):
        raise ValueError(f"{name} is not a query of this program")
    return file.read_text(encoding="utf-8")
