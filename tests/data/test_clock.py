"""The day in China, on a machine whose own clock is hours behind."""

from datetime import UTC, date, datetime

import pytest

from data import clock


@pytest.mark.parametrize(
    ("utc", "day"),
    [
        (datetime(2026, 11, 30, 15, 59, tzinfo=UTC), date(2026, 11, 30)),
        (datetime(2026, 11, 30, 16, 0, tzinfo=UTC), date(2026, 12, 1)),
    ],
)
def test_a_day_begins_eight_hours_before_it_does_in_greenwich(
    monkeypatch: pytest.MonkeyPatch, utc: datetime, day: date
) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            assert tz is UTC
            return utc

    monkeypatch.setattr(clock, "datetime", Clock)
    assert clock.today() == day
