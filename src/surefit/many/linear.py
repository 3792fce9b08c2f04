"""Models that are linear in all free parameters: every row in closed form."""

import numpy as np

from surefit.many.batch import Batch
from surefit.many.columns import RowResults, no_results
from surefit.many.descent import RowProblem
from surefit.many.moments import jacobian_kernel
from surefit.minimizers.base import Status
from surefit.minimizers.closed_form import solve_triangular
from surefit.uncertainty.bands import prediction_jacobian
from surefit.uncertainty.covariance import Covariance, covariance_from_triangle

# Rows factorized at a time where x or the errors on y differ from row to row.
ROWS = 256


def solve_rows(problem: RowProblem, batch: Batch) -> RowResults:
    """Least squares in each row, exactly, by QR.

    Args:
        problem: What is fitted; all its free parameters are linear and without limits.
        batch: The data.

    Returns:
        The results, in the order of the batch.
    """
    held = problem.limits.held
    results = no_results(len(batch), len(held), Status.converged)
    results.working[:] = held
    results.is_confirmed[:], results.n_starts[:], results.n_agree[:] = True, 1, 1
    if batch.is_shared and batch.has_profile:
        _solve_together(problem, batch, results)
        return results
    for begin in range(0, len(batch), ROWS):
        _solve_apart(problem, batch, results, np.arange(len(batch))[begin : begin + ROWS])
    return results


def _solve_together(problem: RowProblem, batch: Batch, results: RowResults) -> None:
    """All rows at once: their x are the same, and their errors on y but for a factor."""
    model, held = problem.model, problem.limits.held
    free = np.array(problem.roles.free)
    columns = prediction_jacobian(model, held, batch.x)[:, 0, :][:, free]
    target = batch.y - np.asarray(model.evaluate(held, batch.x))[:, 0]
    profile = batch.weight[0]
    factor = np.max(batch.weight, axis=1) / np.max(profile)
    orthogonal, triangle = np.linalg.qr(columns * profile[:, None])
    inverse = np.stack([solve_triangular(triangle, unit)[0] for unit in np.eye(len(free))], axis=1)
    point = np.zeros((len(batch), len(free)))
    # The second solve, on the residuals, regains the digits lost in the first.
    for _ in range(2):
        residuals = (point @ columns.T - target) * profile
        point -= residuals @ orthogonal @ inverse.T
    residuals = (point @ columns.T - target) * batch.weight
    covariance = covariance_from_triangle(triangle)
    scaled = covariance.matrix[None] / factor[:, None, None] ** 2
    rows = np.arange(len(batch))
    _put(results, rows, free, point, np.sum(residuals**2, axis=1), scaled, covariance)


def _solve_apart(problem: RowProblem, batch: Batch, results: RowResults, rows) -> None:
    """Rows whose x or errors on y differ: one factorization for each."""
    free = np.array(problem.roles.free)
    kernel = jacobian_kernel(problem.model, problem.roles, batch.is_shared)
    whole = np.concatenate([rows, np.repeat(rows[:1], ROWS - len(rows))])
    origin = np.zeros(len(free))
    both = np.asarray(kernel(problem.limits.held, origin, batch.block(whole)))[: len(rows)]
    columns, first = both[:, :, :-1], both[:, :, -1]
    orthogonal, triangle = np.linalg.qr(columns)
    for i, row in enumerate(rows):
        point = origin
        for _ in range(2):
            residuals = columns[i] @ point + first[i]
            point = point - solve_triangular(triangle[i], orthogonal[i].T @ residuals)[0]
        residuals = columns[i] @ point + first[i]
        covariance = covariance_from_triangle(triangle[i])
        value = np.array([residuals @ residuals])
        one = np.array([row])
        _put(results, one, free, point[None], value, covariance.matrix[None], covariance)


def _put(results: RowResults, rows, free, point, value, matrix, covariance: Covariance) -> None:
    results.working[np.ix_(rows, free)] = point
    full = np.zeros((len(rows), *results.covariance.shape[1:]))
    full[:, free[:, None], free] = matrix
    results.covariance[rows] = full
    results.has_error[np.ix_(rows, free)] = ~covariance.undetermined
    results.deviance[rows], results.rank[rows] = value, covariance.rank
    if covariance.undetermined.any():
        results.status[rows] = Status.undetermined
