"""The exact choice of sites by HiGHS, with the bound it proves and the time it may take.

Variables: y_j, candidate j is chosen; s_g, what is saved for one person of group g. For any level t

    s_g <= t + sum over j with saves_gj > t of (saves_gj - t) y_j

holds. For covering the level 0 is the whole model (Church and ReVelle 1974). For the p-median the
levels are added where they are broken, which is Benders' cut in closed form (Cornuejols, Fisher and
Nemhauser 1977; Duran-Mateluna, Ales and Elloumi 2023); county-size models never see most of them.
"""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from metrics.accessibility.site_model import Model, greedy, quick_bound, swapped
from metrics.accessibility.sphere import Floats, Rows

# Relative. HiGHS keeps its rows to 1e-8, and what it keeps is not broken.
PROVEN = 1e-7
BROKEN = 5e-8
# Figures handed to HiGHS are at most this large: far above its tolerances, far below its limits.
LARGEST = 1e4
MOST_ROUNDS = 200
OPTIONS: dict[str, bool | float | str] = {
    "output_flag": False, "threads": 1, "parallel": "off", "random_seed": 0,
    "mip_rel_gap": 0.0, "mip_abs_gap": 0.0,
    "primal_feasibility_tolerance": 1e-8, "mip_feasibility_tolerance": 1e-8,
}  # fmt: skip
# HiGHS' word for a solution that keeps all rows.
FEASIBLE = 2


@dataclass(frozen=True)
class Answer:
    """chosen: columns of the model; bound: what no choice can exceed; proven: the choice is an
    optimum; fewest: no optimum needs fewer new buildings, or as few and fewer sites.
    """

    chosen: Rows
    bound: float
    proven: bool
    fewest: bool


def solve(model: Model, p: int, time_limit_s: float) -> Answer:
    """Choose at most p candidates that save most, then as few new ones, then as few in all."""
    end = time.monotonic() + time_limit_s
    chosen = swapped(model, greedy(model, p), end)
    bound = quick_bound(model, chosen, p)
    value = model.value(chosen)
    if not model.saves.nnz:
        return Answer(chosen, value, True, True)
    master = _Master(model, p, end)
    for search in (master.tighten, master.most):
        if value < bound * (1 - PROVEN):
            chosen, limit = search(chosen)
            value, bound = model.value(chosen), min(bound, limit)
    if value < bound * (1 - PROVEN):
        return Answer(chosen, bound, False, False)
    fewer, fewest = master.fewest(chosen)
    return Answer(fewer, bound, True, fewest)


