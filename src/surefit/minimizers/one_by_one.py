"""Run a minimizer that takes one start at a time over a batch, and judge where it ended."""

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from surefit.minimizers.base import Budget, Minima, Report, Status
from surefit.minimizers.evaluations import Evaluations, OutOfTime
from surefit.minimizers.gauss_newton import EDM_LIMIT, polish
from surefit.problem.base import AbstractProblem, size

# Most parameters, and multiplications, for which a matrix of curvature is formed.
MOST_PARAMETERS = 2000
MOST_WORK = 2e10


class Ending(NamedTuple):
    """Where one descent ended.

    Attributes:
        point: Shape (q,).
        value: −2 ln L there.
        status: How it ended.
        steps: Iterations.
    """

    point: np.ndarray
    value: float
    status: Status
    steps: int


def one_by_one(
    problem: AbstractProblem,
    points: np.ndarray,
    descend: Callable[[Evaluations, np.ndarray], Ending],
    *,
    what: str,
    budget: Budget,
    report: Report,
    with_gradient: bool = True,
) -> Minima:
    """Descend from one start after another.

    Args:
        problem: The problem.
        points: Starts, shape (s, q); those outside the limits are moved to them.
        descend: Goes downhill from one start.
        what: Name of the minimizer, for the reports.
        budget: Limits; `seconds` is shared by all starts.
        report: Called at each evaluation.
        with_gradient: Whether `descend` asks for gradients.

    Returns:
        One minimum for each start. After Ctrl-C, and when time is up, the best so far.
    """
    points = np.clip(np.array(points, dtype=np.float64), *problem.bounds)
    deadline = None if budget.seconds is None else time.monotonic() + budget.seconds
    endings: list[Ending] = []
    stopped: Status | None = None
    for start in points:
        if stopped is not None:
            value = float(problem.value(start[None])[0])
            endings.append(Ending(start, value, stopped, 0))
            continue
        seen = Evaluations(
            problem,
            start,
            what=what,
            report=report,
            deadline=deadline,
            with_gradient=with_gradient,
        )
        try:
            value, _ = seen(start)
            finite = np.isfinite(value)
            ending = descend(seen, start) if finite else Ending(start, value, Status.not_finite, 0)
        except (KeyboardInterrupt, OutOfTime) as stop:
            is_late = isinstance(stop, OutOfTime)
            stopped = Status.budget_exhausted if is_late else Status.interrupted
            ending = Ending(seen.best, seen.best_value, stopped, seen.steps)
        endings.append(ending)
    return Minima(
        np.array([ending.point for ending in endings]).reshape(len(points), size(problem)),
        np.array([ending.value for ending in endings], dtype=np.float64),
        tuple(ending.status for ending in endings),
        np.array([ending.steps for ending in endings], dtype=int),
    )


def is_affordable(problem: AbstractProblem) -> bool:
    """Whether a matrix of curvature can be formed for so many parameters and points."""
    q = size(problem)
    return q <= MOST_PARAMETERS and q**2 * problem.n_terms <= MOST_WORK


def judge(problem: AbstractProblem, point: np.ndarray, *, limit: float = EDM_LIMIT) -> Status:
    """How a descent ended, from the derivatives there and not from what it claims.

    Args:
        problem: The problem.
        point: Where it ended, shape (q,).
        limit: Expected decrease of −2 ln L, in units of its value per degree of freedom, up to
            which the point counts as a minimum.

    Returns:
        `converged`, `at_bound`, `undetermined`, `not_stationary` or `not_finite`. Second
        derivatives are those of Gauss and Newton: they do not tell a minimum from a saddle.
    """
    check = polish(problem, point, steps=0)
    if not np.isfinite(check.value):
        return Status.not_finite
    if not (np.isfinite(check.edm) and check.edm <= limit):
        return Status.not_stationary
    if check.rank < size(problem):
        return Status.undetermined
    return Status.at_bound if check.at_bound.any() else Status.converged
