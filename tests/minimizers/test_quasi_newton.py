import dataclasses
import re

import jax
import numpy as np
import pytest
import scipy.optimize
from iminuit import Minuit as Engine
from iminuit.cost import LeastSquares as EngineLeastSquares

from surefit.data.checked import check_data
from surefit.exceptions import InvalidOption, InvalidType
from surefit.losses.least_squares import LeastSquares
from surefit.minimizers.base import Budget, Status, silent
from surefit.minimizers.closed_form import ClosedForm
from surefit.minimizers.evaluations import (
    FEW_PARAMETERS,
    Evaluations,
    _value_and_gradient,
    total_value_and_gradient,
)
from surefit.minimizers.quasi_newton import LBFGS
from surefit.models.linear import Line
from surefit.networks.dense import Dense
from surefit.precision import double_precision
from surefit.problem.bounded import Bounded
from surefit.problem.fitted import fitted
from surefit.problem.held import Held
from surefit.problem.linear import Linear
from surefit.problem.projected import projected
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


@double_precision
def minimize(problem, starts, minimizer=None, *, budget=None, report=silent):
    minimizer = LBFGS() if minimizer is None else minimizer
    return minimizer.minimize(problem, np.array(starts), budget=budget or Budget(), report=report)


@double_precision
def value_at(problem, start):
    return problem.value(start)[0]


def scipy_decay(**keywords):
    rows = decay_data()

    def curve(x, height, time, constant):
        return height * np.exp(-x / time) + constant

    return scipy.optimize.curve_fit(
        curve, rows.x, rows.y, (1, 1, 0), np.full(200, 0.1), xtol=1e-14, ftol=1e-14, **keywords
    )


def test_lbfgs_follows_a_curved_valley_to_its_end():
    minima = minimize(valley(), [[-1.2, 1.0], [5.0, 5.0]])
    np.testing.assert_allclose(minima.points, 1.0, atol=1e-10)
    assert minima.status == (Status.converged, Status.converged)
    assert (minima.steps > 0).all()


def test_lbfgs_agrees_with_scipys_curve_fit():
    minima = minimize(decay(), [[1.0, 1.0, 0.0], [10.0, 0.2, 3.0]])
    expected, covariance = scipy_decay()
    for point in minima.points:
        assert np.all(np.abs(point - expected) < 1e-4 * np.sqrt(np.diag(covariance)))


def test_lbfgs_agrees_with_iminuit_run_directly():
    rows = decay_data()
    engine = Engine(
        EngineLeastSquares(rows.x, rows.y, 0.1, lambda x, h, t, c: h * np.exp(-x / t) + c),
        h=1.0,
        t=1.0,
        c=0.0,
    )
    engine.strategy = 2
    engine.migrad()
    minima = minimize(decay(), [[1.0, 1.0, 0.0]])
    assert minima.value[0] <= engine.fval + 1e-9
    assert minima.value[0] == pytest.approx(engine.fval, abs=2e-4)


def test_lbfgs_agrees_with_the_closed_form_on_a_line(rng):
    x = rng.uniform(-5, 5, 100)
    data = check_data(x, 2 * x + 3 + 3 * rng.normal(size=100), 3.0)
    problem = Linear(Line().direct().resolve(data), data)
    exact = minimize(problem, [[0.0, 0.0]], ClosedForm())
    np.testing.assert_allclose(minimize(problem, [[0, 0]]).points, exact.points, rtol=1e-6)


def test_lbfgs_does_not_care_about_the_units_of_parameters():
    plain = minimize(decay(), [[1.0, 1.0, 0.0]])
    scaled = minimize(decay_in_odd_units(), [[1e-15, 1e15, 0.0]])
    assert scaled.status == (Status.converged,)
    np.testing.assert_allclose(scaled.points * [1e15, 1e-15, 1e3], plain.points, rtol=1e-6)


