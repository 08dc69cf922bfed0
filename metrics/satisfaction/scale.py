"""How satisfaction is scored in a place, and the mark that stands wherever it is not the default.

A county may adopt another way of scoring from a year on (`metrics.decisions.scoring_ways`). Places
seen together are scored alike: where the counties of a place differ, the default holds for all.
"""

from dataclasses import dataclass

from data.answer_points import DEFAULT
from data.scope import Scope
from data.store import Store
from data.words import Text, both
from metrics.queries import sql


@dataclass(frozen=True)
class Scale:
    """How a year's surveys are scored in a place.

    way: of `data.answer_points.POINTS`. mixed: its counties have decided differently. since: the
    year of the decision, None without one; by, reason: who decided why, '' over several counties.
    """

    way: str = DEFAULT
    mixed: bool = False
    since: int | None = None
    by: str = ""
    reason: str = ""

    @property
    def mark(self) -> Text | None:
        """Return what stands beside every place and year in view; None under the default."""
        if self.mixed:
            return both("points.mark_mixed", way=way_word(DEFAULT))
        if self.way == DEFAULT:
            return None
        return both("points.mark_since", year=self.since, way=way_word(self.way))

    @property
    def decision(self) -> Text | None:
        """Return the decision in full: since when, by whom, why; None without one."""
        if self.mixed:
            return both("points.decision_mixed", way=way_word(DEFAULT))
        if self.since is None:
            return None
        told = {"year": self.since, "way": way_word(self.way)}
        if not self.by:
            return both("points.decision_alike", **told)
        return both("points.decision", **told, author=self.by, reason=self.reason)


def way_word(way: str) -> Text:
    """Return a way of scoring in words."""
    return both(f"points.way_{way}")


def scale(store: Store, scope: Scope, year: int | None) -> Scale:
    """Return how the surveys that start in a year are scored in the place of the scope.

    Without a year, the newest decision counts.
    """
    told = {"year": year, "county": scope.county, "township": scope.township}
    rows = store.read_once(sql("satisfaction/scales"), told)
    ways = set(rows["points"].fillna(DEFAULT))
    if len(ways) > 1:
        return Scale(mixed=True)
    decided = rows[rows["points"].notna()]
    if decided.empty:
        return Scale()
    newest = decided.iloc[int(decided["from_year"].argmax())]
    alone = len(decided) == 1
    return Scale(
        str(newest["points"]),
        False,
        int(newest["from_year"]),
        str(newest["decided_by"]) if alone else "",
        str(newest["reason"]) if alone else "",
    )
