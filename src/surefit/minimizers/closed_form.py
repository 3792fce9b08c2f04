"""Least squares of a linear model, exactly, by QR."""

import dataclasses

import numpy as np

from surefit.minimizers.base import AbstractMinimizer, Budget, Minima, Report, Status
from surefit.problem.base import AbstractProblem, size


@dataclasses.dataclass(frozen=True)
class ClosedForm(AbstractMinimizer):
    """The exact minimum of χ² of a model that is linear in all its free parameters.

    QR of the whitened columns, scaled to unit length, with a second solve on the residual to
    regain the digits lost in the first (Björck 1996, section 2.9). Undetermined directions get
    the minimum-norm solution and the status says so.
    """

    def minimize(
        self, problem: AbstractProblem, points: np.ndarray, *, budget: Budget, report: Report
    ) -> Minima:
        point, rank = np.zeros(size(problem)), size(problem)
        for _ in range(2):
            factored = problem.factorize(point)
            step, rank = solve_triangular(factored.triangle, factored.rotated)
            point = point - step
        status = Status.converged if rank == size(problem) else Status.undetermined
        value = problem.factorize(point).value
        n = max(len(points), 1)
        return Minima(
            np.repeat(point[None], n, axis=0), np.full(n, value), (status,) * n, np.ones(n, int)
        )

    def refusal(self, problem: AbstractProblem) -> str | None:
        if not problem.is_least_squares:
            return "a closed form exists only for least squares; use LBFGS() or Minuit()."
        if not problem.linear.all():
            nonlinear = [
                n
                for n, is_linear in zip(problem.names, problem.linear, strict=True)
                if not is_linear
            ]
            return (
                f"the model is not linear in {', '.join(nonlinear[:5])} (or they have limits); "
                "use LevenbergMarquardt()."
            )
        return None

    @property
    def needs_start(self) -> bool:
        return False

    def __str__(self) -> str:
        return "ClosedForm()"


def solve_triangular(
    triangle: np.ndarray, right: np.ndarray, *, least: float | None = None
) -> tuple[np.ndarray, int]:
    """Solve R δ = b by singular values of R with columns scaled to unit length.

    Args:
        triangle: R, shape (k, q).
        right: b, shape (k,).
        least: Relative size of the singular values that count; by default what exceeds rounding.

    Returns:
        The minimum-norm solution in scaled units, shape (q,), and the numerical rank.
    """
    length = np.linalg.norm(triangle, axis=0)
    scale = np.where(length > 0, 1 / np.where(length > 0, length, 1.0), 0.0)
    left, values, rows = np.linalg.svd(triangle * scale, full_matrices=False)
    least = rank_tolerance(triangle.shape) if least is None else least
    keep = values > least * (values[0] if len(values) else 0.0)
    rank = int(np.sum(keep & (values > 0)))
    inverse = np.where(keep & (values > 0), 1 / np.where(values > 0, values, 1.0), 0.0)
    return scale * (rows.T @ (inverse * (left.T @ right))), rank


def rank_tolerance(shape: tuple[int, ...]) -> float:
    """Relative size below which a singular value is rounding (Golub and Van Loan, 5.4.1)."""
    return max(shape) * float(np.finfo(np.float64).eps) * 8
