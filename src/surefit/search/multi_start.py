"""Independent rounds of screened starts, until rounds agree and a second search confirms."""

import dataclasses
import time

import numpy as np

from surefit.minimizers.base import AbstractMinimizer, Budget, Minima, Report, Status
from surefit.problem.base import AbstractProblem
from surefit.problem.projected import completed, projected, searched_part
from surefit.search.base import SAME, AbstractSearch, Evidence, gather_evidence, nothing_found
from surefit.search.cells import settle
from surefit.search.descent import descend
from surefit.search.scans import reach, scan, scan_nearby
from surefit.search.starts import AbstractStarts

# Candidates screened in a round for each searched parameter, and starts refined of them.
SCREENED = 256
REFINED = 8
# Rounds before giving up on agreement, at normal effort.
ROUNDS = 8
# Points of the data on which candidates are compared, at least, and for each free parameter.
SAMPLE = 128
SAMPLE_EACH = 8
# Rounds on samples that may disagree before all points are used.
SAMPLED_ROUNDS = 3
# Correlation of neighboring residuals, in standard deviations, that shows something unexplained.
UNEXPLAINED = 4.0
# Candidates scanned coordinate by coordinate, how many of them again, and most repetitions.
SCANNED = 12
SCANNED_AGAIN = 4
SWEEPS = 6

# Differences in −2 ln L below this fraction of a typical candidate's are rounding.
ROUNDING = 1e-18


@dataclasses.dataclass(frozen=True, eq=False)
class MultiStart(AbstractSearch):
    """Screen many plausible starts, refine the best, repeat until independent rounds agree.

    Each round draws its own candidates, scores them with the linear parameters solved, and
    refines the best and most diverse. When two rounds agree on the best minimum, a second,
    different search follows: coordinate scans, hops and recombinations of good points. If that
    finds something better, agreement starts anew and later rounds scan as well.

    Rounds compare their candidates on a sample of the points, each round on one of its own. All
    points are used from the start of every final descent, and throughout once rounds on samples
    disagree or leave residuals in which neighbors are correlated.

    Attributes:
        starts: Where candidates come from.
        known: Points to refine as well, shape (k, q): a user's start.
        steps: Mask of step parameters, shape (q,).
        order: Indices that sort the points by each input, shape (d, n).
        is_sampling: Whether the minimizer may begin on a sample of the points.
    """

    starts: AbstractStarts
    known: np.ndarray
    steps: np.ndarray
    order: np.ndarray
    is_sampling: bool = True

    def search(
        self,
        problem: AbstractProblem,
        minimizer: AbstractMinimizer,
        *,
        rng: np.random.Generator,
        budget: Budget,
        report: Report,
    ) -> tuple[Minima, Evidence]:
        run = _Run(problem, minimizer, self, rng, budget, report)
        try:
            run.all_rounds()
        except KeyboardInterrupt:
            run.interrupted = True
        return run.result()

    def __str__(self) -> str:
        return "multi-start search"


