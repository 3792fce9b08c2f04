"""Linear parameters carried along a descent against solving them anew at each point."""

import numpy as np
import pytest

from surefit.data.checked import check_data
from surefit.losses.least_squares import LeastSquares
from surefit.minimizers.base import Budget, silent
from surefit.minimizers.levenberg_marquardt import LevenbergMarquardt
from surefit.minimizers.trials import Carried, Direct, trials_from
from surefit.models.function import Function
from surefit.precision import double_precision
from surefit.problem.fitted import fitted
from surefit.problem.projected import Projected, projected


def damped(x, height, rate, frequency, offset):
    return height * np.exp(-rate * x) * np.cos(frequency * x) + offset


TRUTH = np.array([2.0, 0.4, 3.0, 0.5])


def problem_of(noise):
    rng = np.random.default_rng(5)
    x = rng.uniform(0, 4, 137)
    y = damped(x, *TRUTH) + noise * rng.normal(size=137)
    data = check_data(x, y, max(noise, 1e-3))
    mask = np.array([True, False, False, True])
    return fitted(Function(damped).resolve(data), data, LeastSquares(), mask)


@pytest.fixture
def inner():
    found = double_precision(projected)(double_precision(problem_of)(0.1))
    assert isinstance(found, Projected)
    return found


@double_precision
def test_the_value_near_the_best_linear_values_is_that_at_them(inner):
    rng = np.random.default_rng(0)
    points = TRUTH[1:3] * rng.uniform(0.8, 1.2, (20, 2))
    exact = inner.reduce(points)
    best = inner.solved_at(points)
    near = inner.reduce_near(points, best + rng.normal(0, 0.3, best.shape))
    np.testing.assert_allclose(near.linear, best, rtol=1e-9)
    np.testing.assert_allclose(near.reduced.value - near.excess, exact.value, rtol=1e-9)


@double_precision
def test_the_best_linear_values_follow_the_others_as_a_difference_quotient_says(inner):
    # At the best linear values; Kaufman leaves out a term in the residuals, which exact data lack.
    inner = projected(problem_of(0.0))
    point, step = TRUTH[None, 1:3], 1e-6
    near = inner.reduce_near(point, inner.solved_at(point))
    for j, unit in enumerate(np.eye(2)):
        ends = inner.solved_at(np.stack([point[0] + step * unit, point[0] - step * unit]))
        expected = (ends[0] - ends[1]) / (2 * step)
        np.testing.assert_allclose(near.follow[0, :, j], expected, rtol=1e-5, atol=1e-7)


@double_precision
@pytest.mark.parametrize("off", [0.0, 1e-3, 1.0, 1e9, 1e200])
def test_trials_end_at_the_values_of_the_projected_problem_however_far_the_start_is_off(inner, off):
    points = np.tile(TRUTH, (6, 1)) * np.random.default_rng(1).uniform(0.7, 1.3, (6, 4))
    points[:, [0, 3]] += off
    trials = trials_from(inner.problem, points)
    assert isinstance(trials, Carried)
    begun = trials.begin(trials.starts)
    np.testing.assert_allclose(begun.value, inner.value(points[:, 1:3]), rtol=1e-8)
    rows, move = np.array([1, 4]), np.array([[0.01, -0.02], [0.3, 0.5]])
    trial = points[rows, 1:3] + move
    tried = trials.reduce(rows, trial, move, np.full(2, np.inf))
    np.testing.assert_allclose(tried.value, inner.value(trial), rtol=1e-8)
    trials.accept(rows, np.array([True, False]))
    moved = points[:, 1:3].copy()
    moved[1] = trial[0]
    np.testing.assert_allclose(trials.full(moved), inner.complete(moved), rtol=1e-7)


@double_precision
def test_a_step_takes_one_evaluation_near_the_minimum(inner):
    count = 0
    reduce = type(inner.problem).reduce

    def counted(self, points):
        nonlocal count
        count += 1
        return reduce(self, points)

    start = inner.complete(TRUTH[None, 1:3] * 1.02)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(inner.problem), "reduce", counted)
        minima = LevenbergMarquardt().minimize(inner.problem, start, budget=Budget(), report=silent)
    assert count == 1 + minima.steps[0]
    np.testing.assert_allclose(minima.points, inner.complete(minima.points[:, 1:3]), rtol=1e-7)


@double_precision
def test_of_several_trials_of_a_row_only_the_lowest_is_corrected_and_all_values_are_right(inner):
    points = np.tile(TRUTH, (2, 1)) * np.array([[0.7], [1.3]])
    trials = trials_from(inner.problem, points)
    begun = trials.begin(trials.starts)
    rows = np.array([0, 0, 0, 1, 1])
    to_truth = TRUTH[1:3] - points[:, 1:3]
    move = np.array([0.2, 0.6, 0.9, 0.3, 0.8])[:, None] * to_truth[rows]
    trial = points[rows, 1:3] + move
    evaluated = []
    reduce = type(inner.problem).reduce

    def noted(self, points):
        evaluated.append(points[:, 1:3])
        return reduce(self, points)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(inner.problem), "reduce", noted)
        tried = trials.reduce(rows, trial, move, begun.value[rows])
    np.testing.assert_allclose(tried.value, inner.value(trial), rtol=1e-8)
    np.testing.assert_array_equal(evaluated[0], trial)
    np.testing.assert_array_equal(evaluated[1], trial[[2, 4]])
    exact = inner.reduce(trial[[2, 4]])
    np.testing.assert_allclose(tried.gradient[[2, 4]], exact.gradient, rtol=1e-6)


@double_precision
def test_a_problem_without_linear_parameters_is_tried_as_it_is(inner):
    assert isinstance(trials_from(inner, TRUTH[None, 1:3]), Direct)
