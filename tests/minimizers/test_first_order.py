import re

import jax
import numpy as np
import pytest

from surefit.data.checked import check_data
from surefit.exceptions import InvalidOption, InvalidType, UnsuitableMinimizer
from surefit.losses.least_squares import LeastSquares
from surefit.minimizers.base import Budget, Status, silent
from surefit.minimizers.closed_form import ClosedForm
from surefit.minimizers.epochs import run_epochs
from surefit.minimizers.first_order import Adam, AdamW, ConstantRate, CosineDecay, MomentumSGD
from surefit.minimizers.quasi_newton import LBFGS
from surefit.models.linear import Line
from surefit.networks.dense import Dense
from surefit.precision import double_precision
from surefit.problem.fitted import fitted
from surefit.problem.linear import Linear
from surefit.problem.projected import projected
from tests.problems import StopAfter, decay, decay_in_odd_units, logarithm, not_additive

START = [[1.0, 1.0, 0.0]]
BOUNDED = {"lower": np.array([0.0, 0.1, -1.0]), "upper": np.array([9.0, 1.0, 2.0])}


@double_precision
def minimize(problem, starts, minimizer, *, budget=None, report=silent):
    return minimizer.minimize(problem, np.array(starts), budget=budget or Budget(), report=report)


def line(rng, yerr=3.0):
    x = rng.uniform(-5, 5, 256)
    data = check_data(x, 2 * x + 3 + 3 * rng.normal(size=256), yerr)
    return Linear(Line().direct().resolve(data), data)


def network(n=300):
    rng = np.random.default_rng(8)
    x = rng.uniform(-3, 3, n)
    data = check_data(x, np.sin(2 * x) + 0.1 * rng.normal(size=n), 0.1)
    with jax.enable_x64(True):
        return fitted(Dense(8).resolve(data), data, LeastSquares())


@pytest.mark.parametrize("minimizer", [Adam(), MomentumSGD(), MomentumSGD(nesterov=False)], ids=str)
def test_default_options_come_close_to_the_closed_form_of_a_line(minimizer, rng):
    problem = line(rng)
    exact = minimize(problem, [[0.0, 0.0]], ClosedForm())
    minima = minimize(problem, [[0.0, 0.0]], minimizer)
    assert minima.value[0] == pytest.approx(exact.value[0], abs=0.01)


@pytest.mark.parametrize("minimizer", [Adam(), MomentumSGD()], ids=str)
def test_default_options_suit_parameters_of_any_size(minimizer):
    plain = minimize(decay(), START, minimizer)
    scaled = minimize(decay_in_odd_units(), [[1e-15, 1e15, 0.0]], minimizer)
    best = minimize(decay(), START, LBFGS()).value[0]
    assert plain.value[0] < best + 0.1
    assert scaled.value[0] < best + 0.1


