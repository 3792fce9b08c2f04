"""Levenberg–Marquardt and its polish against scipy, limits against bounded least squares."""

import numpy as np
import pytest
import scipy.optimize

import surefit as sf
from surefit.data.checked import check_data
from surefit.losses.least_squares import LeastSquares
from surefit.minimizers import levenberg_marquardt
from surefit.minimizers.base import Budget, Status, silent
from surefit.minimizers.gauss_newton import polish
from surefit.minimizers.levenberg_marquardt import LevenbergMarquardt
from surefit.models.function import Function
from surefit.precision import double_precision
from surefit.problem.bounded import Bounded
from surefit.problem.fitted import fitted


def peak(x, height, center, width, level):
    return height * np.exp(-0.5 * ((x - center) / width) ** 2) + level


TRUE = np.array([3.0, 2.2, 0.4, 1.0])


@pytest.fixture
def sample():
    rng = np.random.default_rng(11)
    x = np.sort(rng.uniform(0, 5, 80))
    return x, peak(x, *TRUE) + rng.normal(0, 0.1, 80)


def problem_of(x, y, sigma=0.1):
    data = check_data(x, y, sigma)
    return fitted(Function(peak).resolve(data), data, LeastSquares())


def minimize(problem, points, steps=200, report=silent):
    return LevenbergMarquardt().minimize(
        problem, np.atleast_2d(points), budget=Budget(steps=steps), report=report
    )


@double_precision
def test_it_ends_where_scipy_ends_from_every_start_of_a_batch(sample):
    x, y = sample
    problem = problem_of(x, y)
    starts = TRUE * np.random.default_rng(0).uniform(0.7, 1.3, (7, 4))
    minima = minimize(problem, starts)
    expected, _ = scipy.optimize.curve_fit(peak, x, y, TRUE, np.full(80, 0.1))
    assert set(minima.status) == {Status.converged}
    found = np.abs(minima.points)  # the sign of the width is not determined
    np.testing.assert_allclose(found, np.tile(np.abs(expected), (7, 1)), rtol=1e-5)


@double_precision
def test_several_trials_take_fewer_steps_to_the_same_minimum(sample, monkeypatch):
    problem = problem_of(*sample)
    starts = TRUE * np.random.default_rng(1).uniform(0.4, 2.5, (40, 4))
    several = minimize(problem, starts)
    monkeypatch.setattr(levenberg_marquardt, "CHEAP", 0)
    single = minimize(problem, starts)
    assert several.value.min() == pytest.approx(single.value.min(), rel=1e-9)
    ended = (several.value < 1.001 * several.value.min()) & (
        single.value < 1.001 * single.value.min()
    )
    assert ended.sum() >= 10
    assert several.steps[ended].sum() < 0.8 * single.steps[ended].sum()


@double_precision
def test_polish_gains_the_digits_that_double_precision_allows(sample):
    x, y = sample
    problem = problem_of(x, y)
    rough = minimize(problem, TRUE, steps=4).points[0]
    polished = polish(problem, rough)
    assert polished.is_stationary
    assert polished.rank == 4
    r, jacobian = problem.linearize(polished.point)
    angle = np.abs(jacobian.T @ r) / (np.linalg.norm(jacobian, axis=0) * np.linalg.norm(r))
    assert angle.max() < 1e-11


@double_precision
def test_polish_says_that_a_slope_is_not_a_minimum(sample):
    x, y = sample
    polished = polish(problem_of(x, y), np.array([3.0, 4.9, 0.05, 1.0]), steps=0)
    assert not polished.is_stationary


@double_precision
def test_limits_are_kept_and_the_constrained_minimum_is_scipys(sample):
    x, y = sample
    free = problem_of(x, y)
    lower = np.array([-np.inf, -np.inf, 0.5, -np.inf])
    upper = np.array([np.inf, 2.1, np.inf, np.inf])
    limited = Bounded(free, lower, upper)
    minima = minimize(limited, [3.0, 2.0, 0.6, 1.0])
    expected = scipy.optimize.least_squares(
        lambda p: (peak(x, *p) - y) / 0.1,
        [3.0, 2.0, 0.6, 1.0],
        bounds=(lower, upper),
        xtol=1e-14,
        ftol=1e-14,
        gtol=1e-14,
    )
    assert minima.points[0][1] == 2.1
    assert minima.points[0][2] == 0.5
    np.testing.assert_allclose(minima.value[0], 2 * expected.cost, rtol=1e-9)
    polished = polish(limited, minima.points[0])
    assert polished.at_bound.tolist() == [False, True, True, False]
    assert polished.is_stationary


@double_precision
def test_an_exhausted_budget_is_no_minimum(sample):
    x, y = sample
    minima = minimize(problem_of(x, y), [1.0, 1.0, 1.0, 0.0], steps=1)
    assert minima.status == (Status.budget_exhausted,)


@double_precision
def test_interruption_gives_the_best_so_far_flagged(sample):
    x, y = sample
    calls = []

    def report(what, value):
        calls.append(value)
        if len(calls) == 3:
            raise KeyboardInterrupt

    problem = problem_of(x, y)
    minima = minimize(problem, [1.0, 1.5, 1.0, 0.0], report=report)
    assert minima.status == (Status.interrupted,)
    assert minima.value[0] == calls[-1] < problem.value(np.array([[1.0, 1.5, 1.0, 0.0]]))[0]


@double_precision
def test_a_start_where_the_model_is_not_finite_is_reported_so(sample):
    x, y = sample
    minima = minimize(problem_of(x, y), [1.0, np.nan, 1.0, 0.0])
    assert minima.status == (Status.not_finite,)


@double_precision
def test_units_of_the_parameters_do_not_matter(sample):
    x, y = sample
    start = np.array([2.5, 2.0, 0.5, 0.8])
    one = minimize(problem_of(x, y), start)
    scale = np.array([1e12, 1e-9, 1e-9, 1e12])
    other = minimize(problem_of(x * 1e-9, y * 1e12, 0.1 * 1e12), start * scale)
    np.testing.assert_allclose(other.points / scale, one.points, rtol=1e-8)
    assert other.steps[0] == one.steps[0]


@pytest.mark.parametrize(("n_units", "tries_several"), [(2, True), (40, False)])
@double_precision
def test_several_dampings_are_tried_only_where_a_derivative_more_costs_little(
    n_units, tries_several, monkeypatch
):
    x = np.linspace(-2.0, 2.0, 200)
    data = check_data(x, np.tanh(2 * x), 0.1)
    model = sf.Dense(n_units).resolve(data)
    problem = fitted(model, data, LeastSquares(), np.zeros(3 * n_units + 1, dtype=bool))
    starts = np.random.default_rng(0).standard_normal((6, 3 * n_units + 1))
    sizes = []
    reduce = type(problem).reduce

    def noted(self, points):
        sizes.append(len(points))
        return reduce(self, points)

    monkeypatch.setattr(type(problem), "reduce", noted)
    minimize(problem, starts, steps=3)
    assert len(sizes) == 4
    assert (max(sizes) > len(starts)) == tries_several
