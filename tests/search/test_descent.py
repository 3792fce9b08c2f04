"""Descents of a search: what is outrun is no minimum, and the user's start is never given up on."""

import numpy as np
import pytest

import surefit as sf
from surefit.data.checked import check_data
from surefit.losses.least_squares import LeastSquares
from surefit.minimizers.base import Budget, silent
from surefit.minimizers.levenberg_marquardt import LevenbergMarquardt
from surefit.models.function import Function
from surefit.precision import double_precision
from surefit.problem.fitted import fitted
from surefit.search.run import Run

X = np.linspace(0.0, 10.0, 200)
TRUTH = (1.5, 7.0, 0.3)
NEAR = [[1.0, 7.05, 0.1], [1.2, 6.98, 0.4], [1.0, 7.02, 0.0]]
FAR = [0.5, 15.0, 0.0]


def wave(x, amplitude, frequency, phase):
    return amplitude * np.sin(frequency * x + phase)


def sample():
    return wave(X, *TRUTH) + 0.1 * np.random.default_rng(0).standard_normal(len(X))


def run_of_the_wave() -> Run:
    data = check_data(X, sample(), 0.1)
    problem = fitted(Function(wave).resolve(data), data, LeastSquares())
    none = np.zeros(3, dtype=bool)
    minimizer, rng = LevenbergMarquardt(), np.random.default_rng(0)
    return Run(problem, minimizer, rng, Budget(), silent, none, none, None, False)


@double_precision
def test_what_is_outrun_is_neither_remembered_nor_counted():
    run = run_of_the_wave()
    minima = run.refine(np.array([FAR, *NEAR]), independent=True)
    np.testing.assert_array_equal(minima.outrun, [True, False, False, False])
    points, values = run.all()
    np.testing.assert_array_equal(points, minima.points[1:])
    np.testing.assert_array_equal(values, minima.value[1:])
    assert run.independent == [True] * 3


@double_precision
def test_no_start_is_given_up_on_where_each_counts():
    run = run_of_the_wave()
    points = np.array([FAR, *NEAR])
    minima = run.refine(points, independent=True, each_in_full=True)
    patient = LevenbergMarquardt().minimize(run.problem, points, budget=Budget(), report=silent)
    assert minima.outrun is None
    np.testing.assert_array_equal(minima.points, patient.points)
    assert len(run.all()[1]) == len(points)


@double_precision
def test_a_far_start_of_the_users_is_followed_to_its_own_minimum():
    start = dict(zip(("amplitude", "frequency", "phase"), FAR, strict=True))
    fit = sf.fit(X, sample(), wave, yerr=0.1, start=start)
    assert fit.valid
    assert fit.values["frequency"] == pytest.approx(TRUTH[1], abs=0.01)
    problem, alone = run_of_the_wave().problem, np.array([FAR])
    own = LevenbergMarquardt().minimize(problem, alone, budget=Budget(), report=silent)
    higher = own.value[0] - fit.chi2
    assert higher > 1
    told = f"The start given led to a minimum higher by {higher:.3g} in -2 ln L"
    assert any(told in sentence for sentence in fit.evidence.explanation)


@double_precision
def test_what_later_work_makes_of_a_descent_is_remembered_where_others_were_outrun():
    run = run_of_the_wave()
    minima = run.refine(np.array([FAR, *NEAR]), independent=True)
    assert minima.outrun is not None
    row = minima.best
    minima.points[row], minima.value[row] = 7.0, 0.5  # as scans of coordinates do
    points, values = run.all()
    assert run.best() == values.min() == 0.5
    np.testing.assert_array_equal(points[np.argmin(values)], 7.0)
