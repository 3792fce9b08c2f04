"""Find the minimum of every row without starting values, and confirm it by a second search.

Candidates are drawn once for the whole batch and scored in every row. A first search starts from
what is plausible, a second one from the minima of other rows and their surroundings: what one of
them misses the other one finds. Rows in which they disagree are searched again, with more starts.
"""

import dataclasses
import time
from collections.abc import Callable

import numpy as np

from surefit.many.batch import Batch
from surefit.many.candidates import Candidates, near, plausible
from surefit.many.descent import RowProblem, descend, fresh, in_threads
from surefit.many.mirrors import with_positive_signs
from surefit.many.screening import full_points, screened
from surefit.many.states import RowStates
from surefit.minimizers.base import Budget
from surefit.search.base import SAME

# Promised decrease of −2 ln L per degree of freedom at which a row has converged, to the last
# digits that matter; and at which a rival start is known to end at the same minimum.
CONVERGED = 1e-15
COMPARED = 0.1 * SAME
# Rows that are searched first and hard, to learn which candidates do well, and their effort.
PILOTS = 128
PILOT_CANDIDATES = 1024
PILOT_STARTS = 8
# Candidates scored in every row, for each searched parameter up to so many of these, and in how
# many groups they compete; more for rows in doubt.
SCREENED, MOST_COUNTED = 160, 4
GROUPS = 4
DOUBTFUL_CANDIDATES = 2048
DOUBTFUL_GROUPS = 8
# Evaluations that a start may take before only the best of its row goes on.
FIRST_STEPS = 40
# A row whose −2 ln L is this many standard deviations above that of the others is in doubt. It is
# so from fewer on, if there were more than so many times as many starts as ended there.
OUTLYING = 3.0
HIGH, SCATTERED = 2.0, 3


@dataclasses.dataclass(frozen=True, eq=False)
class RowMinima:
    """The lowest minimum found in each row.

    Attributes:
        states: Where each row ended, k rows.
        is_confirmed: Whether independent starts met there and none ended lower, shape (k,).
        n_starts: Starts that were refined in each row, shape (k,).
        n_agree: Starts that ended at the minimum, shape (k,).
    """

    states: RowStates
    is_confirmed: np.ndarray
    n_starts: np.ndarray
    n_agree: np.ndarray


Progress = Callable[[str, int], None]
"""Called with what is being done, and in how many rows."""


def fit_rows(
    problem: RowProblem,
    batch: Batch,
    starts: np.ndarray | None,
    *,
    budget: Budget,
    rng: np.random.Generator,
    progress: Progress,
    is_searching: bool = True,
) -> RowMinima:
    """Fit a model in every row of a batch.

    Args:
        problem: What is fitted; it has parameters to search.
        batch: The data.
        starts: A start of each row, (k, p), tried besides others; NaN in rows that have none. Of
            solved parameters nothing need be known.
        budget: Limits on the work.
        rng: Source of randomness.
        progress: Called with what is being done.
        is_searching: Whether to search beyond the starts; without, nothing is confirmed.

    Returns:
        The minima.
    """
    run = _Run(problem, batch, budget, rng, progress)
    if starts is not None:
        given = np.flatnonzero(np.isfinite(starts).all(axis=1))
        run.refine(given, starts[given], "starts given")
    if is_searching:
        run.search()
    run.finish()
    return RowMinima(run.best, run.is_confirmed, run.n_starts, run.n_agree)


