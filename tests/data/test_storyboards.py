from pathlib import Path

import pytest

from data import storyboards
from data.errors import DataError
from data.storyboards import Step

STEPS = [Step(name, "coverage", {"v": "3", "town": "990121100"}) for name in "甲乙丙"]


def names(steps: list[Step]) -> str:
    return "".join(step.title for step in steps)


def test_steps_are_kept_in_order_with_what_their_links_held(tmp_path: Path) -> None:
    assert storyboards.held(tmp_path) == []
    storyboards.keep(tmp_path, STEPS)
    assert storyboards.held(tmp_path) == STEPS
    storyboards.keep(tmp_path, STEPS * 20)
    assert len(storyboards.held(tmp_path)) == storyboards.MOST


@pytest.mark.parametrize(
    ("place", "by", "order"),
    [(0, 1, "乙甲丙"), (2, -1, "甲丙乙"), (0, -1, "甲乙丙"), (2, 1, "甲乙丙"), (0, 2, "乙丙甲")],
)
def test_a_step_moves_as_far_as_there_is_room(place: int, by: int, order: str) -> None:
    assert names(storyboards.moved(STEPS, place, by)) == order
    assert names(STEPS) == "甲乙丙"


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / storyboards.FILE).write_text("{", encoding="utf-8")
    with pytest.raises(DataError) as refused:
        storyboards.held(tmp_path)
    assert refused.value.code == "saved_unreadable"
