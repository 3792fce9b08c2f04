"""Candidates of the second search: mirrored points lead where no way downhill goes."""

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
from surefit.search.screening import mirrored

X = np.linspace(0.0, 10.0, 120)
# Height, center, width, lean, base.
LEANING = (3.0, 6.0, 1.0, 2.0, 0.5)


def peak(x, height, center, width, base):
    return height * np.exp(-0.5 * ((x - center) / width) ** 2) + base


def leaning_peak(x, height, center, width, lean, base):
    u = (x - center) / width
    return height * np.exp(-0.5 * u**2) * (1 + np.tanh(lean * u)) + base


def run_of(function, truth, start) -> Run:
    """A search that has gone downhill from one start."""
    y = function(X, *truth) + 0.05 * np.random.default_rng(2).standard_normal(len(X))
    data = check_data(X, y, 0.05)
    problem = fitted(Function(function).resolve(data), data, LeastSquares())
    none = np.zeros(len(start), dtype=bool)
    minimizer, rng = LevenbergMarquardt(), np.random.default_rng(0)
    run = Run(problem, minimizer, rng, Budget(), silent, none, none, None, False)
    run.promising = np.inf
    run.refine(np.array([start]), independent=True)
    return run


@double_precision
def test_a_peak_that_leans_to_the_wrong_side_is_mirrored():
    wrong = (3.0, 7.0, 1.0, -2.0, 0.5)
    run = run_of(leaning_peak, LEANING, wrong)
    stuck = run.best()
    assert run.found[0].points[0, 3] < 0
    points = mirrored(run, 1, 3)
    assert np.any(points[:, 2] * points[:, 3] > 0)
    run.refine(points, independent=False)
    truth = run.problem.value(np.array([LEANING]))[0]
    assert run.best() <= truth < stuck


@double_precision
def test_what_is_equivalent_to_the_best_point_is_not_proposed():
    run = run_of(peak, (3.0, 6.0, 1.0, 0.5), (3.0, 6.2, 0.8, 0.5))
    points = mirrored(run, 1, 9)
    assert len(points) == 2  # the center alone, and with the width; the width alone changes nothing
    assert np.all(points[:, 1] < 0)


@double_precision
def test_what_is_worse_than_drawn_candidates_is_not_proposed():
    run = run_of(peak, (3.0, 6.0, 1.0, 0.5), (3.0, 6.2, 0.8, 0.5))
    run.promising = 1.01 * run.best()
    assert len(mirrored(run, 1, 9)) == 0


@pytest.mark.parametrize("key", range(3))
def test_the_right_side_is_found_from_no_start(key):
    y = leaning_peak(X, *LEANING) + 0.05 * np.random.default_rng(key).standard_normal(len(X))
    fit = sf.fit(X, y, leaning_peak, yerr=0.05, key=key)
    assert fit.valid
    assert fit.chi2 <= np.sum(((y - leaning_peak(X, *LEANING)) / 0.05) ** 2)