class _Run:
    """The state of one search over all rows."""

    def __init__(self, problem, batch: Batch, budget: Budget, rng, progress) -> None:
        k, p = len(batch), problem.n_free
        self.problem, self.batch, self.budget = problem, batch, budget
        self.rng, self.progress = rng, progress
        self.best = fresh(problem, np.zeros((k, p)))
        self.ndof = np.maximum(batch.n_points - p, 1)
        self.n_starts, self.n_agree = np.zeros(k, dtype=int), np.zeros(k, dtype=int)
        self.is_confirmed = np.zeros(k, dtype=bool)
        limit = budget.seconds
        self.deadline = None if limit is None else time.monotonic() + limit

    def is_late(self) -> bool:
        return self.deadline is not None and time.monotonic() > self.deadline

    def search(self) -> None:
        """Pilots, then two different searches of all rows, then more of rows in doubt."""
        rows = np.arange(len(self.batch))
        learned, good = self._pilots(rows[:PILOTS])
        n = SCREENED * min(len(self._which), MOST_COUNTED)
        drawn = self._plausible(n, GROUPS, learned), self._near(n, GROUPS, good, learned)
        first, second = self._promising(rows, drawn, (GROUPS, GROUPS))
        self._compete(rows, [second[:, 0], first[:, 0]])
        doubtful = self._doubtful()
        for points in (first[doubtful, 1:], second[doubtful, 1:]):
            self._compete(doubtful, list(points.transpose(1, 0, 2)))
        doubtful = self._doubtful()
        if len(doubtful) and not self.is_late():
            good = self._searched(rows[np.isfinite(self.best.value)])[:n]
            third = self._plausible(DOUBTFUL_CANDIDATES, DOUBTFUL_GROUPS, learned[:0])
            drawn = third, self._near(n, GROUPS, good, learned)
            starts = self._promising(doubtful, drawn, (DOUBTFUL_GROUPS, GROUPS))
            points = np.concatenate(starts, axis=1)
            self.n_agree[doubtful] = 1
            self._compete(doubtful, list(points.transpose(1, 0, 2)))
        is_scattered = self.n_agree * SCATTERED <= self.n_starts
        self.is_confirmed &= ~(is_scattered & self._is_outlying(HIGH))

    def _pilots(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Roles that did best in the first rows, and where these rows ended."""
        n, q = _whole(PILOT_CANDIDATES * self.budget.starts, PILOT_STARTS), len(self._which)
        nothing = np.zeros((0, q), dtype=int)
        drawn = plausible(self.rng, self.batch, *self._known, n, nothing)
        winners = screened(self.problem, self.batch, rows, drawn, PILOT_STARTS)
        starts = self._starts(rows, drawn, winners)
        values = self.refine(np.repeat(rows, PILOT_STARTS), np.concatenate(starts), "first rows")
        best = np.argmin(values.reshape(len(rows), -1), axis=1)
        is_finite = np.isfinite(self.best.value[rows])
        chosen = winners[np.arange(len(rows)), best][is_finite]
        learned = nothing if drawn.roles is None else drawn.roles[chosen]
        return learned, self._searched(rows[is_finite])

    @property
    def _which(self) -> list[int]:
        """Positions of the searched parameters."""
        return list(self.problem.roles.searched)

    @property
    def _known(self):
        return self.problem.roles, self.problem.limits

    def _searched(self, rows: np.ndarray) -> np.ndarray:
        """The searched parameters of rows."""
        return self.best.point[rows][:, self._which]

    def _plausible(self, m: int, n_groups: int, learned: np.ndarray) -> Candidates:
        """Candidates that are plausible."""
        m = _whole(m * self.budget.starts, n_groups)
        return plausible(self.rng, self.batch, *self._known, m, learned)

    def _near(self, m: int, n_groups: int, good: np.ndarray, learned: np.ndarray) -> Candidates:
        """Candidates at and around the minima of other rows, where that makes sense."""
        moved = near(self.rng, self.batch, *self._known, m, good)
        return self._plausible(m, n_groups, learned) if moved is None else moved

    def _promising(
        self, rows: np.ndarray, drawn: tuple[Candidates, ...], n_groups: tuple[int, ...]
    ) -> list[np.ndarray]:
        """Starts made of the best of each of several draws, (rows, groups, p) each, best first."""

        def best(which: int) -> np.ndarray:
            some = drawn[which]
            winners = screened(self.problem, self.batch, rows, some, n_groups[which])
            return self._starts(rows, some, winners)

        return in_threads(best, range(len(drawn)))

    def _starts(self, rows: np.ndarray, drawn: Candidates, winners: np.ndarray) -> np.ndarray:
        """Full points of the winning candidates, shape (rows, groups, p)."""
        searched = drawn.chosen(self.batch, rows, winners)
        flat = full_points(self.problem, searched.reshape(-1, searched.shape[-1]))
        return flat.reshape(*winners.shape, -1)

    def _compete(self, rows: np.ndarray, starts: list[np.ndarray]) -> None:
        """Refine several starts of each row; rows are confirmed where they agree."""
        if not len(rows) or self.is_late():
            return
        before = self.best.value[rows]
        is_first = ~np.isfinite(before)
        which = np.tile(rows, len(starts))
        self.refine(which, np.concatenate(starts), "all rows")
        lowered = self.best.value[rows] < before - self._tolerance(rows)
        self.is_confirmed[rows] = (self.n_agree[rows] > 1) & (is_first | ~lowered)

    def _doubtful(self) -> np.ndarray:
        """Rows that are not confirmed, or whose −2 ln L is far above that of the others."""
        return np.flatnonzero(~self.is_confirmed | self._is_outlying(OUTLYING))

    def _is_outlying(self, limit: float) -> np.ndarray:
        """Whether −2 ln L of a row is so many standard deviations above that of the others."""
        reduced = self.best.value / self.ndof
        if not np.isfinite(reduced).any():
            return np.zeros(len(reduced), dtype=bool)
        usual = np.median(reduced[np.isfinite(reduced)])
        return ~(reduced <= usual * (1 + limit * np.sqrt(2 / self.ndof)))

    def _tolerance(self, rows: np.ndarray) -> np.ndarray:
        """Differences of −2 ln L below this mean the same minimum."""
        value = self.best.value[rows]
        return SAME * np.where(np.isfinite(value), value, 0.0) / self.ndof[rows]

    def refine(self, rows: np.ndarray, starts: np.ndarray, what: str) -> np.ndarray:
        """Go downhill from starts of rows, which may repeat, and keep the lowest of each row.

        Returns:
            −2 ln L where each start ended.
        """
        self.progress(what, len(rows))
        ended = descend(
            *(self.problem, self.batch, rows, fresh(self.problem, starts)),
            steps=min(FIRST_STEPS, self.budget.steps),
            tolerance=COMPARED / self.ndof[rows],
            is_late=self.is_late,
        )
        firsts = _lowest_of_each(rows, ended.value)
        own = rows[firsts]
        lower = ended.value[firsts] < self.best.value[own] - self._tolerance(own)
        chosen, replaced = firsts[lower], own[lower]
        for array, new in zip(self.best, ended, strict=True):
            array[replaced] = new[chosen]
        self.n_agree[replaced] = 0
        agrees = ended.value <= self.best.value[rows] + self._tolerance(rows)
        np.add.at(self.n_agree, rows[agrees], 1)
        np.add.at(self.n_starts, rows, 1)
        return ended.value

    def finish(self) -> None:
        """Converge the best of each row to the last digits."""
        rows = np.flatnonzero(np.isfinite(self.best.value))
        self.progress("last digits", len(rows))
        states = RowStates(*(array[rows] for array in self.best))
        states.done[:] = False
        ended = descend(
            *(self.problem, self.batch, rows, states),
            steps=self.budget.steps,
            tolerance=CONVERGED / self.ndof[rows],
            is_late=self.is_late,
        )
        for array, new in zip(self.best, ended, strict=True):
            array[rows] = new
        with_positive_signs(self.problem, self.batch, self.best)


def _lowest_of_each(rows: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Where each row, which may be there several times, has its lowest value for the first time."""
    lowest = np.full(rows.max(initial=-1) + 1, np.inf)
    np.fmin.at(lowest, rows, values)
    places = np.flatnonzero(values == lowest[rows])[::-1]
    first = np.full(len(lowest), -1)
    first[rows[places]] = places
    return first[first >= 0]


def _whole(m: float, n_groups: int) -> int:
    """About m candidates, a multiple of the number of groups."""
    return max(round(m / n_groups), 1) * n_groups
