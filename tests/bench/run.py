"""`python app.py bench [NAME…] [--json] [--size S]`: every measurement in a process of its own."""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from data.errors import DataError
from metrics.commands.common import Parser, refused
from tests.bench import places, scores, surveys
from tests.bench.measure import Result, peak_mb

ROOT = Path(__file__).resolve().parents[2]
BENCHES: dict[str, Callable[[float], Result]] = {
    "import_survey": surveys.import_survey,
    "import_gb18030": surveys.import_gb18030,
    "roll_up": surveys.roll_up,
    "domains": surveys.domains,
    "domains_rows": surveys.domains_rows,
    "svyby": surveys.svyby,
    "nearest": places.nearest_tree,
    "nearest_haversine": places.nearest_haversine,
    "catchment": places.catchment,
    "sites": places.sites,
    "score": scores.score,
    "rank_ranges": scores.ranges,
    "page": scores.page,
}


def measure(name: str, size: float) -> dict[str, Any]:
    """Run one measurement here and return its report."""
    return replace(BENCHES[name](size), memory_mb=peak_mb()).report()


def _options(arguments: list[str]) -> argparse.Namespace:
    """Read the arguments; raises DataError `bad_arguments`."""
    parser = Parser(prog="python app.py bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--size", type=float, default=1.0, help="share of the full size")
    # As every command takes it; the data to measure are made anew.
    parser.add_argument("--data", metavar="DIR", help=argparse.SUPPRESS)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in BENCHES]
    if unknown:
        parser.error(f"no measurement {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    return options


def main(arguments: list[str]) -> int:
    """Run the measurements named, or all; exit codes as everywhere on the command line."""
    try:
        options = _options(arguments)
    except DataError as error:
        told = json.dumps(refused(error), ensure_ascii=False) if "--json" in arguments else ""
        sys.stdout.write(f"{told}\n" if told else "")
        sys.stderr.write("" if told else f"{error}\n")
        return 2
    names = options.names or list(BENCHES)
    if options.here:
        sys.stdout.write(json.dumps(measure(names[0], options.size)) + "\n")
        return 0
    reports, failed = [], False
    for name in names:
        report = _apart(name, options.size)
        failed |= "failed" in report
        reports.append(report)
        if not options.json:
            sys.stdout.write(_line(report) + "\n")
            sys.stdout.flush()
    if options.json:
        sys.stdout.write(json.dumps(reports, ensure_ascii=False) + "\n")
    return int(failed)


def _apart(name: str, size: float) -> dict[str, Any]:
    """Run one measurement in a process of its own, so that its memory is its own."""
    command = [sys.executable, "-m", "tests.bench.run", name, "--here", "--size", str(size)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"name": name, "failed": (done.stderr.strip().splitlines() or ["-"])[-1]}
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report


def _line(report: dict[str, Any]) -> str:
    if "failed" in report:
        return f"{report['name']}: FAILED: {report['failed']}"
    return (
        f"{report['name']}: {report['what']}: {report['seconds']:.3g} s "
        f"({report['cpu']:.3g} s CPU, {report['memory_mb']} MB) = {report['ratio']:.3g} times "
        f"(CPU {report['cpu_ratio']:.3g}) {report['baseline']}; limit {report['limit']:.3g} "
        f"{report['limit_of']}: {'kept' if report['met'] else 'NOT KEPT'}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
