"""Active limits in Levenberg–Marquardt: from one start, exactly where lsq_linear ends."""

import numpy as np
import pytest
import scipy.optimize

import surefit as sf
from surefit.data.checked import check_data
from surefit.minimizers.base import Budget, Status, silent
from surefit.precision import double_precision
from surefit.problem.build import build_problem
from surefit.problem.constraints import check_constraints

X = np.linspace(0, 10, 80)


@pytest.mark.parametrize("seed", range(40))
@double_precision
def test_several_active_limits_of_ill_scaled_parameters_are_reached_from_one_start(seed):
    rng = np.random.default_rng(seed)
    degree = int(rng.integers(2, 7))
    matrix = np.vander(X, degree + 1, increasing=True)
    y = matrix @ (rng.normal(size=degree + 1) / 5.0 ** np.arange(degree + 1)) + rng.normal(size=80)
    lower = rng.normal(size=degree + 1) - 0.3
    upper = lower + rng.uniform(0.01, 1.0, degree + 1)
    data = check_data(X, y, 1.0)
    model = sf.Polynomial(degree).direct().resolve(data)
    bounds = {f"coefficient[{k}]": (lower[k], upper[k]) for k in range(degree + 1)}
    known = check_constraints(model.parameters(), bounds=bounds)
    problem = build_problem(model, data, sf.LeastSquares(), known)
    minima = sf.LevenbergMarquardt().minimize(
        problem, np.zeros((1, degree + 1)), budget=Budget(), report=silent
    )
    best = scipy.optimize.lsq_linear(matrix, y, (lower, upper), method="bvls", tol=1e-14)
    assert minima.status == (Status.converged,)
    assert minima.value[0] == pytest.approx(2 * best.cost, rel=1e-9)
    np.testing.assert_allclose(minima.points[0], best.x, atol=1e-6)