def test_lbfgs_keeps_limits_to_the_last_digit_and_says_so():
    problem = decay(lower=np.array([0.0, 0.1, -1.0]), upper=np.array([9.0, 1.0, 2.0]))
    minima = minimize(problem, [[1.0, 0.5, 0.0], [1.0, 1.0, 0.0], [1.0, 7.0, 5.0]])
    expected, _ = scipy_decay(bounds=([0, 0.1, -1], [9, 1.0, 2]))
    assert minima.status == (Status.at_bound,) * 3
    np.testing.assert_array_equal(minima.points[:, 1], 1.0)
    np.testing.assert_allclose(minima.points, expected[None].repeat(3, 0), rtol=1e-4)


def test_lbfgs_never_looks_beyond_a_limit():
    limits = np.array([0.0, 0.1, -1.0]), np.array([9.0, 1.0, 2.0])
    problem = Watched(decay(lower=limits[0], upper=limits[1]), *limits)
    minimize(problem, [[1.0, 0.5, 0.0]])
    seen = np.concatenate(problem.seen)
    assert len(seen) > 5
    assert np.all((seen >= limits[0]) & (seen <= limits[1]))


@dataclasses.dataclass(frozen=True, eq=False)
class Watched(Bounded):
    """A bounded problem that remembers where it was evaluated."""

    seen: list = dataclasses.field(default_factory=list)

    def reduce(self, points):
        self.seen.append(np.array(points))
        return self.problem.reduce(points)


def test_lbfgs_backs_off_from_where_the_model_is_not_finite():
    minima = minimize(logarithm(), [[1e-3], [40.0]])
    assert minima.status == (Status.converged, Status.converged)
    np.testing.assert_allclose(minima.points, np.e, rtol=1e-4)


def test_a_start_without_a_finite_value_is_said_to_be_one():
    minima = minimize(logarithm(), [[-1.0], [2.0]])
    assert minima.status == (Status.not_finite, Status.converged)
    assert minima.best == 1


def test_a_budget_that_ends_too_early_is_no_minimum():
    minima = minimize(decay(), [[10.0, 0.2, 3.0]], budget=Budget(steps=3))
    assert minima.status == (Status.budget_exhausted,)
    assert minima.steps[0] == 3


def test_time_that_is_up_gives_the_best_so_far():
    minima = minimize(decay(), [[10.0, 0.2, 3.0]] * 3, budget=Budget(seconds=0.0))
    assert minima.status == (Status.budget_exhausted,) * 3
    assert np.isfinite(minima.value).all()


def test_an_interruption_gives_the_best_so_far():
    start = [[10.0, 0.2, 3.0]]
    full = minimize(decay(), start)
    minima = minimize(decay(), start * 2, report=StopAfter(8))
    assert minima.status == (Status.interrupted, Status.interrupted)
    assert full.value[0] < minima.value[0] < minima.value[1]
    np.testing.assert_array_equal(minima.points[1], start[0])


def _two_slopes(point, rows):
    return (point[0] + (point[1] + point[2]) * rows.x - rows.y) / 0.5


def test_parameters_that_data_cannot_tell_apart_are_undetermined():
    rows = Rows(np.arange(5.0), np.array([0.0, 1.0, 2.0, 2.5, 4.5]))
    problem = Residuals(_two_slopes, ("a", "b", "c"), rows)
    assert minimize(problem, [[0.0, 0.0, 0.0]]).status == (Status.undetermined,)


@pytest.fixture(scope="module")
def network():
    rng = np.random.default_rng(8)
    x = rng.uniform(-3, 3, 300)
    data = check_data(x, np.sin(2 * x) + 0.1 * rng.normal(size=300), 0.1)
    with jax.enable_x64(True):
        return fitted(Dense(12).resolve(data), data, LeastSquares())


