"""Days and times as programs write them."""

import pytest

from data.drafting.clocks import in_one_clock


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("20250304093000", "2025-03-04 09:30:00"),
        ("20250304 0930", "2025-03-04 09:30:00"),
        ("2025-03-04T01:30:00Z", "2025-03-04 09:30:00"),
        ("2025-03-03T23:30:00.000-02:00", "2025-03-04 09:30:00"),
        ("2025-03-04 09:30+0800", "2025-03-04 09:30:00"),
        ("2025/3/4 上午9:30", "2025/3/4 09:30"),
        ("2025年3月4日 下午 9时30分", "2025年3月4日 21时30分"),
        ("2025-3-4 12:05:00 am", "2025-3-4 00:05:00"),
        ("2025-3-4 12:05 PM", "2025-3-4 12:05"),
    ],
)
def test_what_means_one_time_is_brought_to_the_usual_clock(text: str, read: str) -> None:
    assert in_one_clock(text) == read


@pytest.mark.parametrize(
    "text",
    [
        "2025-03-04 09:30", "2025/3/4", "202503040930x", "2025-02-30T09:30:00Z",
        "2025/3/4 上午12:30", "2025/3/4 13:30 PM", "2025/3/4 上午9:30 AM", "3月4日 9:30",
    ],
)  # fmt: skip
def test_anything_else_stays_as_it_is(text: str) -> None:
    assert in_one_clock(text) == text
