import jax
import numpy as np
import pytest
from iminuit import Minuit as Engine
from iminuit.cost import LeastSquares as EngineLeastSquares

from surefit.data.checked import check_data
from surefit.minimizers.base import Budget, Status, silent
from surefit.minimizers.closed_form import ClosedForm, solve_triangular
from surefit.models.linear import Line
from surefit.problem.bounded import Bounded
from surefit.problem.linear import Linear
from tests.problems import decay


def minimize(problem):
    start = np.zeros((1, len(problem.names)))
    return ClosedForm().minimize(problem, start, budget=Budget(), report=silent)


def line(x, y, yerr):
    data = check_data(x, y, yerr)
    return Linear(Line().direct().resolve(data), data)


@pytest.fixture
def sample(rng):
    x = rng.uniform(-5, 5, 100)
    return x, 2 * x + 3 + 3 * rng.normal(size=100), rng.uniform(1, 5, 100)


def test_a_line_agrees_with_weighted_sums(sample):
    x, y, yerr = sample
    w = 1 / yerr**2
    mean_x, mean_y = np.average(x, weights=w), np.average(y, weights=w)
    slope = np.sum(w * (x - mean_x) * y) / np.sum(w * (x - mean_x) ** 2)
    minima = minimize(line(x, y, yerr))
    np.testing.assert_allclose(minima.points[0], [mean_y - slope * mean_x, slope], rtol=1e-13)
    chi2 = np.sum(w * (y - mean_y - slope * (x - mean_x)) ** 2)
    assert minima.value[0] == pytest.approx(chi2, rel=1e-13)
    assert minima.status == (Status.converged,)


def test_a_line_agrees_with_iminuit(sample):
    x, y, yerr = sample
    engine = Engine(EngineLeastSquares(x, y, yerr, lambda x, a, b: a + b * x), a=0.0, b=0.0)
    engine.migrad()
    minima = minimize(line(x, y, yerr))
    tolerance = 1e-3 * np.array(engine.errors)
    assert np.all(np.abs(minima.points[0] - np.array(engine.values)) < tolerance)


def test_correlated_errors_agree_with_generalized_least_squares(sample):
    x, y, yerr = sample
    covariance = np.diag(yerr**2) + 0.5 * np.outer(yerr, yerr)
    columns = np.stack([np.ones_like(x), x], axis=1)
    inverse = np.linalg.inv(covariance)
    expected = np.linalg.solve(columns.T @ inverse @ columns, columns.T @ inverse @ y)
    np.testing.assert_allclose(minimize(line(x, y, covariance)).points[0], expected, rtol=1e-10)


def test_every_row_gets_the_same_answer(sample):
    problem = line(*sample)
    minima = ClosedForm().minimize(problem, np.ones((3, 2)), budget=Budget(), report=silent)
    assert minima.points.shape == (3, 2)
    np.testing.assert_array_equal(minima.points, minima.points[:1].repeat(3, axis=0))


def test_undetermined_directions_get_the_shortest_solution():
    triangle = np.array([[1.0, 1.0], [0.0, 0.0]])
    solution, rank = solve_triangular(triangle, np.array([2.0, 0.0]))
    assert rank == 1
    np.testing.assert_allclose(solution, [1.0, 1.0])


def test_digits_survive_an_offset_of_a_million(rng):
    x = 1e6 + rng.uniform(-1, 1, 200)
    problem = line(x, 3.0 + 2.0 * (x - 1e6), 1.0)
    minima = minimize(problem)
    assert minima.points[0, 1] == pytest.approx(2.0, rel=1e-7)
    assert minima.value[0] < 1e-15 * 200


def test_the_result_does_not_depend_on_jax_precision(sample):
    outside = minimize(line(*sample))
    with jax.enable_x64(True):
        inside = minimize(line(*sample))
    np.testing.assert_array_equal(outside.points, inside.points)


def test_a_nonlinear_model_is_refused_with_an_alternative():
    with jax.enable_x64(True):
        reason = ClosedForm().refusal(decay())
    assert "height, time, constant" in reason
    assert "use LevenbergMarquardt()" in reason


def test_limits_are_refused_with_an_alternative(sample):
    problem = Bounded(line(*sample), np.array([0.0, -np.inf]), np.array([1.0, np.inf]))
    assert "or they have limits" in ClosedForm().refusal(problem)
    assert ClosedForm().refusal(line(*sample)) is None


def test_the_closed_form_needs_no_start_and_shows_as_its_constructor():
    assert not ClosedForm().needs_start
    assert str(ClosedForm()) == "ClosedForm()"
