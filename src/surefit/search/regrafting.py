"""A search for networks: train a few, replace some units of the best, train again."""

import dataclasses
import time
from collections.abc import Callable

import numpy as np

from surefit.minimizers.base import AbstractMinimizer, Budget, Minima, Report, Status
from surefit.minimizers.warm_up import warm_up
from surefit.problem.base import AbstractProblem
from surefit.problem.projected import completed, projected, searched_part
from surefit.search.base import AbstractSearch, Evidence, gather_evidence, nothing_found
from surefit.search.starts import AbstractStarts

Vary = Callable[[np.ndarray, int, np.random.Generator], np.ndarray]
"""(points (k, q), n, rng) → n points near them, shape (n, q)."""

# Mini-batches of one training, and multiplications that the trainings of a generation may take.
TRAINING_STEPS = 600
TRAINING_WORK = 2.5e9
MOST_TRAINED, LEAST_TRAINED = 32, 4
# Of those trained, how many go downhill and how far; how many parents are kept, and how far those
# go on in each generation.
REFINED, REFINED_STEPS = 6, 12
PARENTS, PARENT_STEPS = 4, 4
# Multiplications in one step of Gauss-Newton beyond which only the best goes on; and those of a
# whole search at normal effort.
MUCH_WORK = 4e8
TOTAL_WORK = 6e11
# Generations without a better curve that count as a confirmation (several times as many where
# much more than the noise is left to explain), and generations at most.
QUIET, GENERATIONS, MISFIT = 5, 60, 3
# χ² above its expectation, in standard deviations, that shows something unexplained.
UNEXPLAINED = 4.0


@dataclasses.dataclass(frozen=True, eq=False)
class Regrafting(AbstractSearch):
    """Keep a handful of networks; replace units of theirs, train, keep what is better.

    The first generation is a set of independent starts, each trained shortly; the best go
    downhill. Each later generation is made of the best so far with some units replaced by new
    random ones. It ends when several generations have found no curve that differs from the best
    by more than its confidence band: that is the confirmation by a different search.

    Attributes:
        starts: Where the first generation comes from.
        vary: How descendants are made.
        known: Points to go on from as well, shape (k, q): a user's start.
        is_trained: Whether candidates are trained by mini-batches before they are compared.
        is_absolute: Whether the size of the errors is known, so that a misfit shows.
    """

    starts: AbstractStarts
    vary: Vary
    known: np.ndarray
    is_trained: bool
    is_absolute: bool

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
            run.first_generation()
            run.generations()
            run.finish()
        except KeyboardInterrupt:
            run.interrupted = True
        return run.result()

    def __str__(self) -> str:
        return "search that replaces units"


