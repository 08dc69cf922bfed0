"""One row of a problems table: record, line, column, value, and the reason in words."""

from data.words import both

PROBLEM_COLUMNS = ("record", "line", "column", "value", "code", "reason_zh", "reason_en")


def problem(record: int, line: int, column: str, value: str, code: str, **detail: object) -> dict:  # type: ignore[type-arg]
    """Return one row of a problems table, worded from the catalogue key problems.<code>."""
    reason = both(f"problems.{code}", value=value, column=column, **detail)
    row = (record, line, column, value, code, reason.zh, reason.en)
    return dict(zip(PROBLEM_COLUMNS, row, strict=True))
