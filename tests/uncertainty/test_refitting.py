"""Refitting many data sets as one batch gives what fitting each by itself gives."""

import numpy as np
import pytest

import surefit as sf
from surefit.data.data_sets import left_out, with_counts, with_outputs
from surefit.uncertainty.refitting import cold_refits, origin_of, warm_refits


def decay(x, a, tau, c):
    return a * np.exp(-x / tau) + c


def window(x, edge, before, after):
    return np.where(x < edge, before, after)


def smoothed(x, a, tau):
    return np.cumsum(a * np.exp(-x / tau)) / len(x)


def bump(x, a, width):
    return a / (1 + (x / width) ** 2)


X = np.linspace(0.0, 1.0, 40)


def toys(fit, k, rng):
    """Data sets with normal errors about the fitted curve."""
    mean = fit.predict(fit.data.x).reshape(fit.data.y.shape)
    drawn = rng.standard_normal((k, *mean.shape)) * fit.data.noise.sigma
    return with_outputs(fit.data, mean + drawn)


def curves(fit, found):
    """The refitted curves at the points."""
    return np.array([fit.model.evaluate(values, fit.data.x)[:, 0] for values in found.working])


def agree(fit, sets, *, digits=1e-6):
    """Warm refits and full searches end at the same minimum."""
    warm, cold = warm_refits(origin_of(fit), sets), cold_refits(origin_of(fit), sets)
    assert warm.is_good.all()
    np.testing.assert_allclose(warm.value, cold.value, rtol=1e-8)
    size = np.abs(cold.working).max(axis=0)
    np.testing.assert_allclose(warm.working / size, cold.working / size, atol=digits)


def test_toys_of_a_line_are_solved_as_numpy_does(rng):
    fit = sf.fit(X, 1 + 2 * X, sf.Line(), 0.1)
    sets = toys(fit, 30, rng)
    slope, intercept = np.polyfit(X, sets.y[:, :, 0].T, 1)
    expected = np.outer(slope, X) + intercept[:, None]
    np.testing.assert_allclose(curves(fit, warm_refits(origin_of(fit), sets)), expected, rtol=1e-12)


def test_toys_with_correlated_errors_are_solved_by_generalized_least_squares(rng):
    covariance = 0.01 * np.exp(-np.abs(X[:, None] - X) / 0.1)
    fit = sf.fit(X, 1 + 2 * X, sf.Line(), covariance)
    y = rng.multivariate_normal(1 + 2 * X, covariance, 5)
    columns, inverse = np.stack([np.ones_like(X), X], axis=1), np.linalg.inv(covariance)
    expected = np.linalg.solve(columns.T @ inverse @ columns, columns.T @ inverse @ y.T).T
    found = curves(fit, warm_refits(origin_of(fit), with_outputs(fit.data, y)))
    np.testing.assert_allclose(found, expected @ columns.T, rtol=1e-9)


@pytest.mark.parametrize(
    ("model", "truth", "options"),
    [
        (decay, decay(X, 2.0, 0.3, 0.5), {}),
        (decay, decay(X, 2.0, 0.3, 0.02), {"bounds": {"c": (0, 1)}}),
        (decay, decay(X, 2.0, 0.3, 0.5), {"constraints": {"tau": (0.3, 0.02)}}),
        (decay, decay(X, 2.0, 0.3, 0.5), {"ties": {"c": "a/4"}}),
        (window, window(X, 0.4, 1.0, 2.0), {}),
        (smoothed, smoothed(X, 20.0, 0.3), {}),
        (sf.Chebyshev(4) + sf.Sigmoids(1), np.tanh(9 * (X - 0.4)) + X**2, {}),
    ],
)
def test_toys_refitted_warm_end_where_a_search_from_no_start_ends(model, truth, options, rng):
    fit = sf.fit(X, truth + 0.05 * rng.standard_normal(len(X)), model, 0.05, **options)
    agree(fit, toys(fit, 4, rng), digits=1e-3 if not callable(model) else 1e-6)


def test_toys_with_correlated_errors_of_a_curve_agree_with_searches(rng):
    covariance = 0.0025 * np.exp(-np.abs(X[:, None] - X) / 0.05)
    fit = sf.fit(X, rng.multivariate_normal(decay(X, 2.0, 0.3, 0.5), covariance), decay, covariance)
    y = rng.multivariate_normal(fit.predict(X), covariance, 4)
    agree(fit, with_outputs(fit.data, y))


@pytest.mark.parametrize("loss", [sf.LeastSquares(), sf.Poisson(), sf.Huber()])
def test_points_that_count_twice_are_there_twice(loss, rng):
    y = rng.poisson(decay(X, 50.0, 0.3, 5.0)).astype(float)
    yerr = None if isinstance(loss, sf.Poisson) else 3.0
    fit = sf.fit(X, y, decay, yerr, loss=loss)
    counts = rng.multinomial(len(X), np.full(len(X), 1 / len(X)), 3)
    agree(fit, with_counts(fit.data, counts), digits=1e-5)


def test_points_are_left_out(rng):
    fit = sf.fit(X, decay(X, 2.0, 0.3, 0.5) + 0.05 * rng.standard_normal(40), decay, 0.05)
    groups = [range(5), [7], range(30, 40)]
    found = warm_refits(origin_of(fit), left_out(fit.data, groups))
    for group, working in zip(groups, found.working, strict=True):
        keep = np.setdiff1d(np.arange(40), group)
        alone = sf.fit(X[keep], fit.data.y[keep, 0], decay, 0.05)
        np.testing.assert_allclose(working, list(alone.values.values()), rtol=1e-6)


def test_a_data_set_of_too_few_points_has_no_refit(rng):
    fit = sf.fit(X, decay(X, 2.0, 0.3, 0.5), decay, 0.05)
    counts = np.zeros((2, 40), dtype=int)
    counts[0, :2], counts[1] = 1, 1
    for refits in (warm_refits, cold_refits):
        found = refits(origin_of(fit), with_counts(fit.data, counts))
        assert found.is_good.tolist() == [False, True]
        assert found.status[0] is sf.Status.bad_data
        assert np.isnan(found.working[0]).all()
