"""The state of one search: the problem in its forms, and what has been found so far."""

import dataclasses
import time

import numpy as np

from surefit.minimizers.base import AbstractMinimizer, Budget, Minima, Report, Status
from surefit.problem.base import AbstractProblem
from surefit.problem.projected import projected
from surefit.search.base import SAME
from surefit.search.cells import Edges
from surefit.search.descent import descend

# Points of the data on which candidates are compared, at least, and for each free parameter.
SAMPLE = 128
SAMPLE_EACH = 8
# Differences in −2 ln L below this fraction of a typical candidate's are rounding.
ROUNDING = 1e-18


@dataclasses.dataclass(eq=False)
class Run:
    """One search under way.

    Attributes:
        problem: What is minimized.
        minimizer: What goes downhill.
        rng: Source of randomness.
        budget: Limits on the work.
        report: Called with the progress.
        steps: Mask of step parameters, shape (q,).
        jumping: Mask of all parameters that move a jump, shape (q,).
        edges: Where points change side along a line, if known.
        may_thin: Whether the minimizer may begin on a sample of the points.
        fine: The problem with its linear parameters projected out.
        thin: The problem on the present sample of the points.
        screen: That with its linear parameters projected out.
        is_sampling: Whether `thin` is less than the problem.
        found: Batches of descents: where they are now, as later work may lower them.
        independent: For each descent that ended, whether its start owed nothing to earlier ones.
        typical: A typical candidate's −2 ln L.
        promising: The highest −2 ln L of a candidate that was among the best.
    """

    problem: AbstractProblem
    minimizer: AbstractMinimizer
    rng: np.random.Generator
    budget: Budget
    report: Report
    steps: np.ndarray
    jumping: np.ndarray
    edges: Edges | None
    may_thin: bool

    def __post_init__(self) -> None:
        self.fine = projected(self.problem)
        self.is_sampling = True
        self.draw_sample()
        self.found: list[Minima] = []
        self.independent: list[bool] = []
        self.typical = self.promising = 0.0
        seconds = self.budget.seconds
        self._deadline = None if seconds is None else time.monotonic() + seconds

    def draw_sample(self) -> None:
        """Another sample of the points, or all of them."""
        n_points = max(SAMPLE, SAMPLE_EACH * len(self.problem.names))
        thin = self.problem.thinned(n_points, self.rng) if self.is_sampling else self.problem
        self.is_sampling = thin is not self.problem
        self.thin, self.screen = thin, projected(thin)

    def use_all_points(self) -> None:
        """Compare candidates on all points from now on."""
        self.is_sampling = False
        self.draw_sample()

    def refine(
        self, points: np.ndarray, *, independent: bool, each_in_full: bool = False
    ) -> Minima:
        """Go downhill from each point and remember where it ended.

        Args:
            points: Starts, shape (s, q).
            independent: Whether they owe nothing to what was found before.
            each_in_full: Whether none is given up on, however the others do.

        Returns:
            The minima, one for each start.

        Raises:
            KeyboardInterrupt: The user stopped the minimizer.
        """
        if not len(points):
            return Minima(points, np.zeros(0), (), np.zeros(0, dtype=int))
        limits = {"budget": self.budget, "report": self.report}
        if each_in_full:
            minima = self.minimizer.minimize(self.problem, points, **limits)
        else:
            thin = self.thin if self.may_thin else self.problem
            minima = descend(self.minimizer, self.problem, thin, points, **limits)
        self.found.append(minima)
        n_outrun = 0 if minima.outrun is None else np.count_nonzero(minima.outrun)
        self.independent += [independent] * (len(minima.value) - n_outrun)
        if Status.interrupted in minima.status:
            raise KeyboardInterrupt
        self.report("search", self.best())
        return minima

    def ended(self) -> list[Minima]:
        """Every batch of descents, without those that others outran."""
        return [minima.ended() for minima in self.found]

    def all(self) -> tuple[np.ndarray, np.ndarray]:
        """Every point where a descent ended, (s, q), and −2 ln L there, (s,)."""
        batches = self.ended()
        points = np.concatenate([minima.points for minima in batches])
        return points, np.concatenate([minima.value for minima in batches])

    def statuses(self) -> tuple[Status, ...]:
        """How each of these descents ended."""
        return tuple(status for minima in self.ended() for status in minima.status)

    def best(self) -> float:
        """The lowest −2 ln L so far."""
        return min((float(minima.value.min()) for minima in self.found), default=np.inf)

    def lowest(self, n: int) -> np.ndarray:
        """One point of each of the lowest distinct minima, at most n."""
        points, values = self.all()
        order = np.argsort(values)
        order = order[np.isfinite(values[order])]
        is_new = np.diff(values[order], prepend=-np.inf) > self.tolerance()
        return points[order[is_new][:n]]

    def tolerance(self) -> float:
        """Difference in −2 ln L below which two minima are the same."""
        ndof = max(self.problem.n_terms - len(self.problem.names), 1)
        # Exact data have no errors to compare with: what rounding leaves is the unit there.
        least = ROUNDING * self.typical
        return max(SAME * (self.best() / ndof if self.problem.is_least_squares else 1.0), least)

    def is_late(self) -> bool:
        """Whether the cap on the wall time has been reached."""
        return self._deadline is not None and time.monotonic() > self._deadline
