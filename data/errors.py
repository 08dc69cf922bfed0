"""Refusals a person can act on: problem, place, next step. Everything else is a bug."""

from data.words import Text, both


class DataError(Exception):
    """A refusal with its words taken from the catalogue by code.

    `DataError("weights_invalid", column="weight", rows="3, 8")` says
    errors.weights_invalid.problem, .place and .next_step, each filled with the values.
    """

    def __init__(self, code: str, **values: object) -> None:
        self.code = code
        self.values = values
        self.problem: Text = both(f"errors.{code}.problem", **values)
        self.place: Text = both(f"errors.{code}.place", **values)
        self.next_step: Text = both(f"errors.{code}.next_step", **values)
        super().__init__(code, values)

    def __str__(self) -> str:
        return "\n".join(
            f"{problem} ({place}) {next_step}"
            for problem, place, next_step in zip(
                self.problem, self.place, self.next_step, strict=True
            )
        )