def test_the_gradient_of_a_network_needs_no_jacobian(network):
    n_parameters = len(network.names)
    assert n_parameters > FEW_PARAMETERS
    point = np.random.default_rng(0).normal(size=n_parameters)
    with jax.enable_x64(True):
        value, gradient = total_value_and_gradient(network.pure(), point)
        reduced = network.reduce(point[None])
    assert value == pytest.approx(reduced.value[0], rel=1e-12)
    np.testing.assert_allclose(gradient, reduced.gradient[0], rtol=1e-9, atol=1e-8 * value)


def test_a_second_fit_of_the_same_shape_compiles_nothing(network):
    start = 0.5 * np.random.default_rng(1).normal(size=(1, len(network.names)))
    minimize(network, start, budget=Budget(steps=5))
    compiled = _value_and_gradient._cache_size()
    data = check_data(network.data.x, 1.001 * network.data.y[:, 0], 0.2)
    with jax.enable_x64(True):
        again = fitted(Dense(12).resolve(data), data, LeastSquares())
    minimize(again, start, budget=Budget(steps=5))
    assert _value_and_gradient._cache_size() == compiled


def test_held_values_are_no_part_of_what_is_compiled(network):
    free = np.arange(2, len(network.names))
    start, sizes = np.full((1, len(free)), 0.3), []
    for held in (0.5, 0.7):
        values = np.full(len(network.names), held)
        minimize(Held(network, free, values), start, budget=Budget(steps=2))
        sizes.append(_value_and_gradient._cache_size())
    assert sizes[0] == sizes[1]


def test_lbfgs_improves_a_network_and_does_not_claim_more(network):
    start = 0.5 * np.random.default_rng(1).normal(size=(1, len(network.names)))
    minima = minimize(network, start, budget=Budget(steps=60))
    assert minima.value[0] < 0.2 * value_at(network, start)
    assert minima.status[0] is Status.budget_exhausted


def test_lbfgs_works_where_linear_parameters_are_projected_out(network):
    problem = projected(network)
    start = 0.5 * np.random.default_rng(1).normal(size=(1, len(problem.names)))
    minima = minimize(problem, start, budget=Budget(steps=20))
    assert minima.value[0] < 0.5 * value_at(problem, start)


def test_results_are_the_same_outside_and_inside_a_64_bit_context():
    outside = minimize(decay(), [[1.0, 1.0, 0.0]])
    with jax.enable_x64(True):
        inside = minimize(decay(), [[1.0, 1.0, 0.0]])
    assert outside.points.dtype == inside.points.dtype == np.float64
    np.testing.assert_array_equal(outside.points, inside.points)


def test_evaluations_remember_the_best_point():
    with jax.enable_x64(True):
        seen = Evaluations(valley(), np.zeros(2), what="test", report=silent)
        for point in ([0.0, 0.0], [1.0, 1.0], [3.0, 3.0]):
            seen(np.array(point))
    np.testing.assert_array_equal(seen.best, [1.0, 1.0])
    assert seen.best_value == 0.0


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"memory": 0}, InvalidOption, "memory is 0; pass a whole number of at least 1"),
        ({"memory": 2.5}, InvalidType, "memory is 2.5, a float; pass a whole number"),
        ({"tolerance": float("nan")}, InvalidOption, "tolerance is nan; pass a finite number"),
        ({"tolerance": -1e-3}, InvalidOption, "tolerance is -0.001; pass a finite number above 0"),
        ({"tolerance": "small"}, InvalidType, "tolerance is 'small', a str; pass a real number"),
    ],
)
def test_lbfgs_explains_what_is_wrong_with_an_option(options, error, message):
    with pytest.raises(error, match=re.escape(message)):
        LBFGS(**options)


def test_lbfgs_shows_as_its_constructor():
    assert str(LBFGS()) == "LBFGS()"
    assert str(LBFGS(memory=5, tolerance=1e-6)) == "LBFGS(memory=5, tolerance=1e-06)"
    assert LBFGS().needs_start
    assert LBFGS().refusal(decay()) is None
