"""The fictional county comes to its place when it is whole, and not before."""

from pathlib import Path

import pytest

from data import store
from data.store import SAMPLE_FOLDER, Store
from metrics import sample_county


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make fewer of everything: what is made is tested elsewhere."""
    install = sample_county.install
    monkeypatch.setattr(
        sample_county,
        "install",
        lambda folder, *, progress: install(
            folder, counties=1, townships=3, answers=2000, progress=progress
        ),
    )


@pytest.mark.usefixtures("small")
def test_nobody_finds_a_county_that_is_still_being_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, freeze = tmp_path / SAMPLE_FOLDER, sample_county._freeze
    seen: list[bool] = []

    def frozen(opened: Store) -> None:
        seen.append(store.exists(place))
        freeze(opened)

    monkeypatch.setattr(sample_county, "_freeze", frozen)
    sample_county.ensure(tmp_path, lambda _: None)
    assert seen == [False]
    with Store.open(place) as opened:
        assert len(opened.read("SELECT * FROM townships")) == 3
    assert [each.name for each in tmp_path.iterdir()] == [SAMPLE_FOLDER]


@pytest.mark.usefixtures("small")
def test_one_whose_making_was_interrupted_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Store) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sample_county, "_freeze", broken)
        with pytest.raises(KeyboardInterrupt):
            sample_county.ensure(tmp_path, lambda _: None)
    assert not store.exists(tmp_path / SAMPLE_FOLDER)
    (tmp_path / SAMPLE_FOLDER).mkdir()
    sample_county.ensure(tmp_path, lambda _: None)
    assert store.exists(tmp_path / SAMPLE_FOLDER)
    sample_county.ensure(tmp_path, lambda _: None)  # it is there: nothing is made
