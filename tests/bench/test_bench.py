"""Every measurement runs at a small size, and says what it must."""

import json
import subprocess
import sys

import pytest

from tests.bench import run
from tests.bench.measure import Result

SAID = {
    "name", "what", "baseline", "seconds", "cpu", "base_seconds", "base_cpu", "limit", "limit_of",
    "ratio", "cpu_ratio", "met", "memory_mb",
}  # fmt: skip
# The page has tests of its own; drawing it here again would only cost time.
SMALL = sorted(set(run.BENCHES) - {"page"})


@pytest.mark.parametrize("name", SMALL)
def test_a_measurement_measures(name: str) -> None:
    report = run.measure(name, 0.001)
    assert set(report) >= SAID
    assert report["name"] == name
    assert report["seconds"] > 0
    assert report["ratio"] == pytest.approx(report["seconds"] / report["base_seconds"], rel=0.05)


def test_the_limit_is_of_what_it_says() -> None:
    made = Result("a", "b", "c", seconds=2, cpu=1, base_seconds=1, base_cpu=1, limit=1.5)
    assert (made.ratio, made.cpu_ratio, made.met) == (2, 1, True)
    slow = Result("a", "b", "c", 2, 2, 1, 1, limit=1.5)
    assert not slow.met
    assert Result("a", "b", "c", 2, 2, 1, 1, limit=2, limit_of="seconds").met
    assert not Result(
        "a", "b", "c", 2, 2, 1, 1, limit=9, memory_limit_mb=10, memory_mb=11
    ).met  # fmt: skip


def test_the_door_prints_one_document_and_refuses_what_it_does_not_know() -> None:
    def call(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "tests.bench.run", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    done = call("sites", "--size", "0.001", "--json")
    (report,) = json.loads(done.stdout)
    assert (done.returncode, report["name"]) == (0, "sites")
    assert call("nonsense").returncode == 2
