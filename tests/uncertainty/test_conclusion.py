"""What is concluded of the point at which a search ended."""

import numpy as np
import pytest
import scipy.optimize

import surefit as sf
from surefit.data.checked import check_data
from surefit.losses.least_squares import LeastSquares
from surefit.minimizers.base import Status
from surefit.models.function import Function
from surefit.networks.gauge import no_gauge
from surefit.precision import double_precision
from surefit.problem.build import build_problem
from surefit.problem.constraints import check_constraints
from surefit.problem.fitted import fitted
from surefit.search.base import Evidence
from surefit.uncertainty.conclusion import conclude


@double_precision
def test_a_curve_of_which_nothing_is_determined_is_no_minimum_even_if_searches_agree():
    x = np.linspace(0.0, 1.0, 20)
    data = check_data(x, np.ones(20), 0.1)
    model = sf.Sigmoids(1).resolve(data)
    problem = build_problem(model, data, LeastSquares(), check_constraints(model.parameters()))
    agreed = Evidence(3, 3, 1, 3, float("nan"), True, (), ())
    # The unit has long been off at all points: no parameter changes anything.
    off = np.array([1.0, -1e6, 1.0])
    got = conclude(problem, off, Status.converged, agreed, np.zeros(3, dtype=bool), no_gauge)
    assert got.rank == 0
    assert got.status is Status.undetermined
    # A band of width 0 would be a claim.
    assert np.isnan(got.covariance).all()
    assert "band are NaN" in got.notes[0]


@pytest.mark.parametrize("rate", [1500.0, 1900.0, 2500.0])
@double_precision
def test_a_term_that_only_one_point_sees_leaves_its_parameters_undetermined(rate):
    # At the next point it is between 1e-11 and 1e-18 of what it is here: beside rounding.
    def decays(x, a, slow, b, fast):
        return a * np.exp(-slow * x) + b * np.exp(-fast * x)

    x = np.linspace(0.01, 1.0, 60)
    y = 2 * np.exp(-3 * x) + 0.01 * np.random.default_rng(3).standard_normal(60)
    y[0] += 0.05
    (a, slow), _ = scipy.optimize.curve_fit(
        lambda x, a, slow: a * np.exp(-slow * x), x[1:], y[1:], (2.0, 3.0), xtol=1e-15, ftol=1e-15
    )
    height = (y[0] - a * np.exp(-slow * x[0])) * np.exp(rate * x[0])
    data = check_data(x, y, 0.01)
    problem = fitted(Function(decays).resolve(data), data, LeastSquares())
    agreed = Evidence(3, 3, 1, 3, float("nan"), True, (), ())
    point = np.array([a, slow, height, rate])
    got = conclude(problem, point, Status.converged, agreed, np.zeros(4, dtype=bool))
    assert got.status is Status.undetermined
    assert got.rank == 3
    assert set(got.remarks) == {"b", "fast"}
    np.testing.assert_allclose(got.point[:2], (a, slow), rtol=1e-6)
