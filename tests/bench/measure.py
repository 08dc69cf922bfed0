"""How a measurement is taken and told."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from data import readers


@dataclass(frozen=True)
class Result:
    """One measurement.

    seconds, cpu: of what is measured, children included. base_seconds, base_cpu: of the baseline.
    limit: the greatest ratio (of processor time: a machine shared with others swells the wall
    clock of either side) or, where `limit_of` is 'seconds' or 'cpu', the greatest number of them.
    memory_mb: the peak of the process that measured, None where that is not known.
    """

    name: str
    what: str
    baseline: str
    seconds: float
    cpu: float
    base_seconds: float
    base_cpu: float
    limit: float
    limit_of: str = "ratio"
    memory_limit_mb: int | None = None
    memory_mb: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """Wall time to wall time."""
        return self.seconds / self.base_seconds

    @property
    def cpu_ratio(self) -> float:
        """Processor time to processor time."""
        return self.cpu / self.base_cpu if self.base_cpu else self.ratio

    @property
    def met(self) -> bool:
        """Whether the limits are kept."""
        told = {"ratio": self.cpu_ratio, "seconds": self.seconds, "cpu": self.cpu}
        small = self.memory_limit_mb is None or (self.memory_mb or 0) <= self.memory_limit_mb
        return told[self.limit_of] <= self.limit and small

    def report(self) -> dict[str, Any]:
        """Return what is printed as JSON."""
        told = {**vars(self), "ratio": self.ratio, "cpu_ratio": self.cpu_ratio, "met": self.met}
        return {n: float(f"{v:.6g}") if isinstance(v, float) else v for n, v in told.items()}


def cpu() -> float:
    """Return the processor seconds of this process, its children that have ended, its readers."""
    if sys.platform == "win32":  # tells nothing of children
        return time.process_time()
    import resource

    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used) + readers.processor_seconds()


def peak_mb() -> int | None:
    """Return the most memory this process, or one of its children, has held."""
    if sys.platform == "win32":
        return None
    import resource

    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    both = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(who).ru_maxrss for who in both) // unit


def took(work: Callable[[], Any], times: int = 1) -> tuple[float, float]:
    """Return the wall and the processor seconds of the fastest of so many runs."""
    runs = []
    for _ in range(times):
        wall, used = time.perf_counter(), cpu()
        work()
        runs.append((time.perf_counter() - wall, cpu() - used))
    return min(wall for wall, _ in runs), min(used for _, used in runs)