def test_adam_on_all_points_takes_the_steps_of_kingma_and_ba(rng):
    problem = line(rng)
    unit = minimize_units(problem)
    minimizer = Adam(learning_rate=0.1, epochs=5, batch_size=10**6, schedule=ConstantRate())
    minima = minimize(problem, [[0.0, 0.0]], minimizer)
    assert minima.steps[0] == 5
    z, mean, square = np.zeros(2), np.zeros(2), np.zeros(2)
    curvature = problem.reduce(np.zeros((1, 2))).curvature[0]
    largest = np.linalg.eigvalsh(curvature * np.outer(unit, unit))
    for step in range(1, 6):
        gradient = problem.reduce((z * unit)[None]).gradient[0] * unit / largest[-1]
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        corrected = (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
        z = z - 0.1 * corrected
    np.testing.assert_allclose(minima.points[0], z * unit, rtol=1e-10)


def minimize_units(problem):
    """The unit of each parameter as documented: it changes −2 ln L by its own value."""
    start = problem.reduce(np.zeros((1, 2)))
    return np.sqrt(2 * start.value[0] / np.diag(start.curvature[0]))


def test_weight_decay_shrinks_parameters_and_is_not_called_a_minimum(rng):
    problem = line(rng)
    exact = minimize(problem, [[0.0, 0.0]], ClosedForm())
    minima = minimize(problem, [[0.0, 0.0]], AdamW(weight_decay=3.0))
    # What was met on the way may be lower than the end, and the best is what is returned.
    free = minimize(problem, [[0.0, 0.0]], AdamW(weight_decay=0.0))
    assert abs(minima.points[0, 1]) < abs(exact.points[0, 1])
    assert minima.value[0] > free.value[0] + 0.1
    assert not minima.status[0].is_minimum


def test_no_weight_decay_is_adam(rng):
    problem = line(rng)
    with_rule = minimize(problem, [[0.0, 0.0]], AdamW(weight_decay=0.0, epochs=5))
    plain = minimize(problem, [[0.0, 0.0]], Adam(epochs=5))
    np.testing.assert_array_equal(with_rule.points, plain.points)


def test_an_end_that_is_no_minimum_says_so():
    short = Adam(epochs=10)
    assert minimize(decay(), START, short).status == (Status.not_stationary,)
    cut = minimize(decay(), START, short, budget=Budget(steps=5))
    assert cut.status == (Status.budget_exhausted,)
    assert cut.steps[0] == 5


def test_limits_are_kept_exactly():
    minima = minimize(decay(**BOUNDED), [*START, [20.0, 5.0, 5.0]], Adam())
    expected = minimize(decay(**BOUNDED), START, LBFGS())
    np.testing.assert_array_equal(minima.points[:, 1], 1.0)
    np.testing.assert_allclose(minima.value, expected.value.repeat(2), atol=0.1)


def test_shuffling_depends_on_the_seed_only():
    first, again, other = (
        minimize(decay(), START, Adam(epochs=20, seed=seed)).points for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_start_does_not_depend_on_the_others_in_its_batch():
    starts = np.array([[1.0, 1.0, 0.0], [2.0, 0.5, 1.0], [5.0, 3.0, -1.0]])
    together = minimize(decay(), starts, Adam(epochs=20))
    alone = np.concatenate(
        [minimize(decay(), start[None], Adam(epochs=20)).points for start in starts]
    )
    np.testing.assert_allclose(together.points, alone, rtol=1e-9)


def test_a_start_without_a_finite_value_leaves_the_others_alone():
    minima = minimize(logarithm(), [[-1.0], [2.0]], Adam(batch_size=3))
    assert minima.status[0] is Status.not_finite
    assert minima.best == 1
    assert minima.points[1, 0] == pytest.approx(np.e, rel=1e-2)


def test_a_constant_rate_ends_at_a_plateau_and_a_decaying_one_hurries():
    constant = Adam(schedule=ConstantRate(), patience=20)
    minima = minimize(decay(), START, constant, budget=Budget(steps=2000))
    assert minima.steps[0] < 1500
    best = minimize(decay(), START, LBFGS()).value[0]
    hurried = minimize(decay(), START, Adam(patience=20), budget=Budget(steps=2000))
    assert hurried.steps[0] < 2000
    assert hurried.value[0] < best + 0.01


def test_an_interruption_gives_the_best_so_far():
    start_value = decay_value(START)
    minima = minimize(decay(), START, Adam(), report=StopAfter(3))
    assert minima.status == (Status.interrupted,)
    assert minima.value[0] < start_value
    assert minima.steps[0] < 500


def test_time_that_is_up_gives_the_best_so_far():
    minima = minimize(decay(), START, Adam(), budget=Budget(seconds=0.0))
    assert minima.status == (Status.budget_exhausted,)
    assert minima.value[0] <= decay_value(START)


@double_precision
def decay_value(start):
    return decay().value(np.array(start))[0]


def test_a_second_training_of_the_same_shape_compiles_nothing():
    start = 0.5 * np.random.default_rng(1).normal(size=(1, 25))
    minimize(network(), start, Adam(epochs=8))
    compiled = run_epochs._cache_size()
    minimize(network(), start * 2, Adam(epochs=8, learning_rate=0.01, seed=3))
    assert run_epochs._cache_size() == compiled


def test_adam_trains_a_network_from_several_starts():
    start = 0.5 * np.random.default_rng(1).normal(size=(3, 25))
    problem = network()
    minima = minimize(problem, start, Adam(epochs=300))
    with jax.enable_x64(True):
        assert np.all(minima.value < 0.2 * problem.value(start))


def test_mini_batches_of_correlated_points_are_refused_with_an_alternative(rng):
    problem = line(rng, yerr=9 * (np.eye(256) + 0.2))
    with jax.enable_x64(True):
        for minimizer in (Adam(batch_size=32), AdamW(batch_size=32), MomentumSGD(batch_size=32)):
            reason = minimizer.refusal(problem)
            assert "errors are correlated" in reason
            assert "use batch_size=None, or LBFGS()" in reason
        assert Adam().refusal(problem) is None
        assert Adam(batch_size=32).refusal(line(rng)) is None
        with pytest.raises(UnsuitableMinimizer, match="Adam: mini-batches need"):
            minimize(not_additive(), START, Adam(batch_size=10))


def test_correlated_points_are_trained_on_all_at_once(rng):
    problem = line(rng, yerr=9 * (np.eye(256) + 0.2))
    exact = minimize(problem, [[0.0, 0.0]], ClosedForm())
    minima = minimize(problem, [[0.0, 0.0]], Adam(learning_rate=0.1))
    assert minima.value[0] == pytest.approx(exact.value[0], abs=0.1)


def test_a_projected_problem_is_refused_with_an_alternative():
    with jax.enable_x64(True):
        reason = Adam().refusal(projected(network()))
    assert "projected out" in reason
    assert "use LevenbergMarquardt()" in reason


def test_results_are_the_same_outside_and_inside_a_64_bit_context():
    outside = minimize(decay(), START, Adam(epochs=20))
    with jax.enable_x64(True):
        inside = minimize(decay(), START, Adam(epochs=20))
    assert outside.points.dtype == np.float64
    np.testing.assert_array_equal(outside.points, inside.points)


@pytest.mark.parametrize("kind", [Adam, AdamW, MomentumSGD])
@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"learning_rate": -1.0}, InvalidOption, "learning_rate is -1.0; pass a finite number"),
        ({"learning_rate": float("nan")}, InvalidOption, "learning_rate is nan; pass a finite"),
        ({"epochs": 0}, InvalidOption, "epochs is 0; pass a whole number of at least 1"),
        ({"batch_size": 0}, InvalidOption, "batch_size is 0; pass a whole number of at least 1"),
        ({"schedule": "cosine"}, InvalidType, "pass CosineDecay() or ConstantRate()"),
        ({"patience": 0}, InvalidOption, "patience is 0; pass a whole number of at least 1"),
        ({"seed": -1}, InvalidOption, "seed is -1; pass a whole number from 0"),
        ({"seed": True}, InvalidType, "seed is True, a bool; pass a whole number"),
    ],
)
def test_every_option_explains_what_is_wrong(kind, options, error, message):
    with pytest.raises(error, match=re.escape(message)):
        kind(**options)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Adam(first_decay=1.0), "first_decay is 1.0; pass a finite number of at least 0"),
        (lambda: AdamW(second_decay=-0.1), "second_decay is -0.1; pass a finite number"),
        (lambda: AdamW(weight_decay=-1.0), "weight_decay is -1.0; pass a finite number"),
        (lambda: MomentumSGD(momentum=1.0), "momentum is 1.0; pass a finite number"),
        (lambda: CosineDecay(final=1.5), "final is 1.5; pass a finite number of at least 0"),
    ],
)
def test_own_options_explain_what_is_wrong(make, message):
    with pytest.raises(InvalidOption, match=re.escape(message)):
        make()


def test_first_order_methods_show_as_their_constructors():
    assert str(Adam()) == "Adam()"
    assert str(Adam(schedule=CosineDecay(final=0.1))) == "Adam(schedule=CosineDecay(final=0.1))"
    assert str(AdamW(weight_decay=0.5, seed=2)) == "AdamW(weight_decay=0.5, seed=2)"
    assert str(MomentumSGD(nesterov=False)) == "MomentumSGD(nesterov=False)"
    assert all(m.needs_start for m in (Adam(), AdamW(), MomentumSGD()))
