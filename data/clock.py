"""The time by the clocks of all China, wherever the machine stands that serves it."""

from datetime import UTC, date, datetime, timedelta, timezone

_AHEAD = timedelta(hours=8)
CHINA = timezone(_AHEAD)


def in_china(moment: datetime) -> datetime:
    """Return a moment in UTC by the clocks of China; neither names its zone."""
    return moment + _AHEAD


def today() -> date:
    """Return the day it is in China."""
    return in_china(datetime.now(UTC).replace(tzinfo=None)).date()
