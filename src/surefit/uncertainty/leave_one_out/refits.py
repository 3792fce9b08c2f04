"""The few points that decide the fit most, left out by refitting."""

import numpy as np

from surefit.data.splits import taken
from surefit.minimizers.base import Budget, silent
from surefit.minimizers.levenberg_marquardt import LevenbergMarquardt
from surefit.problem.build import build_problem
from surefit.uncertainty.goodness.pulls import Fitlike


def residual_without(fit: Fitlike, row: int) -> np.ndarray:
    """y of a point less what the fit of all others predicts there, shape (m,).

    Args:
        fit: The fit, from whose minimum the others are fitted again.
        row: The point's place in the data.

    Returns:
        The residual; NaN where the others could not be fitted.
    """
    data, constraints = fit.data, fit.constraints
    kept = np.arange(data.n_points) != row
    problem = build_problem(fit.model, taken(data, kept), fit.loss, constraints)
    start = constraints.coordinates.of(fit.working[None])
    minima = LevenbergMarquardt().minimize(problem, start, budget=Budget(), report=silent)
    working = constraints.coordinates.expand(minima.points)[0]
    with np.errstate(all="ignore"):
        prediction = np.asarray(fit.model.evaluate(working, data.x[row : row + 1]))
    return data.y[row] - prediction[0]