class _Master:
    """The model: columns y_0 … y_m-1, then of each group the share s_g / top_g of its greatest
    saving, so that all figures are of like size. Its rows are all levels found so far.
    """

    def __init__(self, model: Model, p: int, end: float) -> None:
        self.model, self.p, self.end = model, p, end
        self.groups, self.count = model.saves.shape
        entries = sp.coo_array(model.saves)
        order = np.lexsort((-entries.data, entries.row))
        self.row, self.column = entries.row[order], entries.col[order]
        self.saves = entries.data[order].astype(float)
        self.begins = np.searchsorted(self.row, np.arange(self.groups))
        self.top = np.asarray(model.saves.max(axis=1).toarray(), dtype=float).ravel()
        worth = model.people * self.top
        self.unit = float(worth.max()) / LARGEST
        self.worth = np.append(np.zeros(self.count), worth / self.unit)
        sites = np.append(np.ones(self.count), np.zeros(self.groups))
        self.rows = [sp.csr_array(sites[None, :])]
        self.limits = [np.array([[float(model.least), float(p)]])]
        self.relaxed: _Run | None = None
        self.low, self.high = np.zeros(self.count + self.groups), np.ones(self.count + self.groups)
        self._cut(np.arange(self.groups), np.zeros(self.groups))

    def tighten(self, best: Rows) -> tuple[Rows, float]:
        """Add levels until the relaxation breaks none at its own optimum; answer as `most` does.

        Its optimum is often a choice of whole sites, and then nothing is left to be searched.
        """
        bound = np.inf
        solver = self._loaded(-self.worth, whole=False)
        for _ in range(MOST_ROUNDS):
            run = _run(solver, self.end)
            if run is None or not run.finished:
                break
            bound = min(bound, -run.bound * self.unit)
            parts = run.values[: self.count]
            if (np.abs(parts - np.round(parts)) < BROKEN).all():
                best = max(best, self._chosen(run.values), key=self.model.value)
            self.relaxed = run
            self._settle(best)
            if not self._separate(run.values):
                break
            _add(solver, self.rows[-1], self.limits[-1])
        return best, bound

    def _settle(self, best: Rows) -> None:
        """Settle candidates that no choice as good as the best so far can take or leave.

        At the optimum of a relaxation the reduced cost says what the other decision costs at least.
        """
        if self.relaxed is None:
            return
        slack = -self.relaxed.bound - self.model.value(best) * (1 - PROVEN) / self.unit
        costs = self.relaxed.costs[: self.count]
        self.high[: self.count][costs > slack] = 0.0
        self.low[: self.count][costs < -slack] = 1.0

    def most(self, best: Rows) -> tuple[Rows, float]:
        """Return the choice that saves most, and what HiGHS proves that none can exceed."""
        bound = np.inf
        while True:
            run = _run(self._loaded(-self.worth, whole=True), self.end)
            if run is None:
                return best, bound
            bound = min(bound, -run.bound * self.unit)
            best = max(best, self._chosen(run.values), key=self.model.value)
            self._settle(best)
            if not run.finished or not self._separate(run.values):
                return best, bound

    def fewest(self, best: Rows) -> tuple[Rows, bool]:
        """Return the optimum with the fewest new buildings, then sites, and if that is proven."""
        self._settle(best)
        value = self.model.value(best)
        price = np.where(self.model.idle, 1.0, self.p + 1.0)
        self.rows.append(sp.csr_array(self.worth[None, :]))
        self.limits.append(np.array([[value * (1 - PROVEN / 10) / self.unit, np.inf]]))
        while True:
            run = _run(self._loaded(np.append(price, np.zeros(self.groups)), whole=True), self.end)
            if run is None:
                return best, False
            found = self._chosen(run.values)
            as_good = self.model.value(found) >= value * (1 - PROVEN)
            best = found if as_good and price[found].sum() < price[best].sum() else best
            if not run.finished or not self._separate(run.values):
                return best, run.finished and as_good

    def _chosen(self, values: Floats) -> Rows:
        return np.flatnonzero(values[: self.count] > 0.5)

    def _cut(self, groups: Rows, levels: Floats) -> None:
        """Add a level for each of some groups."""
        level = np.full(self.groups, np.inf)
        level[groups] = levels
        more = self.saves - level[self.row]
        used = more > 0
        place = np.zeros(self.groups, dtype=np.intp)
        place[groups] = np.arange(len(groups))
        row = np.append(place[self.row[used]], np.arange(len(groups)))
        column = np.append(self.column[used], self.count + groups)
        figures = np.append(-more[used] / self.top[self.row[used]], np.ones(len(groups)))
        shape = (len(groups), self.count + self.groups)
        self.rows.append(sp.csr_array((figures, (row, column)), shape=shape))
        highest = levels / self.top[groups]
        self.limits.append(np.column_stack([np.full(len(groups), -np.inf), highest]))

    def _separate(self, values: Floats) -> bool:
        """Add the levels that a solution breaks most; say whether there were any."""
        part, share = values[self.column], values[self.count :]
        upto = np.cumsum(part)
        upto -= (upto[self.begins] - part[self.begins])[self.row]
        # The best level is what is saved where the chosen parts first add up to one site.
        level = np.zeros(self.groups)
        full = upto >= 1 - 1e-9
        np.maximum.at(level, self.row[full], self.saves[full])
        above = np.maximum(self.saves - level[self.row], 0.0) * part
        most = level + np.bincount(self.row, above, self.groups)
        broken = np.flatnonzero(share > most / self.top + BROKEN)
        if len(broken):
            self._cut(broken, level[broken])
        return bool(len(broken))

    def _loaded(self, cost: Floats, *, whole: bool) -> Any:
        """Return a solver that is to minimise a cost.

        Whole sites get one of their own each time, so that no earlier basis sways which is found.
        """
        # Loaded here: who only wants the preview needs no solver. The plain class, because the one
        # built upon it writes to the screen as soon as it is made and keeps locks between threads.
        from highspy._core import MatrixFormat, ObjSense, _Highs

        solver = _Highs()
        for name, value in OPTIONS.items():
            solver.setOptionValue(name, value)
        rows, limits = sp.csr_array(sp.vstack(self.rows)), np.concatenate(self.limits)
        kinds = np.append(np.full(self.count, int(whole)), np.zeros(self.groups))
        solver.passModel(
            len(cost), rows.shape[0], rows.nnz, int(MatrixFormat.kRowwise),
            int(ObjSense.kMinimize), 0.0, cost, self.low, self.high,
            limits[:, 0].copy(), limits[:, 1].copy(), rows.indptr.astype(np.int32),
            rows.indices.astype(np.int32), rows.data, kinds.astype(np.int32),
        )  # fmt: skip
        return solver


@dataclass(frozen=True)
class _Run:
    """values and reduced costs of the columns; bound: no solution costs less."""

    values: Floats
    costs: Floats
    bound: float
    finished: bool


def _add(solver: Any, rows: sp.csr_array, limits: Floats) -> None:
    solver.addRows(
        rows.shape[0], limits[:, 0].copy(), limits[:, 1].copy(), rows.nnz,
        rows.indptr[:-1].astype(np.int32), rows.indices.astype(np.int32), rows.data,
    )  # fmt: skip


def _run(solver: Any, end: float) -> _Run | None:
    """Solve what is loaded; None without a solution in time."""
    from highspy._core import HighsModelStatus

    left = end - time.monotonic()
    if left <= 0:
        return None
    # HiGHS counts the time of all runs of one solver together.
    solver.setOptionValue("time_limit", solver.getRunTime() + left)
    solver.run()
    info, solution = solver.getInfo(), solver.getSolution()
    values = np.asarray(solution.col_value, dtype=float)
    if info.primal_solution_status != FEASIBLE or not len(values):
        return None
    relaxed = len(solution.col_dual) == len(values)
    costs = np.asarray(solution.col_dual, dtype=float) if relaxed else np.zeros(len(values))
    bound = info.objective_function_value if relaxed else info.mip_dual_bound
    finished = bool(solver.getModelStatus() == HighsModelStatus.kOptimal)
    return _Run(values, costs, float(bound), finished)
