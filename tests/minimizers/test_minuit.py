import re

import jax
import numpy as np
import pytest
from iminuit import Minuit as Engine
from iminuit.cost import LeastSquares as EngineLeastSquares

from surefit.data.checked import check_data
from surefit.exceptions import InvalidOption, InvalidType
from surefit.minimizers.base import Budget, Status, silent
from surefit.minimizers.closed_form import ClosedForm
from surefit.minimizers.minuit import MOST_PARAMETERS, Minuit, hesse_covariance
from surefit.minimizers.quasi_newton import LBFGS
from surefit.models.linear import Line
from surefit.precision import double_precision
from surefit.problem.linear import Linear
from tests.problems import (
    Residuals,
    Rows,
    StopAfter,
    decay,
    decay_data,
    decay_in_odd_units,
    logarithm,
    valley,
)

START = [[1.0, 1.0, 0.0]]


@double_precision
def minimize(problem, starts, minimizer=None, *, budget=None, report=silent):
    minimizer = Minuit() if minimizer is None else minimizer
    return minimizer.minimize(problem, np.array(starts), budget=budget or Budget(), report=report)


def iminuit_decay():
    rows = decay_data()
    engine = Engine(
        EngineLeastSquares(rows.x, rows.y, 0.1, lambda x, h, t, c: h * np.exp(-x / t) + c),
        h=1.0,
        t=1.0,
        c=0.0,
    )
    engine.migrad()
    engine.hesse()
    return engine


@pytest.mark.parametrize(
    "minimizer",
    [
        Minuit(),
        Minuit(use_gradient=False),
        Minuit(strategy=0),
        Minuit(strategy=2, hesse=False),
        Minuit(method="simplex"),
    ],
    ids=str,
)
def test_every_method_agrees_with_iminuit_run_directly(minimizer):
    engine = iminuit_decay()
    minima = minimize(decay(), START, minimizer)
    assert minima.status == (Status.converged,)
    assert minima.value[0] == pytest.approx(engine.fval, abs=1e-3)
    pulls = (minima.points[0] - np.array(engine.values)) / np.array(engine.errors)
    assert np.abs(pulls).max() < 0.05


def test_migrad_agrees_with_the_closed_form_on_a_line(rng):
    x = rng.uniform(-5, 5, 100)
    data = check_data(x, 2 * x + 3 + 3 * rng.normal(size=100), 3.0)
    problem = Linear(Line().direct().resolve(data), data)
    exact = minimize(problem, [[0.0, 0.0]], ClosedForm())
    for minimizer in (Minuit(), Minuit(use_gradient=False)):
        minima = minimize(problem, [[0.0, 0.0]], minimizer)
        np.testing.assert_allclose(minima.points, exact.points, rtol=1e-3)
        assert minima.value[0] == pytest.approx(exact.value[0], abs=2e-4)


def test_hesse_agrees_with_iminuit_run_directly():
    engine = iminuit_decay()
    point = minimize(decay(), START, LBFGS()).points[0]
    covariance = double_precision(hesse_covariance)(decay(), point)
    expected = np.array(engine.covariance)
    sigma = np.sqrt(np.diag(expected))
    np.testing.assert_allclose(
        covariance / np.outer(sigma, sigma), expected / np.outer(sigma, sigma), atol=5e-3
    )


def test_hesse_of_a_line_is_the_inverse_of_the_normal_matrix(rng):
    x = rng.uniform(-5, 5, 50)
    data = check_data(x, 2 * x + 3, 0.5)
    problem = Linear(Line().direct().resolve(data), data)
    columns = np.stack([np.ones_like(x), x], axis=1)
    expected = 0.25 * np.linalg.inv(columns.T @ columns)
    covariance = double_precision(hesse_covariance)(problem, np.array([3.0, 2.0]))
    np.testing.assert_allclose(covariance, expected, rtol=1e-4, atol=1e-9)


def _saddle(point, rows):
    return 0.1 * (point[0] ** 2 - 1) * rows.x + point[1]


def test_hesse_says_nothing_where_there_is_no_minimum():
    problem = Residuals(_saddle, ("a", "b"), Rows(np.array([1.0, -1.0, 2.0]), np.zeros(3)))
    covariance = double_precision(hesse_covariance)(problem, np.zeros(2))
    assert np.isnan(covariance).all()


def test_migrad_does_not_care_about_the_units_of_parameters():
    plain = minimize(decay(), START)
    scaled = minimize(decay_in_odd_units(), [[1e-15, 1e15, 0.0]])
    assert scaled.status == (Status.converged,)
    assert scaled.value[0] == pytest.approx(plain.value[0], abs=1e-4)