class _Run:
    """The state of one search."""

    def __init__(self, problem, minimizer, search: Regrafting, rng, budget, report) -> None:
        self.problem, self.minimizer, self.search = problem, minimizer, search
        self.rng, self.budget, self.report = rng, budget, report
        self.points = np.zeros((0, len(problem.names)))
        self.values, self.first_values = np.zeros(0), np.zeros(0)
        self.status = Status.not_finite
        self.steps = 0
        self.is_confirmed = self.interrupted = False
        self.deadline = None if budget.seconds is None else time.monotonic() + budget.seconds
        q, n = len(problem.names), problem.n_terms
        trained = TRAINING_WORK * budget.starts / (TRAINING_STEPS * 6 * q * 32)
        power = int(np.log2(max(trained, 1.0)))
        self.n_trained = int(np.clip(2**power, LEAST_TRAINED, MOST_TRAINED))
        work = 2.0 * n * q**2 + q**3
        self.is_heavy = work > MUCH_WORK
        self.most_steps = max(int(TOTAL_WORK * budget.starts / work), 50)

    def first_generation(self) -> None:
        drawn = self.search.starts.draw(self.problem, self.rng, self.n_trained)
        minima = self._refined(self._trained(drawn), REFINED_STEPS)
        self.first_values = minima.value
        if len(self.search.known):
            self._downhill(self.search.known, REFINED_STEPS)

    def generations(self) -> None:
        quiet, reference = 0, None
        needed = max(1, round(QUIET * min(self.budget.starts, 2.0)))
        most = max(needed + 1, round(GENERATIONS * self.budget.starts))
        if self.is_heavy:
            needed, most = max(1, needed // 3), max(2, min(most // 6, self.most_steps // 50))
        for _ in range(most):
            if self._is_late() or not len(self.points):
                return
            if not self.is_heavy:
                self._downhill(self.points[:PARENTS], PARENT_STEPS)
            drawn = self.search.vary(self.points[:PARENTS], self.n_trained, self.rng)
            self._refined(self._trained(drawn), REFINED_STEPS)
            if reference is None or self._has_moved(reference):
                quiet, reference = 0, self.points[0].copy()
            else:
                quiet += 1
            if quiet >= needed * (MISFIT if self._is_misfit() else 1):
                self.is_confirmed = True
                return

    def finish(self) -> None:
        """Go all the way downhill from the best."""
        if len(self.points):
            self._downhill(self.points[:1], max(self.most_steps, 200))

    def _trained(self, points: np.ndarray) -> np.ndarray:
        """Candidates after a short training, the best first; only those with a finite value."""
        if self.search.is_trained:
            seed = int(self.rng.integers(2**31))
            points = warm_up(self.problem, points, steps=TRAINING_STEPS, seed=seed)
        screen = projected(self.problem)
        points = completed(screen, searched_part(screen, points))
        values = self.problem.value(points)
        order = np.argsort(values)
        return points[order[np.isfinite(values[order])]]

    def _refined(self, points: np.ndarray, steps: int) -> Minima:
        n = 1 if self.is_heavy else REFINED
        return self._downhill(points[:n], 4 * steps if self.is_heavy else steps)

    def _downhill(self, points: np.ndarray, steps: int) -> Minima:
        """Some steps of the minimizer; the best and distinct of all points so far are kept."""
        if not len(points):
            return Minima(points, np.zeros(0), (), np.zeros(0, dtype=int))
        few = dataclasses.replace(self.budget, steps=min(steps, self.budget.steps))
        minima = self.minimizer.minimize(self.problem, points, budget=few, report=_nothing)
        self.steps += int(minima.steps.sum())
        before = self.values[0] if len(self.values) else np.inf
        points = np.concatenate([minima.points, self.points])
        values = np.concatenate([minima.value, self.values])
        kept: list[int] = []
        for row in np.argsort(values, kind="stable"):
            if not np.isfinite(values[row]) or len(kept) == 2 * PARENTS:
                break
            if all(values[row] - values[k] > 1e-3 * values[k] for k in kept):
                kept.append(int(row))
        self.points, self.values = points[kept], values[kept]
        if len(kept) and kept[0] < len(minima.value) and values[kept[0]] <= before:
            self.status = minima.status[kept[0]]
        if Status.interrupted in minima.status:
            raise KeyboardInterrupt
        self.report("search", float(self.values[0]) if len(kept) else np.inf)
        return minima

    def _has_moved(self, reference: np.ndarray) -> bool:
        """Whether the best curve has left the confidence band of the reference.

        Summed over the data, the variance of a fitted curve in units of that of the data is the
        number of parameters.
        """
        if np.array_equal(reference, self.points[0]):
            return False
        now, _ = self.problem.linearize(self.points[0])
        then, _ = self.problem.linearize(reference)
        return float(np.sum((now - then) ** 2)) > len(reference) * self._per_degree()

    def _is_misfit(self) -> bool:
        """Whether χ² is too high for a model that describes the data."""
        if not (self.search.is_absolute and self.problem.is_least_squares):
            return False
        ndof = max(self.problem.n_terms - len(self.problem.names), 1)
        return bool(self.values[0] > ndof + UNEXPLAINED * np.sqrt(2 * ndof))

    def _per_degree(self) -> float:
        if not self.problem.is_least_squares:
            return 1.0
        return float(self.values[0]) / max(self.problem.n_terms - len(self.problem.names), 1)

    def _is_late(self) -> bool:
        return self.deadline is not None and time.monotonic() > self.deadline

    def result(self) -> tuple[Minima, Evidence]:
        if not len(self.points):
            n, is_late = len(self.problem.names), self._is_late()
            return nothing_found(n, is_interrupted=self.interrupted, is_late=is_late)
        independent = np.arange(len(self.first_values) + len(self.values)) < len(self.first_values)
        values = np.concatenate([self.first_values, self.values])
        evidence = gather_evidence(values, independent, self._per_degree(), self.is_confirmed)
        status = Status.interrupted if self.interrupted else self.status
        steps = np.zeros(len(self.values), dtype=int)
        steps[0] = self.steps
        return Minima(self.points, self.values, (status,) * len(self.values), steps), evidence


def _nothing(what: str, value: float) -> None:
    """Steps of one descent are not reported: the search reports the best of all."""
