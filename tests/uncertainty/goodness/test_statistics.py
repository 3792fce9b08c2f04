"""Statistics of pulls against scipy and statsmodels, and their toys against independent fits."""

import itertools

import numpy as np
import pytest
import scipy.stats

from surefit.uncertainty.goodness.distribution import anderson_darling, kolmogorov_smirnov
from surefit.uncertainty.goodness.neighbors import (
    count_runs,
    lag_correlations,
    runs_probability,
    von_neumann_ratio,
)
from surefit.uncertainty.goodness.scan import (
    scan_statistic,
    significant_stretches,
    stretches,
)


def test_kolmogorov_smirnov_is_scipys(rng):
    pulls = rng.standard_t(3, (4, 57))
    expected = [scipy.stats.kstest(row, "norm").statistic for row in pulls]
    np.testing.assert_allclose(kolmogorov_smirnov(pulls), expected, rtol=1e-12)


def test_anderson_darling_is_statsmodels(rng):
    statistic = pytest.importorskip("statsmodels.stats.diagnostic").anderson_statistic
    pulls = rng.standard_t(3, (4, 57))
    pulls = (pulls - pulls.mean(axis=1, keepdims=True)) / pulls.std(axis=1, ddof=1, keepdims=True)
    expected = [statistic(row) for row in pulls]  # it standardizes, which changes nothing here
    np.testing.assert_allclose(anderson_darling(pulls), expected, rtol=1e-10)


def test_anderson_darling_stays_finite_far_out():
    assert np.isfinite(anderson_darling(np.array([[-60.0, 0.0, 70.0]]))).all()


def test_runs_have_statsmodels_count_and_the_exact_probability(rng):
    runs = pytest.importorskip("statsmodels.sandbox.stats.runs")
    signs = rng.normal(size=40)
    found = int(count_runs(signs[None, :, None])[0])
    positive = int((signs >= 0).sum())
    _, normal = runs.runstest_1samp(signs, cutoff=0.0, correction=False)
    chance = runs_probability(found, positive, 40 - positive)
    # Twice the exact tail against statsmodels' normal approximation, good to some percent.
    assert 2 * min(chance, 1 - chance) == pytest.approx(normal, abs=0.15)


def test_exact_runs_probability_counts_all_orders():
    orders = [np.array(signs) for signs in itertools.product((-1.0, 1.0), repeat=9)]
    orders = [signs for signs in orders if (signs > 0).sum() == 4]
    counts = np.array([count_runs(signs[None, :, None])[0] for signs in orders])
    for most in range(1, 10):
        assert runs_probability(most, 4, 5) == pytest.approx(np.mean(counts <= most))


def test_von_neumann_ratio_has_its_null_distribution(rng):
    # Moments for normal numbers (von Neumann 1941, with the mean known to be zero): 2, and a
    # variance of 4/n to first order; 20,000 sets know the mean to 0.002.
    ratios = von_neumann_ratio(rng.standard_normal((20_000, 50, 1)))
    assert np.mean(ratios) == pytest.approx(2.0, abs=0.01)
    assert np.var(ratios) == pytest.approx(4 / 50, rel=0.06)


def test_lag_correlations_are_statsmodels(rng):
    acf = pytest.importorskip("statsmodels.tsa.stattools").acf
    pulls = rng.normal(size=80)
    pulls -= pulls.mean()  # statsmodels takes the mean out, residuals about zero have none
    expected = acf(pulls, nlags=10, fft=False)[1:]
    np.testing.assert_allclose(lag_correlations(pulls[:, None], 10), expected, rtol=1e-10)


def test_scan_finds_a_shifted_stretch_and_says_where(rng):
    where = stretches(np.zeros((400, 0)), np.ones(400), 2)
    toys = scan_statistic(rng.standard_normal((500, 400)), where)
    pulls = rng.standard_normal(400)
    pulls[100:140] += 1.5
    found = significant_stretches(pulls, where, float(np.quantile(toys, 0.99)))
    assert len(found) == 1
    assert 90 <= found[0].first <= 110
    assert 130 <= found[0].end <= 150
    assert found[0].excess > 5


def test_scan_takes_out_what_a_fit_absorbs():
    # A mean that was subtracted leaves no variance to the sum of all points.
    where = stretches(np.full((100, 1), 0.1), np.ones(100), 2)
    sums = np.random.default_rng(0).standard_normal((4000, 100))
    sums -= sums.mean(axis=1, keepdims=True)
    longest = np.argmax(where.end - where.first)
    measured = np.std(sums[:, where.first[longest] : where.end[longest]].sum(axis=1))
    assert where.size[longest] == pytest.approx(measured, rel=0.05)
