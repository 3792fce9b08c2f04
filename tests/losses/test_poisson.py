"""Poisson counts against closed forms and against iminuit's own cost function."""

import iminuit
import iminuit.cost
import jax
import numpy as np
import pytest
import scipy.stats

import surefit as sf

RNG = np.random.default_rng(8)
X = np.linspace(0, 5, 40)


def spectrum(x, height, lifetime, level):
    return height * np.exp(-x / lifetime) + level


COUNTS = RNG.poisson(spectrum(X, 20, 1.0, 0.7))


def test_it_is_minus_two_log_of_the_likelihood_ratio():
    mean = np.array([0.5, 3.0, 10.0])
    count = np.array([0, 4, 7])
    expected = -2 * (
        scipy.stats.poisson.logpmf(count, mean) - scipy.stats.poisson.logpmf(count, count)
    )
    np.testing.assert_allclose(sf.Poisson().pointwise(mean, count, np.ones(3)), expected)


def test_slope_is_the_derivative():
    loss = sf.Poisson()
    mean = np.array([0.5, 3.0, 10.0])
    count = np.array([0.0, 4.0, 7.0])
    with jax.enable_x64(True):
        exact = jax.vmap(jax.grad(loss.pointwise))(
            *(jax.numpy.asarray(array) for array in (mean, count, np.ones(3)))
        )
    np.testing.assert_allclose(loss.slope(mean, count, np.ones(3)), exact)


def test_values_and_hesse_errors_are_iminuits_with_empty_bins():
    assert (COUNTS == 0).any()
    fit = sf.fit(X, COUNTS, spectrum, loss=sf.Poisson())

    def cost(height, lifetime, level):
        mean = spectrum(X, height, lifetime, level)
        return -2 * np.sum(scipy.stats.poisson.logpmf(COUNTS, mean))

    minuit = iminuit.Minuit(cost, height=20, lifetime=1, level=0.7)
    minuit.errordef = 1
    minuit.tol = 1e-3
    minuit.limits["level"] = (1e-3, None)
    minuit.strategy = 2
    minuit.migrad()
    minuit.hesse()
    assert fit.valid
    np.testing.assert_allclose(list(fit.values.values()), list(minuit.values), rtol=1e-3)
    # MINUIT's limits bend its Hessian by a few percent; the exact one settles it.
    np.testing.assert_allclose(list(fit.errors.values()), list(minuit.errors), rtol=5e-2)
    np.testing.assert_allclose(list(fit.errors.values()), exact_errors(fit.values), rtol=1e-5)
    saturated = -2 * np.sum(scipy.stats.poisson.logpmf(COUNTS, COUNTS))
    assert fit.deviance == pytest.approx(minuit.fval - saturated, rel=1e-6)
    assert fit.chi2 == fit.deviance
    assert fit.pvalue == pytest.approx(scipy.stats.chi2.sf(fit.chi2, 37))


def exact_errors(values):
    def deviance(p):
        mean = p[0] * jax.numpy.exp(-X / p[1]) + p[2]
        return 2 * jax.numpy.sum(mean - COUNTS * jax.numpy.log(mean))

    with jax.enable_x64(True):
        hessian = jax.hessian(deviance)(jax.numpy.asarray(list(values.values())))
        return np.sqrt(np.diag(np.linalg.inv(np.asarray(hessian) / 2)))


def test_a_polynomial_of_counts_starts_from_least_squares():
    fit = sf.fit(X, COUNTS, sf.Chebyshev(3), loss=sf.Poisson())
    assert fit.valid
    assert (fit.predict(X) > 0).all()
    assert np.sum(fit.predict(X)) == pytest.approx(COUNTS.sum(), rel=1e-6)


def test_errors_on_counts_and_negative_counts_are_refused():
    with pytest.raises(sf.DataError, match="leave yerr out"):
        sf.fit(X, COUNTS, sf.Line(), 0.1, loss=sf.Poisson())
    with pytest.raises(sf.DataError, match="negative count"):
        sf.fit(X, COUNTS - 5, sf.Line(), loss=sf.Poisson())
    with pytest.raises(sf.InvalidType, match="pass a loss"):
        sf.fit(X, COUNTS, sf.Line(), loss="poisson")
