"""Judge the minimum of each row: covariance, rank and status, as for a single fit."""

from collections.abc import Callable

import numpy as np

from surefit.many.batch import Batch
from surefit.many.columns import RowResults, no_results
from surefit.many.descent import RowProblem
from surefit.many.search import RowMinima
from surefit.minimizers.base import Status
from surefit.minimizers.gauss_newton import EDM_LIMIT
from surefit.problem.base import AbstractProblem
from surefit.search.base import Evidence
from surefit.uncertainty.conclusion import Conclusion, conclude

# Factor by which correlations may enlarge a variance before normal equations lose digits that
# matter; beyond, a row is judged by QR, as a single fit is.
MOST_INFLATED = 1e6
# Promised decrease of −2 ln L per degree of freedom below which a step may be taken untried.
CLOSE = 1e-9
# −2 ln L per degree of freedom, relative to the weighted y², that is nothing but rounding.
PERFECT = 1e-18

ProblemOf = Callable[[int], AbstractProblem]
"""Row of the samples → its problem of the free parameters."""


def judged(
    problem: RowProblem, batch: Batch, minima: RowMinima, problem_of: ProblemOf
) -> RowResults:
    """Conclude on all rows of a batch.

    Args:
        problem: What was fitted.
        batch: The data.
        minima: What the search found.
        problem_of: The problem of one row, for rows that need the digits of a QR factorization,
            or did not converge.

    Returns:
        The results, in the order of the batch.
    """
    states, roles, p = minima.states, problem.roles, problem.n_free
    k, free = len(batch), np.array(roles.free, dtype=int)
    results = no_results(k, len(problem.limits.held), Status.not_finite)
    results.is_confirmed[:] = minima.is_confirmed
    results.n_starts[:], results.n_agree[:] = minima.n_starts, minima.n_agree
    is_finite = np.isfinite(states.value)
    point = _with_best_solved(problem, states)
    pressed = _pressed(problem, states, point)
    with np.errstate(all="ignore"):
        covariance, step, expected = _inverse(states.swept, pressed, roles.searched, p)
        inflation = states.diagonal * np.einsum("kii->ki", covariance)
        per_degree = states.value / np.maximum(batch.n_points - p, 1)
        is_clear = is_finite & states.done & (expected <= EDM_LIMIT * per_degree)
        is_clear &= np.where(pressed, 1.0, inflation).max(axis=1) <= MOST_INFLATED
        is_clear &= (pressed | (np.einsum("kii->ki", covariance) > 0)).all(axis=1)
        is_clear &= (states.value > PERFECT * batch.size) & (batch.n_points > p)
    # The last step, which was found too small to be tried.
    limits = problem.limits
    is_close = is_clear & (expected <= CLOSE * per_degree)
    last = np.clip(states.point + step, limits.lower, limits.upper)
    point = np.where(is_close[:, None], last, point)
    results.working[is_finite] = problem.limits.held
    results.working[np.ix_(is_finite, free)] = point[is_finite]
    full = np.zeros((k, *results.covariance.shape[1:]))
    full[:, free[:, None], free] = covariance
    results.covariance[is_clear] = full[is_clear]
    results.has_error[np.ix_(is_clear, free)] = ~pressed[is_clear]
    value = states.value - np.where(is_close, expected, 0.0)
    results.deviance[:] = np.where(is_finite, value, np.nan)
    results.rank[is_clear] = p
    at_bound = pressed.any(axis=1)
    results.status[is_clear & ~minima.is_confirmed] = Status.unconfirmed
    results.status[is_clear & minima.is_confirmed] = Status.converged
    results.status[is_clear & minima.is_confirmed & at_bound] = Status.at_bound
    for row in np.flatnonzero(is_finite & ~is_clear):
        found = Status.converged if states.done[row] else Status.budget_exhausted
        with np.errstate(all="ignore"):  # parameters may run off to infinity
            conclusion = conclude(
                problem_of(int(batch.rows[row])),
                point[row],
                found,
                _evidence(minima, int(row)),
                np.zeros(p, dtype=bool),
            )
        names = problem_names(problem)
        _put(results, int(row), free, names, conclusion)
    return results


def problem_names(problem: RowProblem) -> tuple[str, ...]:
    """Names of the free parameters."""
    names = problem.model.parameters().names
    return tuple(names[i] for i in problem.roles.free)


def _with_best_solved(problem: RowProblem, states) -> np.ndarray:
    """The points, with the last correction of the solved parameters."""
    solved = list(problem.roles.solved)
    point = np.array(states.point)
    point[:, solved] -= states.swept[:, solved, problem.n_free]
    return point


def _pressed(problem: RowProblem, states, point: np.ndarray) -> np.ndarray:
    """Mask of the parameters that are held back by a limit, shape (k, p)."""
    p, limits = problem.n_free, problem.limits
    slope = states.swept[:, :p, p]
    pressed = ((point <= limits.lower) & (slope >= 0)) | ((point >= limits.upper) & (slope <= 0))
    pressed[:, list(problem.roles.solved)] = False
    return pressed


def _inverse(swept: np.ndarray, pressed: np.ndarray, searched, p: int):
    """Finish the sweeps: (JᵀJ)⁻¹ without what is pressed, and what one more step would do.

    Returns:
        Covariances (k, p, p), zero for what is pressed; a Gauss–Newton step, shape (k, p); and
        the decrease of −2 ln L that it promises.
    """
    matrix, slope = swept.copy(), swept[:, :p, p].copy()
    promised = np.zeros(len(swept))
    for pivot in searched:
        out = pressed[:, pivot]
        matrix[out, pivot, :], matrix[out, :, pivot] = 0.0, 0.0
        matrix[out, pivot, pivot] = 1.0
    for pivot in searched:
        inverse = 1 / matrix[:, pivot, pivot]
        column = matrix[:, :, pivot].copy()
        row = matrix[:, pivot, :] * inverse[:, None]
        row[:, pivot] = 0.0
        matrix -= column[:, :, None] * row[:, None, :]
        matrix[:, pivot, :] = row
        matrix[:, :, pivot] = -column * inverse[:, None]
        matrix[:, pivot, pivot] = inverse
    for pivot in searched:
        promised += np.where(pressed[:, pivot], 0.0, slope[:, pivot] * matrix[:, pivot, p])
    covariance = matrix[:, :p, :p]
    covariance = (covariance + covariance.transpose(0, 2, 1)) / 2
    kept = ~pressed
    return covariance * kept[:, :, None] * kept[:, None, :], -matrix[:, :p, p], promised


def _evidence(minima: RowMinima, row: int) -> Evidence:
    """What is known of one row, in the form in which a single fit has it."""
    n_starts, n_agree = int(minima.n_starts[row]), int(minima.n_agree[row])
    is_confirmed = bool(minima.is_confirmed[row])
    return Evidence(n_starts, n_starts, 1, n_agree, float("nan"), is_confirmed, (), ())


def _put(results: RowResults, row: int, free: np.ndarray, names, conclusion: Conclusion) -> None:
    """Write a single conclusion into a row."""
    results.has_error[row, free] = [name not in conclusion.remarks for name in names]
    results.working[row, free] = conclusion.point
    full = np.zeros(results.covariance.shape[1:])
    full[np.ix_(free, free)] = conclusion.covariance
    results.covariance[row] = full
    results.deviance[row], results.rank[row] = conclusion.value, conclusion.rank
    results.status[row] = conclusion.status
