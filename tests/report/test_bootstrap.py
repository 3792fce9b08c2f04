"""The bootstrap agrees with scipy and with what is known in closed form."""

import math

import numpy as np
import pytest
from scipy import stats

import surefit as sf

X = np.linspace(0.0, 1.0, 40)


def line_fit(rng, yerr=0.1):
    return sf.fit(X, 1 + 2 * X + 0.1 * rng.standard_normal(40), sf.Line(), yerr)


@pytest.mark.parametrize("n", [1000, pytest.param(8000, marks=pytest.mark.slow)])
def test_cases_of_a_mean_give_scipys_intervals(rng, n):
    sample = rng.exponential(size=40)
    fit = sf.fit(np.arange(40), sample, sf.Constant())
    found = sf.bootstrap(fit, sf.Cases(), n)
    size = sample.std() / math.sqrt(40)
    for method, interval in (("BCa", found.interval), ("percentile", found.percentile_interval)):
        expected = stats.bootstrap(
            (sample,), np.mean, n_resamples=n, confidence_level=0.9, method=method, rng=rng
        ).confidence_interval
        # A 5 % quantile of n draws is known to 2.1/√n standard deviations; two are compared, and
        # BCa takes one further out in the longer tail: 3 √2 2.1/√n for that of 5 %.
        ends = interval("value", 0.9)
        np.testing.assert_allclose(
            ends, (expected.low, expected.high), atol=9 / math.sqrt(n) * size
        )
    assert abs(found.errors["value"] / size - 1) < 3 / math.sqrt(2 * n)


@pytest.mark.parametrize("resampling", [sf.Parametric(), sf.Residuals()])
def test_errors_of_a_line_are_the_closed_form(resampling, rng):
    fit = line_fit(rng)
    found = sf.bootstrap(fit, resampling, 4000)
    columns = np.stack([np.ones_like(X), X], axis=1)
    expected = np.linalg.inv(columns.T @ columns) * 0.1**2
    if isinstance(resampling, sf.Residuals):  # the variance of the modified residuals
        leverage = np.einsum("ni,ij,nj->n", columns, expected / 0.1**2, columns)
        modified = (fit.data.y[:, 0] - fit.predict(X)) / np.sqrt(1 - leverage)
        expected *= modified.var() / 0.1**2
    np.testing.assert_allclose(found.covariance, expected, atol=6 * expected.max() / 4000**0.5)
    lower, upper = found.band(X[:3])
    half = np.sqrt(np.einsum("ni,ij,nj->n", columns, expected, columns))[:3]
    np.testing.assert_allclose((upper - lower) / 2, half, rtol=0.08)


def test_the_same_key_gives_the_same_refits(rng):
    fit = line_fit(rng)
    first, second = (sf.bootstrap(fit, sf.Cases(), 60, key=3) for _ in range(2))
    assert np.array_equal(first.samples, second.samples)


def test_it_prints_the_errors_beside_those_of_the_fit(rng):
    found = sf.bootstrap(line_fit(rng), n=60)
    for text in (str(found), found._repr_html_()):
        assert "slope" in text
        assert "Parametric()" in text


def test_what_makes_no_sense_is_refused(rng):
    correlated = line_fit(rng, 0.01 * np.exp(-np.abs(X[:, None] - X)))
    with pytest.raises(sf.NotAvailable, match="correlated"):
        sf.bootstrap(correlated, sf.Cases())
    few = sf.fit(X[:4], X[:4], sf.Line(), 0.1)
    with pytest.raises(sf.NotAvailable, match="4 points for 2 free parameters"):
        sf.bootstrap(few, sf.Cases())
    counts = sf.fit(X, np.full(40, 9.0), sf.Constant(), loss=sf.Poisson())
    with pytest.raises(sf.NotAvailable, match="one distribution"):
        sf.bootstrap(counts, sf.Residuals())
    with pytest.raises(sf.InvalidOption, match="n is 10"):
        sf.bootstrap(line_fit(rng), n=10)
    with pytest.raises(sf.InvalidOption, match="draw at least"):
        sf.bootstrap(line_fit(rng), n=60).interval("slope", 0.99)
    with pytest.raises(sf.UnknownParameter, match="slop"):
        sf.bootstrap(line_fit(rng), n=60).interval("slop")


def test_counts_have_the_skewness_of_poissons(rng):
    fit = sf.fit(np.arange(5), np.full(5, 4.0), sf.Constant(), loss=sf.Poisson())
    found = sf.bootstrap(fit, n=60)
    # The sum of the counts is Poisson of mean 20, with skewness 1/√20 (Efron 1987: a = skewness/6).
    np.testing.assert_allclose(found.acceleration, 1 / (6 * math.sqrt(20)), rtol=1e-6)
