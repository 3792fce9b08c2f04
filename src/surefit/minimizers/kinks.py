"""Minima where the model is not smooth: a rectifier that switches exactly at a data point.

There −2 ln L rises in all directions although its gradient is not zero on either side. Descents
that follow derivatives stop at such points, or jam shortly before them.
"""

import numpy as np
import scipy  # its parts are imported on first use: together they take longer than most fits

from surefit.minimizers.closed_form import solve_triangular
from surefit.minimizers.gauss_newton import Polish, polish
from surefit.minimizers.quasi_newton import natural_scales
from surefit.problem.base import AbstractProblem

# Steps tried in each direction, in conditional standard deviations or whole Gauss-Newton steps.
SIZES = 0.25 ** np.arange(0, 16, 1.0)
COORDINATE_SIZES = (1e-1, 1e-3, 1e-5)
# Decrease of −2 ln L that counts, in units of its value per term: less is less than an error bar
# can see.
GAIN = 2e-3
# Parameters up to which a simplex finds its way along kinks; its first sizes, in conditional
# standard deviations; and evaluations for each parameter.
MOST_FOR_SIMPLEX, SIMPLEX_SIZES, EACH = 10, (0.5, 0.1, 0.5, 0.02, 0.1, 0.5), 200
# Decrease of −2 ln L below which another simplex is in vain, in units of it per term.
IN_VAIN = 1e-9


def polish_kinked(problem: AbstractProblem, point: np.ndarray) -> tuple[Polish, bool]:
    """Polish a point of a function that bends, going along its kinks where derivatives jam.

    Args:
        problem: The problem.
        point: Where a descent stopped, shape (q,).

    Returns:
        The polished point, never higher; and whether it is a minimum on a kink: not stationary,
        and nothing lower was found around it, neither by a simplex nor along any direction tried.
    """
    polished, is_in_vain = polish(problem, point), False
    if polished.is_stationary or not 0 < len(point) <= MOST_FOR_SIMPLEX:
        return polished, False
    for size in SIMPLEX_SIZES:
        before = polished.value
        trial = polish(problem, _by_simplex(problem, polished.point, size))
        polished = trial if trial.value < before or trial.is_stationary else polished
        if polished.is_stationary:
            return polished, False
        is_in_vain = not polished.value < before - IN_VAIN * _per_term(problem, before)
    lower, nothing_lower = leave_kink(problem, polished.point)
    again = polish(problem, lower)
    best = again if again.value < polished.value else polished
    return best, nothing_lower and is_in_vain and not best.is_stationary


def _per_term(problem: AbstractProblem, value: float) -> float:
    return value / problem.n_terms if problem.is_least_squares else 1.0


def _by_simplex(problem: AbstractProblem, point: np.ndarray, size: float) -> np.ndarray:
    """The lowest point that a simplex finds (Nelder and Mead 1965): it needs no derivatives."""
    factored = problem.factorize(point)
    value = float(problem.value(point[None])[0])
    scale = natural_scales(point, 2 * np.sum(factored.triangle**2, axis=0))
    _, singular, rows = np.linalg.svd(factored.triangle * scale)
    # Along combinations that are hardly determined it goes no further than a parameter may.
    length = np.sqrt(_per_term(problem, value)) / np.maximum(singular, 0.03 * singular.max())
    axes = scale[:, None] * rows.T * length
    lower, upper = problem.bounds

    def at(position: np.ndarray) -> np.ndarray:
        return np.clip(point + axes @ position, lower, upper)

    q = len(point)
    found = scipy.optimize.minimize(
        lambda position: float(problem.value(at(position)[None])[0]),
        np.zeros(q),
        method="Nelder-Mead",
        options={
            "initial_simplex": np.vstack([np.zeros(q), size * np.eye(q)]),
            "maxfev": EACH * q,
            "xatol": 1e-10,
            "fatol": 0.0,
        },
    )
    return at(found.x) if found.fun < value else point


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
