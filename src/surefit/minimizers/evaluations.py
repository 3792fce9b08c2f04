"""−2 ln L and its gradient at one point after another, as foreign minimizers ask for them."""

import functools
import time

import jax
import numpy as np

from surefit.exceptions import UnsuitableMinimizer
from surefit.minimizers.base import Report
from surefit.problem.base import AbstractProblem, Pure, size

# Up to this many parameters the curvature costs so little that the kernel which the other
# minimizers have compiled already is used; beyond, reverse mode without any Jacobian.
FEW_PARAMETERS = 32
# Rows of data in one call of the reverse mode, which keeps every intermediate array of a network.
ROWS = 2**15


class OutOfTime(Exception):
    """The time allowed is over; raised through a foreign minimizer to stop it."""


@functools.partial(jax.jit, static_argnames=("function",))
def _value_and_gradient(function, point, rows, constants):
    return jax.value_and_grad(function)(point, rows, constants)


class Evaluations:
    """Evaluates a problem at one point after another and remembers the best.

    It is mutable on purpose: a foreign minimizer that is stopped from within a call (Ctrl-C, the
    time allowed) returns nothing, and what it has found so far is read from here.

    Attributes:
        problem: The problem.
        best: The best point so far, shape (q,).
        best_value: −2 ln L there; infinite until a finite one was met.
        steps: Iterations so far, counted by whoever uses it.
    """

    def __init__(
        self,
        problem: AbstractProblem,
        start: np.ndarray,
        *,
        what: str,
        report: Report,
        deadline: float | None = None,
        with_gradient: bool = True,
    ) -> None:
        """Begin with nothing evaluated.

        Args:
            problem: The problem.
            start: The first guess of the best point, shape (q,).
            what: Name of the minimizer, for the reports.
            report: Called at each evaluation.
            deadline: `time.monotonic()` at which to stop, or None.
            with_gradient: Whether gradients are wanted at all.
        """
        self.problem = problem
        self.best, self.best_value = np.array(start, dtype=np.float64), np.inf
        self.steps = 0
        self._what, self._report, self._deadline = what, report, deadline
        self._pure = _pure_or_none(problem) if with_gradient else None
        self._with_gradient = with_gradient
        self._last: tuple[bytes, float, np.ndarray] = (b"", np.inf, np.zeros(0))

    def __call__(self, point: np.ndarray) -> tuple[float, np.ndarray]:
        """Value and gradient at one point.

        Args:
            point: Shape (q,).

        Returns:
            −2 ln L, infinite where it is not a number, and its gradient, zero there.

        Raises:
            OutOfTime: The deadline has passed; this point was still looked at.
        """
        point = np.array(point, dtype=np.float64)
        key = point.tobytes()
        if key == self._last[0]:
            return self._last[1:]
        value, gradient = self._evaluate(point)
        if not (np.isfinite(value) and np.isfinite(gradient).all()):
            value, gradient = np.inf, np.zeros_like(point)
        self._last = (key, value, gradient)
        if value < self.best_value:
            self.best, self.best_value = point, value
        self._report(self._what, self.best_value)
        if self._deadline is not None and time.monotonic() > self._deadline:
            raise OutOfTime
        return value, gradient

    def _evaluate(self, point: np.ndarray) -> tuple[float, np.ndarray]:
        if not self._with_gradient:
            return float(self.problem.value(point[None])[0]), np.zeros_like(point)
        if self._pure is None:
            reduced = self.problem.reduce(point[None])
            return float(reduced.value[0]), reduced.gradient[0]
        return total_value_and_gradient(self._pure, point)


def total_value_and_gradient(pure: Pure, point: np.ndarray) -> tuple[float, np.ndarray]:
    """Value and gradient of all rows, some ten thousand at a time.

    Args:
        pure: The function and its arrays.
        point: Shape (q,).

    Returns:
        −2 ln L and its gradient, shape (q,).
    """
    n_rows = len(jax.tree.leaves(pure.rows)[0])
    length = ROWS if pure.is_additive else n_rows
    value, gradient = 0.0, np.zeros_like(point)
    for start in range(0, n_rows, length):
        piece = jax.tree.map(lambda leaf, start=start: leaf[start : start + length], pure.rows)
        rows = pure.rows if n_rows <= length else piece
        part, slope = _value_and_gradient(pure.function, point, rows, pure.constants)
        value, gradient = value + float(part), gradient + np.asarray(slope)
    return value, gradient


def _pure_or_none(problem: AbstractProblem) -> Pure | None:
    """The pure function where it pays, None where the reduced problem is to be used."""
    if size(problem) <= FEW_PARAMETERS:
        return None
    try:
        return problem.pure()
    except UnsuitableMinimizer:  # linear parameters are projected out: only `reduce` is left
        return None
