"""Units that became steps are put in the middle of their gap, no steeper than they must be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import surefit as sf
from surefit.data.checked import check_data
from surefit.losses.least_squares import LeastSquares
from surefit.precision import double_precision
from surefit.problem.fitted import fitted
from surefit.uncertainty.saturated import NOTHING, settle_saturated
from surefit.uncertainty.tangent import follow_tangents

RNG = np.random.default_rng(5)
X = np.sort(RNG.uniform(-1, 1, 60))
X = (X - X.mean()) / X.std()  # the units in which networks are fitted
STEP = np.where(X[31] <= X, 1.0, -1.0)
Y = STEP + RNG.normal(0, 0.1, 60)
UNIT = 1.0


def step_network(steepness, place):
    """A network of one tanh unit that is a step at a place, and its problem."""
    data = check_data(X, Y, 0.1)
    problem = fitted(sf.Dense(1, activation="tanh").resolve(data), data, LeastSquares())
    names = list(problem.names)
    assert [name.split("[")[0] for name in names] == [
        "hidden.weight", "hidden.bias", "output.weight", "output.bias"
    ]  # fmt: skip
    return problem, np.array([steepness, -steepness * place, 1.0, 0.0])


def idle_at(problem, point):
    return ~problem.factorize(point).triangle.any(axis=0)


@settings(max_examples=20, deadline=None)
@given(where=st.floats(0.001, 0.999), steepness=st.floats(1e9, 1e14))
@double_precision
def test_a_step_goes_to_the_middle_between_its_two_points(where, steepness):
    place = X[30] + where * (X[31] - X[30])
    problem, point = step_network(steepness, place)
    idle = idle_at(problem, point)
    np.testing.assert_array_equal(idle, [True, True, False, False])
    got = settle_saturated(problem, point, idle, unit=UNIT)
    middle, gap = (X[30] + X[31]) / 2, X[31] - X[30]
    assert -got[1] / got[0] == pytest.approx(middle, abs=0.02 * gap)
    # tanh z is 1 within the error of a hundredth from z = 3 to 5 on, half a gap away.
    assert 2 < got[0] * gap / 2 < 20
    np.testing.assert_array_equal(got[2:], point[2:])
    values = problem.value(np.stack([point, got]))
    assert abs(values[1] - values[0]) <= NOTHING * UNIT


@double_precision
def test_parameters_with_a_derivative_stay():
    problem, point = step_network(3.0, 0.1)
    idle = idle_at(problem, point)
    assert not idle.any()
    np.testing.assert_array_equal(settle_saturated(problem, point, idle, unit=UNIT), point)


@double_precision
def test_a_step_on_top_of_a_point_leaves_the_other_combinations_determined():
    # Two layers: the first moves the second's step, which sits a hair beside a point.
    data = check_data(X, Y, 0.1)
    model = sf.Dense(1, 1, activation="tanh").resolve(data)
    problem = fitted(model, data, LeastSquares())
    gap = X[31] - X[30]
    steepness, slope = 1e13, 0.7
    threshold = np.tanh(slope * (X[31] - 1e-4 * gap))
    step = np.array([slope, 0.0, steepness, -steepness * threshold])
    height, offset = (Y[31:].mean() - Y[:31].mean()) / 2, (Y[31:].mean() + Y[:31].mean()) / 2
    polished, covariance = follow_tangents(problem, np.array([*step, height, offset]))
    # The two levels, each a mean of independent points.
    assert covariance.rank >= 2
    assert polished.edm < 1e-6
    assert polished.value <= np.sum(
        ((Y - np.where(X[31] <= X, height, -height) - offset) / 0.1) ** 2
    )
    levels = np.array([[1.0, 1.0], [-1.0, 1.0]])
    errors = np.sqrt(np.diag(levels @ covariance.matrix[4:, 4:] @ levels.T))
    np.testing.assert_allclose(errors, 0.1 / np.sqrt([29, 31]), rtol=1e-3)
