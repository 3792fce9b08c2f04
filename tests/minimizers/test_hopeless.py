"""Starts of a batch that are far above a minimum at which two others have met stop."""

import numpy as np

from surefit.data.checked import check_data
from surefit.losses.least_squares import LeastSquares
from surefit.minimizers.base import Budget, Hopeless, Status, silent
from surefit.minimizers.levenberg_marquardt import LevenbergMarquardt
from surefit.models.function import Function
from surefit.precision import double_precision
from surefit.problem.fitted import fitted

# One start in the basin of the frequency 7, and one far from it.
STARTS = np.array([[1.0, 7.05, 0.1], [0.5, 25.0, 0.0]])


def wave(x, amplitude, frequency, phase):
    return amplitude * np.sin(frequency * x + phase)


def data():
    rng = np.random.default_rng(0)
    x = np.sort(rng.uniform(0, 10, 2000))
    return x, wave(x, 1.5, 7.0, 0.3) + 0.1 * rng.standard_normal(len(x))


def problem_of_the_wave():
    checked = check_data(*data(), 0.1)
    return fitted(Function(wave).resolve(checked), checked, LeastSquares())


@double_precision
def test_a_start_far_above_where_two_have_met_stops():
    problem = problem_of_the_wave()
    points = np.array([*STARTS, [1.2, 6.98, 0.4]])
    minimizer = LevenbergMarquardt()
    quick = minimizer.giving_up(Hopeless(2.0))
    minima = quick.minimize(problem, points, budget=Budget(), report=silent)
    patient = minimizer.minimize(problem, points, budget=Budget(), report=silent)
    assert minima.status == (Status.converged, Status.budget_exhausted, Status.converged)
    assert minima.steps[1] <= max(minima.steps[[0, 2]]) < patient.steps[1]
    np.testing.assert_array_equal(minima.points[[0, 2]], patient.points[[0, 2]])


@double_precision
def test_a_start_goes_on_where_only_one_has_reached_a_lower_minimum():
    problem = problem_of_the_wave()
    minimizer = LevenbergMarquardt()
    quick = minimizer.giving_up(Hopeless(2.0))
    minima = quick.minimize(problem, STARTS, budget=Budget(), report=silent)
    patient = minimizer.minimize(problem, STARTS, budget=Budget(), report=silent)
    np.testing.assert_array_equal(minima.steps, patient.steps)
    assert minima.value[1] > 2 * minima.value[0]


@double_precision
def test_it_may_first_take_a_number_of_steps():
    problem = problem_of_the_wave()
    points = np.array([*STARTS, [1.2, 6.98, 0.4]])
    minimizer = LevenbergMarquardt()
    patient = minimizer.minimize(problem, points, budget=Budget(), report=silent)
    after = int(patient.steps[1]) - 1
    assert after > max(patient.steps[[0, 2]])
    late = minimizer.giving_up(Hopeless(2.0, after=after))
    minima = late.minimize(problem, points, budget=Budget(), report=silent)
    assert minima.steps[1] == after
    assert minima.status[1] is Status.budget_exhausted


@double_precision
def test_a_start_on_its_way_is_outrun_by_three_that_have_met():
    problem = problem_of_the_wave()
    points = np.array([*STARTS, [1.2, 6.98, 0.4], [1.0, 7.02, 0.0]])
    minimizer = LevenbergMarquardt()
    patient = minimizer.minimize(problem, points, budget=Budget(), report=silent)
    after = int(max(patient.steps[[0, 2, 3]])) + 1
    assert patient.outrun is None
    assert patient.steps[1] > after
    racing = minimizer.giving_up(Hopeless(np.inf, outrun=after))
    minima = racing.minimize(problem, points, budget=Budget(), report=silent)
    np.testing.assert_array_equal(minima.outrun, [False, True, False, False])
    assert minima.steps[1] == after
    ended = minima.ended()
    np.testing.assert_array_equal(ended.points, patient.points[[0, 2, 3]])
    np.testing.assert_array_equal(ended.value, patient.value[[0, 2, 3]])
    assert ended.status == (Status.converged,) * 3


@double_precision
def test_starts_on_their_way_that_outnumber_those_that_have_met_go_on():
    problem = problem_of_the_wave()
    far = [[0.5, frequency, 0.0] for frequency in (25.0, 31.0, 37.0, 43.0)]
    points = np.array([STARTS[0], [1.2, 6.98, 0.4], [1.0, 7.02, 0.0], *far])
    minimizer = LevenbergMarquardt()
    patient = minimizer.minimize(problem, points, budget=Budget(), report=silent)
    # The fourth of those far away is outrun once one of them has ended, not before.
    first_far = int(min(patient.steps[3:]))
    assert first_far > max(patient.steps[:3])
    racing = minimizer.giving_up(Hopeless(np.inf, outrun=0))
    minima = racing.minimize(problem, points, budget=Budget(), report=silent)
    assert min(minima.steps[3:]) == first_far
    assert np.count_nonzero(minima.outrun) == np.count_nonzero(patient.steps[3:] > first_far)
