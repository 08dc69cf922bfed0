"""Days and times as programs write them, brought to 2025-03-04 09:30:00 by China's clock."""

import datetime as dt
import re

from data.clock import CHINA

_COMPACT = re.compile(
    r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})[ T]?([0-9]{2}):?([0-9]{2})(?::?([0-9]{2}))?"
)
_HALF_DAY = re.compile(
    r"(.*?[0-9日])\s*(?:(上午|下午)\s*|\s)([0-9]{1,2})([:时点][0-9]{2}\S*?)\s*(AM|PM)?",
    re.IGNORECASE,
)
_ZONED = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:\.[0-9]+)? ?"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})"
)


def in_one_clock(text: str) -> str:
    """Return 20250304093000, 2025/3/4 下午9:30 and 2025-03-04T01:30:00Z by the usual clock.

    Any other text comes back as it is, also one that may mean two times (上午12:30).
    """
    if found := _COMPACT.fullmatch(text):
        year, month, day, hour, minute, second = found.groups()
        return f"{year}-{month}-{day} {hour}:{minute}:{second or '00'}"
    if found := _ZONED.fullmatch(text):
        return _by_our_clock(found)
    found = _HALF_DAY.fullmatch(text)
    return _of_whole_day(found) if found else text


def _of_whole_day(found: re.Match[str]) -> str:
    """Write 下午9:30 and 9:30 PM as 21:30; what says it twice or not at all stays."""
    day, chinese, hour, rest, latin = found.groups()
    half = chinese or (latin or "").upper()
    noon = int(hour) == 12
    if not half or (chinese and latin) or not 1 <= int(hour) <= 12 or (half == "上午" and noon):
        return found[0]
    return f"{day} {int(hour) % 12 + (12 if half in ('PM', '下午') else 0):02}{rest}"


def _by_our_clock(found: re.Match[str]) -> str:
    day, clock, zone = found.groups()
    try:
        moment = dt.datetime.fromisoformat(f"{day} {clock}{zone}")
    except ValueError:  # there is no such day, or hour
        return found[0]
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
