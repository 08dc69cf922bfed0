"""The slice of the data a reader is looking at."""

from dataclasses import asdict, dataclass
from typing import Literal

from data.words import Language, Text, say

# What figures are told by: townships, or counties where several are in view.
Level = Literal["township", "county"]


@dataclass(frozen=True)
class Scope:
    """Values of the shared filters; None means no restriction.

    year: the period. county: 6-digit code. township: 9-digit code.
    unit_type: 'township' or 'subdistrict'.
    """

    year: int | None = None
    county: str | None = None
    township: str | None = None
    unit_type: str | None = None

    def parameters(self) -> dict[str, str | int | None]:
        """Return the values under the names the SQL files bind ($year, $township, ...)."""
        return asdict(self)

    def sentence(self, language: Language, place: Text | None = None) -> str:
        """Say the scope in words, for captions and exports; `place` is the unit's name."""
        parts = [
            say("scope.year", language, year=self.year)
            if self.year
            else say("scope.all_years", language),
            place.in_language(language) if place else say("scope.whole_county", language),
        ]
        if self.unit_type:
            parts.append(say(f"scope.{self.unit_type}", language))
        return say("scope.joiner", language).join(parts)
