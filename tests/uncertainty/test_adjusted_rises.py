"""Profiles where the unit of −2 ln L is not one standard deviation."""

import numpy as np
import pytest
import scipy.stats

import surefit as sf
from surefit.uncertainty.adjusted_rises import adjusted_joint_rise

X = np.linspace(0, 10, 60)
LOSSES = [sf.Huber(), sf.Cauchy(), sf.SoftL1()]


def decay(x, height, lifetime, level):
    return height * np.exp(-x / lifetime) + level


def test_the_joint_rise_is_the_quantile_of_a_weighted_sum_of_squares(rng):
    covariance, curvature = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([[1.0, 0.3], [0.3, 3.0]])
    z = rng.multivariate_normal(np.zeros(2), covariance, 200_000)
    rise = np.einsum("ni,ij,nj->n", z, np.linalg.inv(curvature), z)
    for level in (0.6827, 0.95):
        expected = np.quantile(rise, level)
        assert adjusted_joint_rise(level, covariance, curvature) == pytest.approx(
            expected, rel=0.02
        )


@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_the_interval_of_a_straight_line_under_a_robust_loss_is_about_its_error(loss, rng):
    y = 1 + 2 * X + 0.3 * rng.standard_t(3, 60)
    fit = sf.fit(X, y, sf.Line(), 0.3, loss=loss)
    for name in fit.names:
        interval, error = fit.interval(name), fit.errors[name]
        assert interval.reason == ""
        assert interval.upper - interval.lower == pytest.approx(2 * error, rel=0.1)
    profile = fit.profile("slope")
    np.testing.assert_allclose(profile.rises[[0, -1]], 9, rtol=1e-3)
    line = fit.contour("intercept", "slope", n_points=24)
    ratio = np.ptp(line.x) / (2 * fit.errors["intercept"])
    assert ratio == pytest.approx(np.sqrt(scipy.stats.chi2.ppf(0.6827, 2)), rel=0.1)
    assert "use joint=True" in str(fit.contour("intercept", "slope", joint=False))


def test_the_sandwich_of_a_line_has_symmetric_intervals_of_its_own_errors(rng):
    y = 1 + 2 * X + rng.normal(0, 0.1 + 0.1 * X)
    for yerr in (0.5, None):
        fit = sf.fit(X, y, sf.Line(), yerr).sandwich()
        for name in fit.names:
            half = fit.quantile(0.6827) * fit.errors[name]
            expected = (fit.values[name] - half, fit.values[name] + half)
            np.testing.assert_allclose(fit.interval(name), expected, rtol=1e-5)


def test_where_the_curvature_is_not_to_be_had_it_says_so(rng):
    y = decay(X, 5, 3, 1) + 0.3 * rng.standard_t(3, 60)
    fit = sf.fit(X, y, decay, 0.3, loss=sf.Huber(), bounds={"level": (1.5, None)})
    assert "a parameter is at its limit" in fit.interval("height").reason
    assert "a parameter is at its limit" in str(fit.contour("height", "lifetime"))

    def step(x, low, high, place):
        return np.where(x < place, low, high)

    edge = sf.fit(X, step(X, 1, 3, 5.0) + 0.1 * rng.standard_t(3, 60), step, 0.1, loss=sf.Huber())
    assert "no interval where errors are the sandwich's" in edge.interval("place").reason
    assert "no interval" in str(edge.profile("place"))


@pytest.mark.slow
@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_intervals_under_robust_losses_cover_where_a_tenth_are_outliers(loss):
    rng, n, truth = np.random.default_rng(8), 500, {"height": 5.0, "lifetime": 3.0, "level": 1.0}
    covered = np.zeros(3)
    for _ in range(n):
        noise = rng.normal(0, 0.3, 60) * np.where(rng.uniform(size=60) < 0.1, 5, 1)
        y = decay(X, **truth) + noise
        found = sf.fit(X, y, decay, 0.3, loss=loss, start=truth).intervals()
        ends = zip(truth.values(), found.values(), strict=True)
        covered += [low <= value <= high for value, (low, high) in ends]
    print(loss, covered / n)
    tolerance = 3 * np.sqrt(0.6827 * 0.3173 / n)
    assert covered / n == pytest.approx(0.6827, abs=0.02 + tolerance)