class _Run:
    """The state of one search."""

    def __init__(self, problem, minimizer, search: MultiStart, rng, budget, report) -> None:
        self.problem, self.minimizer, self.search = problem, minimizer, search
        self.rng, self.budget, self.report = rng, budget, report
        self.fine = projected(problem)
        self.is_sampling = True
        self._draw_sample()
        # Steps have no slope to follow: only scans can move them.
        self.is_scanning = bool(search.steps.any())
        self.found: list[Minima] = []
        self.independent: list[bool] = []
        self.round_best: list[float] = []
        self.is_confirmed = self.interrupted = False
        self.typical = 0.0
        self.deadline = None if budget.seconds is None else time.monotonic() + budget.seconds

    def all_rounds(self) -> None:
        if len(self.search.known):
            self._refine(self.search.known, independent=True)
        most = max(2, round(ROUNDS * self.budget.starts))
        for _ in range(most):
            if self._is_late():
                return
            self._draw_sample()
            self._round()
            is_agreed = self._rounds_agree()
            if self.is_sampling and self._needs_all_points(is_agreed):
                self.is_sampling, self.round_best = False, []
            elif is_agreed:
                before = self._best()
                self._hop()
                self._scan_best(self._lowest(SCANNED_AGAIN), independent=False)
                self.is_confirmed = self._best() > before - self._tolerance()
                if self.is_confirmed:
                    return
                self.round_best, self.is_scanning = [], True

    def _draw_sample(self) -> None:
        """Another sample of the points, or all of them."""
        n_points = max(SAMPLE, SAMPLE_EACH * len(self.problem.names))
        thin = self.problem.thinned(n_points, self.rng) if self.is_sampling else self.problem
        self.is_sampling = thin is not self.problem
        self.thin, self.screen = thin, projected(thin)

    def _needs_all_points(self, is_agreed: bool) -> bool:
        """Whether samples are not enough: rounds disagree, or something is left unexplained."""
        if not is_agreed:  # steps are put right between all points in each round anyway
            return len(self.round_best) >= SAMPLED_ROUNDS and not self.search.steps.any()
        residuals, _ = self.problem.linearize(self._lowest(1)[0])
        n = self.search.order.shape[1]
        for order in self.search.order:
            # What follows those of the points are constraints on parameters.
            r = residuals[: len(residuals) // n * n].reshape(n, -1)[order]
            correlation = np.sum(r[1:] * r[:-1]) / max(np.sum(r**2), 1e-300)
            if correlation > UNEXPLAINED / np.sqrt(r.size):
                return True
        return False

    def _round(self) -> None:
        n_searched = len(self.screen.names)
        n = SCREENED * min(max(n_searched, 1), 8)
        drawn = self.search.starts.draw(self.problem, self.rng, n)
        candidates = self._screened(drawn, REFINED + SCANNED if self.is_scanning else REFINED)
        before = len(self.found)
        if self.is_scanning:
            self._scan_best(candidates[:SCANNED], independent=True)
            candidates = candidates[SCANNED:]
        self._refine(candidates, independent=True)
        values = [minima.value.min() for minima in self.found[before:]]
        self.round_best.append(min(values, default=np.inf))

    def _scan_best(self, points: np.ndarray, independent: bool) -> None:
        """Scan coordinates and refine, in turn, while that helps."""
        if not len(points):
            return
        best = np.inf if independent else self._best()
        minima = first = self._scanned(points, independent)
        for _ in range(SWEEPS - 1):
            if self._is_late() or not minima.value.min() < best - self._tolerance():
                break
            best = minima.value.min()
            points = minima.points[np.argsort(minima.value)[:SCANNED_AGAIN]]
            minima = self._scanned(points, independent=False)
        if self.search.steps.any() and self.is_sampling:
            self._scan_all_points(minima)
        # What the sweeps made of the best start is where that start ended.
        row, last = first.best, minima.best
        if minima.value[last] < first.value[row]:
            first.points[row], first.value[row] = minima.points[last], minima.value[last]

    def _scanned(self, points: np.ndarray, independent: bool) -> Minima:
        inner, steps = searched_part(self.screen, points), self._steps()
        inner, _ = scan(self.screen, inner, steps, self.problem.scales, self.rng)
        return self._refine(completed(self.screen, inner), independent)

    def _scan_all_points(self, minima: Minima) -> None:
        """Put steps of the best right between all points, after they were put in a sample."""
        row = minima.best
        points = minima.points[[row]]
        for _ in range(SWEEPS):
            size = 4 * reach(self.problem.scales) / SAMPLE
            inner = searched_part(self.fine, points)
            inner, _ = scan_nearby(self.fine, inner, self._steps(), size)
            points, before = completed(self.screen, inner), minima.value[row]
            better = self.minimizer.minimize(
                self.problem, points, budget=self.budget, report=self.report
            )
            points = better.points
            if better.value[0] < before:
                minima.points[row], minima.value[row] = points[0], better.value[0]
            if self._is_late() or not better.value[0] < before - self._tolerance():
                return

    def _lowest(self, n: int) -> np.ndarray:
        """One point of each of the lowest distinct minima, at most n."""
        points, values = self._all()
        order = np.argsort(values)
        order = order[np.isfinite(values[order])]
        is_new = np.diff(values[order], prepend=-np.inf) > self._tolerance()
        return points[order[is_new][:n]]

    def _steps(self) -> np.ndarray:
        """Mask of the step parameters among those that are searched."""
        return searched_part(self.fine, self.search.steps[None])[0]

    def _hop(self) -> None:
        """Candidates near and between the best points found so far, of all sizes."""
        points, values = self._all()
        order = np.argsort(values)[:REFINED]
        good = points[order]
        n = SCREENED
        base = good[self.rng.integers(len(good), size=n)]
        other = good[self.rng.integers(len(good), size=n)]
        mixed = np.where(self.rng.uniform(size=base.shape) < 0.3, other, base)
        size = np.exp(self.rng.uniform(np.log(1e-2), np.log(2.0), size=(n, 1)))
        kick = self.rng.standard_normal(base.shape) * (self.rng.uniform(size=base.shape) < 0.5)
        lower, upper = self.problem.bounds
        candidates = np.clip(mixed + size * kick * np.abs(mixed), lower, upper)
        self._refine(self._screened(candidates, REFINED), independent=False)

    def _screened(self, points: np.ndarray, n: int) -> np.ndarray:
        """The best and most diverse of many candidates, with linear parameters solved."""
        inner = searched_part(self.screen, points)
        values = self.screen.value(inner)
        order = np.argsort(values)
        order = order[np.isfinite(values[order])]
        if not len(order):
            return points[:0]
        self.typical = max(self.typical, float(values[order[len(order) // 2]]))
        best = order[: n // 2]
        rest = order[n // 2 : max(n, len(order) // 8)]
        n_rest = min(n - len(best), len(rest))
        chosen = np.concatenate([best, self.rng.choice(rest, n_rest, replace=False)])
        return completed(self.screen, inner[chosen])

    def _refine(self, points: np.ndarray, independent: bool) -> Minima:
        if not len(points):
            return Minima(points, np.zeros(0), (), np.zeros(0, dtype=int))
        thin = self.thin if self.search.is_sampling else self.problem
        minima = descend(
            self.minimizer, self.problem, thin, points, budget=self.budget, report=self.report
        )
        self.found.append(minima)
        self.independent += [independent] * len(minima.value)
        if Status.interrupted in minima.status:
            self.interrupted = True
            raise KeyboardInterrupt
        self.report("search", self._best())
        return minima

    def _all(self) -> tuple[np.ndarray, np.ndarray]:
        points = np.concatenate([minima.points for minima in self.found])
        return points, np.concatenate([minima.value for minima in self.found])

    def _best(self) -> float:
        return min((float(minima.value.min()) for minima in self.found), default=np.inf)

    def _tolerance(self) -> float:
        best = self._best()
        ndof = max(self.problem.n_terms - len(self.problem.names), 1)
        # Exact data have no errors to compare with: what rounding leaves is the unit there.
        least = ROUNDING * self.typical
        return max(SAME * (best / ndof if self.problem.is_least_squares else 1.0), least)

    def _rounds_agree(self) -> bool:
        best = np.sort(self.round_best)
        limit = self._best() + self._tolerance()
        return len(best) > 1 and bool(np.isfinite(best[1]) and best[1] <= limit)

    def _is_late(self) -> bool:
        return self.deadline is not None and time.monotonic() > self.deadline

    def result(self) -> tuple[Minima, Evidence]:
        if not self.found:
            return nothing_found(len(self.problem.names), self.interrupted)
        points, values = self._all()
        status = tuple(status for minima in self.found for status in minima.status)
        steps = np.concatenate([minima.steps for minima in self.found])
        if self.interrupted:
            status = tuple(Status.interrupted for _ in status)
        if self.search.steps.any() and np.isfinite(values).any():
            points, values = self._settled(points, values)
        evidence = gather_evidence(
            values, np.array(self.independent), self._tolerance() / SAME, self.is_confirmed
        )
        return Minima(points, values, status, steps), evidence

    def _settled(self, points: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Put the best point into the middle of the best cell nearby, and refit."""
        best = int(np.argmin(values))
        inner = searched_part(self.fine, points[[best]])[0]
        inner = settle(self.fine, inner, self._steps())
        minima = self.minimizer.minimize(
            self.problem, completed(self.fine, inner[None]), budget=self.budget, report=self.report
        )
        if minima.value[0] <= values[best]:
            points[best], values[best] = minima.points[0], minima.value[0]
        return points, values
