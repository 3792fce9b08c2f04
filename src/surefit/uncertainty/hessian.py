"""The Hessian of −2 ln L, by differences of its exact gradient, as MINUIT's HESSE has it."""

import numpy as np

from surefit.annotations import Float
from surefit.problem.base import AbstractProblem

# Step in units of the curvature's own one-parameter error: the error of central differences is
# then a millionth of the third-order term, and rounding is far smaller.
STEP = 1e-3
# A second derivative below this fraction of the Gauss–Newton matrix is rounding: the loss is flat.
ROUNDING = 1e-8


def hessian_at(
    problem: AbstractProblem, point: Float[np.ndarray, " q"]
) -> Float[np.ndarray, "q q"]:
    """Second derivatives of −2 ln L at a point.

    Args:
        problem: The problem.
        point: Where, shape (q,); at least a step inside its limits.

    Returns:
        The symmetric Hessian. Unlike the Gauss–Newton matrix it holds the curvature of the model.
        Rows and columns are zero where the loss has no curvature, as a robust one has far out.
    """
    diagonal = np.einsum("ii->i", problem.reduce(point[None]).curvature[0])
    size = np.where(diagonal > 0, np.sqrt(2 / np.where(diagonal > 0, diagonal, 1.0)), 0.0)
    steps = STEP * np.where(size > 0, size, np.maximum(np.abs(point), 1.0))
    shifts = np.diag(steps)
    gradient = problem.reduce(np.concatenate([point + shifts, point - shifts])).gradient
    hessian = (gradient[: len(point)] - gradient[len(point) :]) / (2 * steps[:, None])
    is_flat = np.abs(np.diag(hessian)) < ROUNDING * diagonal
    hessian[is_flat] = hessian[:, is_flat] = 0.0
    return (hessian + hessian.T) / 2
