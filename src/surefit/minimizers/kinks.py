"""Minima where the model is not smooth: a rectifier that switches exactly at a data point.

There −2 ln L rises in all directions although its gradient is not zero on either side. Descents
that follow derivatives stop at such points, or jam shortly before them.
"""

import numpy as np

from surefit.minimizers.closed_form import solve_triangular
from surefit.minimizers.quasi_newton import natural_scales
from surefit.problem.base import AbstractProblem

# Steps tried in each direction, in conditional standard deviations or whole Gauss-Newton steps.
SIZES = 0.25 ** np.arange(0, 16, 1.0)
COORDINATE_SIZES = (1e-1, 1e-3, 1e-5)
# Decrease of −2 ln L that counts, in units of its value per term: less is less than an error bar
# can see.
GAIN = 2e-3


def leave_kink(
    problem: AbstractProblem, point: np.ndarray, *, rounds: int = 100
) -> tuple[np.ndarray, bool]:
    """Look for a descent around a point where derivatives promise one that is not there.

    Args:
        problem: The problem.
        point: Where a descent stopped, shape (q,).
        rounds: Most improvements.

    Returns:
        A point that is not higher; and whether nothing lower was found around it: neither along
        the Gauss-Newton step and the gradient, at any length, nor along any single parameter.
    """
    lower, upper = problem.bounds
    value = float(problem.value(point[None])[0])
    gain = GAIN * (value / problem.n_terms if problem.is_least_squares else 1.0)
    for _ in range(rounds):
        trials = np.clip(point + _moves(problem, point), lower, upper)
        values = problem.value(trials)
        best = int(np.argmin(values))
        if not values[best] < value - gain:
            return point, True
        point, value = trials[best], float(values[best])
    return point, False


def _moves(problem: AbstractProblem, point: np.ndarray) -> np.ndarray:
    """Steps to try, shape (k, q)."""
    factored = problem.factorize(point)
    newton, _ = solve_triangular(factored.triangle, factored.rotated)
    curvature = 2 * np.sum(factored.triangle**2, axis=0)
    scale = natural_scales(point, curvature)
    gradient = 2 * factored.triangle.T @ factored.rotated * scale**2
    length = np.linalg.norm(gradient / scale)
    steepest = gradient / (length if length > 0 else 1.0)
    along = np.concatenate([-SIZES[:, None] * newton, -SIZES[:, None] * steepest])
    single = np.concatenate([size * np.diag(scale) for size in COORDINATE_SIZES])
    return np.concatenate([along, single, -single])
