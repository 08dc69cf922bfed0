"""Points of the five answers of satisfaction: the ways of scoring, and which a county may adopt.

100/80/60/30/0 is common in China (no authority found), the share rating 3-5 an official figure in
places; the share rating 4-5 and the net share are used abroad.
"""

from collections.abc import Mapping

DEFAULT = "mean"
# Way -> points of the answers 1 (very dissatisfied) to 5 (very satisfied).
POINTS: Mapping[str, tuple[float, ...]] = {
    DEFAULT: (0, 25, 50, 75, 100),
    "customary": (0, 30, 60, 80, 100),
    "rated_3_5": (0, 0, 100, 100, 100),
    "rated_4_5": (0, 0, 0, 100, 100),
    "net": (-100, -100, 0, 100, 100),
}
SHARES = ("rated_3_5", "rated_4_5")
# The assessment counts from 0 to 100; a net share would not.
ADOPTABLE = tuple(way for way, points in POINTS.items() if min(points) >= 0)


def macro() -> str:
    """Return the SQL macro `answer_points(way)`: a list of five, the default without a way."""
    cases = "".join(f"WHEN '{way}' THEN {list(map(float, POINTS[way]))} " for way in ADOPTABLE)
    return f"CREATE MACRO answer_points(way) AS CASE coalesce(way, '{DEFAULT}') {cases}END"
