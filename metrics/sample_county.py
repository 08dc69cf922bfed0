"""The fictional county as a store: generated and published."""

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path

import pandas as pd

from data import store
from data.errors import DataError
from data.scope import Scope
from data.store import Change, Store
from data.words import both
from metrics import units
from metrics.assessment.framework import BUILT_IN, FULL
from metrics.assessment.goalposts import freeze_goalposts

AUTHOR = "治效"
Progress = Callable[[str], None]
Frames = dict[str, pd.DataFrame]
ANSWERS_AT_ONCE = 1_500_000


def ensure(folder: Path, progress: Progress) -> None:
    """Make the sample county beside a data folder that holds nothing yet.

    It comes to its place when it is whole: who asks meanwhile finds no store that is still held,
    and one whose making was interrupted is made anew.
    """
    place = folder / store.SAMPLE_FOLDER
    if store.exists(place) or store.exists(folder):
        return
    making = place.with_name(f"{place.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    install(making, progress=progress)
    store.take_away(place)  # what is there is no store
    with suppress(FileNotFoundError):
        place.rmdir()
    making.rename(place)


def install(
    folder: Path,
    *,
    counties: int | None = None,
    townships: int | None = None,
    answers: int | None = None,
    seed: int | None = None,
    progress: Progress,
) -> int:
    """Generate fictional data into an empty folder and return the data version.

    The numbers are those of data.sample.generate. Raises DataError `folder_has_data`,
    `sample_size`; the folder stays empty then.
    """
    # Only who makes a county waits for what makes it.
    from data.sample.generate import SEED, generate

    if store.exists(folder):
        raise DataError("folder_has_data", folder=folder)
    progress(both("sample.making").zh + " / " + both("sample.making").en)
    made = generate(
        counties=counties,
        townships=townships,
        answers=answers,
        seed=SEED if seed is None else seed,
    )
    parts = _together(made)
    first = next(parts)  # numbers that make no county are refused before there is a store
    with Store.open(folder) as opened:
        for frames in chain([first], parts):
            changes = [Change(name, frame) for name, frame in frames.items()]
            opened.publish(changes, author=AUTHOR, message=both("sample.message").zh)
        _freeze(opened)
        return opened.version


def _together(counties: Iterable[Frames]) -> Iterator[Frames]:
    """Put counties together while their answers are few enough to be held at once.

    Each publication sums the surveys up anew, whatever county its rows are of.
    """
    held: list[Frames] = []
    answers = 0
    for frames in counties:
        held.append(frames)
        answers += len(frames["survey_answers"])
        if answers >= ANSWERS_AT_ONCE:
            yield _joined(held)
            held, answers = [], 0
    if held:
        yield _joined(held)


def _joined(held: list[Frames]) -> Frames:
    names = dict.fromkeys(name for frames in held for name in frames)
    parts = {name: [frames[name] for frames in held if name in frames] for name in names}
    return {n: p[0] if len(p) == 1 else pd.concat(p, ignore_index=True) for n, p in parts.items()}


def _freeze(opened: Store) -> None:
    """Score by the whole framework, since all its data are there; freeze the first year's peers."""
    first = int(units.years(opened, Scope())["year"].min())
    posts = pd.concat([freeze_goalposts(opened, first, each) for each in BUILT_IN.values()])
    chosen = pd.DataFrame({"name": ["framework"], "value": [FULL.id]})
    changes = [Change("settings", chosen)]
    changes += [Change("goalposts", posts)] if len(posts) else []
    opened.publish(changes, author=AUTHOR, message=both("sample.frozen").zh)
