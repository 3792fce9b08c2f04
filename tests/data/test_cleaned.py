"""Data from which outliers are taken, to find where a search may start."""

import numpy as np

from surefit.data.checked import check_data
from surefit.data.cleaned import cleaned


def test_a_fifth_of_gross_outliers_is_moved_onto_the_curve():
    rng = np.random.default_rng(1)
    x = rng.uniform(0, 1, 300)
    curve = np.sin(6 * x)
    y = curve + rng.normal(0, 0.05, 300)
    is_outlier = rng.random(300) < 0.2
    y[is_outlier] += rng.choice([-1, 1, 1], is_outlier.sum()) * rng.uniform(1, 10, is_outlier.sum())
    assert np.abs(cleaned(check_data(x, y, 0.05)).y[:, 0] - curve).max() < 0.4


def test_good_points_and_small_samples_stay_as_they_are():
    x = np.linspace(0, 1, 100)
    y = 5 * x + np.random.default_rng(2).normal(0, 0.05, 100)
    assert np.mean(cleaned(check_data(x, y, 0.05)).y[:, 0] == y) > 0.98
    few = check_data([0, 1, 2, 3], [0.0, 1.0, 50.0, 3.0], 0.1)
    assert cleaned(few) is few
