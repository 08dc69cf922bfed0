"""Frozen links: what was handed out opens its version until it ends, is altered or withdrawn."""

from pathlib import Path

import pytest

from data.access import frozen_links
from data.errors import DataError
from data.storage import exchange

NOW = 1_800_000_000.0


def refused(root: Path, folder: Path, code: str, now: float = NOW) -> str:
    with pytest.raises(DataError) as refusal:
        frozen_links.version_of(root, folder, code, now)
    return refusal.value.code


def test_a_link_holds_until_it_ends(tmp_path: Path) -> None:
    code = frozen_links.make(tmp_path, tmp_path, 3, "视图", "李评", 7, NOW)
    last = NOW + 7 * 86_400 - 1
    assert frozen_links.version_of(tmp_path, tmp_path, code, NOW) == 3
    assert frozen_links.version_of(tmp_path, tmp_path, code, last) == 3
    assert refused(tmp_path, tmp_path, code, last + 1) == "link_expired"


def test_nothing_altered_or_made_elsewhere_opens(tmp_path: Path) -> None:
    sample = tmp_path / "sample-county"
    code = frozen_links.make(tmp_path, tmp_path, 3, "视图", "", 7, NOW)
    version, name, signature = code.split(".")
    other = frozen_links.make(tmp_path, tmp_path, 4, "视图", "", 7, NOW).split(".")
    for wrong in (
        f"4.{name}.{signature}", f"{version}.{other[1]}.{signature}", f"3.{name}.{other[2]}",
        f"3.{name}.", f"3.{name}", "3..", f"3.{name}.é", f"{code}0", f"3.x.{signature}",
    ):  # fmt: skip
        assert refused(tmp_path, tmp_path, wrong) == "link_unknown", wrong
    # A link of one store opens nothing in another, not even with the list of its links.
    sample.mkdir()
    assert refused(tmp_path, sample, code) == "link_unknown"
    (sample / frozen_links.FILE).write_bytes((tmp_path / frozen_links.FILE).read_bytes())
    assert refused(tmp_path, sample, code) == "link_unknown"
    # Nor does one that was made longer in the file.
    file = tmp_path / frozen_links.FILE
    until = str(int(NOW + 7 * 86_400))
    file.write_text(file.read_text(encoding="utf-8").replace(until, until[:-1] + "9"), "utf-8")
    assert refused(tmp_path, tmp_path, code) == "link_unknown"


def test_a_link_that_is_withdrawn_stays_so_and_the_others_hold(tmp_path: Path) -> None:
    first, second = (
        frozen_links.make(tmp_path, tmp_path, n, "视图", "", 30, NOW + n) for n in (1, 2)
    )
    frozen_links.withdraw(tmp_path, first.split(".")[1])
    assert refused(tmp_path, tmp_path, first) == "link_withdrawn"
    assert frozen_links.version_of(tmp_path, tmp_path, second, NOW) == 2
    assert [each.version for each in frozen_links.held(tmp_path)] == [2, 1]
    assert [each.holds(NOW) for each in frozen_links.held(tmp_path)] == [True, False]
    # A backup that comes back does not bring a withdrawn link back.
    assert frozen_links.FILE not in {entry.name for entry in exchange.own(tmp_path)}
    with pytest.raises(DataError) as refusal:
        frozen_links.withdraw(tmp_path, "nobody")
    assert refusal.value.code == "link_unknown"
