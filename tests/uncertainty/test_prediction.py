"""Where new points lie: counts against a direct integral over their mean."""

import numpy as np
import pytest
import scipy.integrate
import scipy.stats

import surefit as sf
from surefit.uncertainty.prediction import count_interval


@pytest.mark.parametrize(("mean", "error"), [(3.0, 0.8), (40.0, 5.0), (0.3, 0.1)])
@pytest.mark.parametrize("level", [0.6827, 0.95])
def test_a_count_lies_in_its_interval_as_often_as_the_integral_over_its_mean_says(
    mean, error, level
):
    lower, upper = (
        e.item() for e in count_interval(np.array([[mean]]), np.array([[error]]), level)
    )
    spread = scipy.stats.gamma((mean / error) ** 2, scale=error**2 / mean)

    def probability(first, last):
        def inside(m):
            counted = scipy.stats.poisson(m)
            return (counted.cdf(last) - counted.cdf(first - 1)) * spread.pdf(m)

        return scipy.integrate.quad(inside, 0, mean + 12 * error, limit=200)[0]

    tail = (1 - level) / 2
    assert probability(0, lower - 1) < tail + 1e-7 < probability(0, lower) + 1e-6
    assert probability(0, upper - 1) < 1 - tail + 1e-7 < probability(0, upper) + 1e-6


def test_a_count_of_known_mean_is_poissons():
    lower, upper = count_interval(np.array([[7.0]]), np.array([[0.0]]), 0.9)
    assert (lower.item(), upper.item()) == scipy.stats.poisson(7).interval(0.9)
    assert np.isnan(count_interval(np.array([[-1.0]]), np.array([[0.1]]), 0.9)).all()


def test_a_fit_of_counts_predicts_counts(rng):
    x = np.linspace(0, 1, 60)
    fit = sf.fit(x, rng.poisson(20 + 30 * x), sf.Line(), loss=sf.Poisson())
    band = fit.prediction_band(x, level=0.95)
    assert all((end == np.round(end)).all() for end in band)
    inside = np.mean((fit.data.y[:, 0] >= band.lower) & (fit.data.y[:, 0] <= band.upper))
    assert inside > 0.9
    together = fit.prediction_band(x, level=0.95, simultaneous=True)
    assert (together.lower <= band.lower).all()
    assert (together.upper > band.upper).all()


def test_the_error_of_a_new_point_has_to_be_said_where_those_of_the_data_differ(rng):
    x = np.linspace(0, 1, 20)
    y = x + rng.normal(0, 0.1, 20)
    varying = sf.fit(x, y, sf.Line(), 0.1 + 0.1 * x)
    with pytest.raises(sf.InvalidOption, match=r"range from 0\.1 to 0\.2.*pass yerr"):
        varying.prediction_band(x)
    said = varying.prediction_band(x, 0.1 + 0.1 * x)
    computed = varying.prediction_band(x, lambda x: 0.1 + 0.1 * x)
    np.testing.assert_array_equal(said.lower, computed.lower)
    covariance = np.diag(np.full(20, 0.01)) + 0.001
    with pytest.raises(sf.InvalidOption, match="correlated"):
        sf.fit(x, y, sf.Line(), covariance).prediction_band(x)
    fit = sf.fit(x, y, sf.Line(), 0.1)
    with pytest.raises(sf.ShapeMismatch, match=r"yerr has shape \(3,\), but there are 20"):
        fit.prediction_band(x, [0.1, 0.2, 0.3])
    with pytest.raises(sf.InvalidErrors, match="yerr must be positive"):
        fit.prediction_band(x, 0.0)
    robust = sf.fit(x, y, sf.Line(), 0.1, loss=sf.Huber())
    assert "outliers lie outside more often" in str(robust.prediction_band(x))


def test_every_output_has_the_error_of_its_own(rng):
    x = np.linspace(0, 1, 30)
    y = np.stack([x, 3 * x], axis=1) + rng.normal(0, [0.1, 0.5], (30, 2))
    fit = sf.fit(x, y, sf.Plane(), np.broadcast_to([0.1, 0.5], (30, 2)))
    band = fit.prediction_band([0.5], level=0.6827)
    error = (fit.band([0.5])[1] - fit.predict([0.5]))[0]
    np.testing.assert_allclose(
        ((band.upper - band.lower) / 2)[0], np.hypot(error, [0.1, 0.5]), 1e-4
    )