@pytest.mark.parametrize("use_gradient", [True, False])
def test_migrad_puts_a_parameter_at_its_limit_exactly(use_gradient):
    problem = decay(lower=np.array([0.0, 0.1, -np.inf]), upper=np.array([9.0, 1.0, np.inf]))
    starts = [[1.0, 0.5, 0.0], [1.0, 1.0, 0.0]]
    minima = minimize(problem, starts, Minuit(use_gradient=use_gradient))
    expected = minimize(problem, starts, LBFGS())
    assert minima.status == (Status.at_bound, Status.at_bound)
    np.testing.assert_array_equal(minima.points[:, 1], 1.0)
    np.testing.assert_allclose(minima.value, expected.value, atol=1e-3)


def test_a_start_at_a_limit_does_not_stay_there():
    problem = decay(lower=np.array([0.0, 0.1, -np.inf]), upper=np.array([9.0, 10.0, np.inf]))
    minima = minimize(problem, [[1.0, 10.0, 0.0]])
    assert minima.status == (Status.converged,)
    assert minima.value[0] == pytest.approx(minimize(decay(), START).value[0], abs=1e-3)


def test_equal_limits_fix_a_parameter():
    problem = decay(lower=np.array([-9.0, 1.2, -9.0]), upper=np.array([9.0, 1.2, 9.0]))
    minima = minimize(problem, START)
    assert minima.points[0, 1] == 1.2
    assert minima.status == (Status.at_bound,)


def test_data_without_noise_are_fitted_beyond_minuits_own_tolerance():
    minima = minimize(decay(noise=0.0), START, budget=Budget(steps=5000))
    np.testing.assert_allclose(minima.points[0], [3.0, 1.3, 0.5], rtol=1e-9)


def test_migrad_steps_back_from_where_the_model_is_not_finite():
    minima = minimize(logarithm(), [[1e-3], [40.0], [-1.0]])
    assert minima.status == (Status.converged, Status.converged, Status.not_finite)
    np.testing.assert_allclose(minima.points[:2], np.e, rtol=1e-2)


def test_a_call_limit_is_reported():
    minima = minimize(valley(), [[-1.2, 1.0]], Minuit(max_calls=30, use_gradient=False))
    assert minima.status == (Status.budget_exhausted,)
    assert 30 <= minima.steps[0] < 100


def test_the_budget_scales_minuits_own_call_limit():
    minima = minimize(valley(), [[-1.2, 1.0]], budget=Budget(steps=10))
    assert minima.status == (Status.budget_exhausted,)


def test_time_that_is_up_gives_the_best_so_far():
    minima = minimize(decay(), START * 2, budget=Budget(seconds=0.0))
    assert minima.status == (Status.budget_exhausted,) * 2
    assert np.isfinite(minima.value).all()


@pytest.mark.parametrize("use_gradient", [True, False])
def test_an_interruption_gives_the_best_so_far(use_gradient):
    start = [[10.0, 0.2, 3.0]]
    minimizer = Minuit(use_gradient=use_gradient)
    full = minimize(decay(), start, minimizer)
    minima = minimize(decay(), start * 2, minimizer, report=StopAfter(30))
    assert minima.status == (Status.interrupted, Status.interrupted)
    assert full.value[0] < minima.value[0] < minima.value[1]


def test_too_many_parameters_are_refused_with_an_alternative():
    names = tuple(f"p{i}" for i in range(MOST_PARAMETERS + 1))
    reason = Minuit().refusal(Residuals(_saddle, names))
    assert "all 1001 parameters" in reason
    assert "use LBFGS() or Adam()" in reason
    assert Minuit().refusal(Residuals(_saddle, names[:3])) is None


def test_results_are_the_same_outside_and_inside_a_64_bit_context():
    outside = minimize(decay(), START)
    with jax.enable_x64(True):
        inside = minimize(decay(), START)
    assert outside.points.dtype == np.float64
    np.testing.assert_array_equal(outside.points, inside.points)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"strategy": 3}, InvalidOption, "strategy is 3; pass a whole number from 0 to 2"),
        ({"strategy": "migrad"}, InvalidType, "strategy is 'migrad', a str; pass a whole number"),
        ({"method": "hesse"}, InvalidOption, 'method is \'hesse\'; pass "migrad" or "simplex"'),
        ({"use_gradient": 1}, InvalidType, "use_gradient is 1, a int; pass True or False"),
        ({"hesse": None}, InvalidType, "hesse is None, a NoneType; pass True or False"),
        ({"max_calls": 0}, InvalidOption, "max_calls is 0; pass a whole number of at least 1"),
        ({"tolerance": 0.0}, InvalidOption, "tolerance is 0.0; pass a finite number above 0"),
        ({"tolerance": float("inf")}, InvalidOption, "tolerance is inf; pass a finite number"),
    ],
)
def test_minuit_explains_what_is_wrong_with_an_option(options, error, message):
    with pytest.raises(error, match=re.escape(message)):
        Minuit(**options)


def test_minuit_shows_as_its_constructor():
    assert str(Minuit()) == "Minuit()"
    assert str(Minuit(0, False)) == "Minuit(strategy=0, use_gradient=False)"
    assert Minuit().needs_start
