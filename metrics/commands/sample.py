"""`sample`: fictional data at any scale."""

import argparse

from data import store
from data.sample.generate import SEED
from metrics import sample_county
from metrics.commands.common import Answer, Command, progress


def declare(command: Command) -> None:
    """Declare the command."""
    sample = command("sample", _sample)
    for name in ("counties", "townships", "answers"):
        sample.add_argument(f"--{name}", type=int)
    sample.add_argument("--seed", type=int, default=SEED)


def _sample(options: argparse.Namespace) -> Answer:
    folder = store.data_folder()
    sample_county.install(
        folder,
        counties=options.counties,
        townships=options.townships,
        answers=options.answers,
        seed=options.seed,
        progress=progress,
    )
    return {"data": str(folder)}, 0
