"""What the overview asks: once here, for the page and for whoever asks ahead of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from data.scope import Scope

Get = Callable[..., Any]
# What takes long, the longest first.
LONG = ("card", "history", "sure", "answered", "gaps", "burden", "outside", "capacities")


@dataclass
class Answers:
    """The answers for a scope. get: as `results.get`. level: what figures are told by."""

    get: Get
    scope: Scope
    level: str

    @cached_property
    def card(self) -> Any:
        """The card of the townships."""
        return self.get("assessment.township_card.card", self.scope)

    @cached_property
    def survey(self) -> dict[str, Any] | None:
        """The newest survey of residents, None where there is none."""
        held = self.get("satisfaction.figures.surveys", self.scope)
        held = held[held["audience"].eq("resident")]
        return held.iloc[0].to_dict() if len(held) else None

    @cached_property
    def _asked(self) -> dict[str, Any] | None:
        """The survey and its question on satisfaction as a whole, None where it was not put."""
        if self.survey is None:
            return None
        one = {"survey_id": self.survey["survey_id"]}
        items = self.get("satisfaction.figures.items", self.scope, **one)
        return {**one, "item": "S1"} if items["item"].eq("S1").any() else None

    @cached_property
    def answered(self) -> pd.DataFrame | None:
        """Satisfaction by unit, everywhere, None where it was not asked about."""
        if self._asked is None:
            return None
        everywhere = replace(self.scope, township=None)
        by_unit = {**self._asked, "level": self.level}
        return self.get("satisfaction.figures.by_unit", everywhere, **by_unit)

    @cached_property
    def gaps(self) -> pd.DataFrame | None:
        """The gaps between groups, None where they cannot be compared."""
        if self._asked is None:
            return None
        one = {"survey_id": self._asked["survey_id"]}
        if self.get("satisfaction.figures.scale_of", self.scope, **one).mixed:
            return None
        return self.get("satisfaction.groups.by_group", self.scope, **self._asked).gaps

    @cached_property
    def sure(self) -> pd.DataFrame:
        """How sure the mean score is."""
        return self.get("assessment.robustness.average", self.scope)

    @cached_property
    def places(self) -> pd.DataFrame:
        """Who is out of reach, by township."""
        return self.get("overview.reach_by_township", self.scope)

    @cached_property
    def reached(self) -> pd.DataFrame:
        """Who is out of reach, by service."""
        return self.get("overview.reach", self.scope)

    @cached_property
    def outside(self) -> pd.DataFrame:
        """The largest gaps in coverage."""
        return self.get("overview.gaps", self.scope)

    @cached_property
    def capacities(self) -> pd.DataFrame:
        """The five capacities."""
        return self.get("overview.capacities", self.scope)

    @cached_property
    def burden(self) -> pd.DataFrame:
        """The burdens against their caps."""
        return self.get("overview.burden_strip", self.scope)

    @cached_property
    def history(self) -> pd.DataFrame:
        """The years since the baseline."""
        return self.get("assessment.progress.history", self.scope)
