"""Distributions of SciPy under tracing are those of SciPy, also where they are not defined."""

import itertools

import jax.scipy.special
import jax.scipy.stats
import numpy as np
import pytest
import scipy.stats

import surefit as sf
from surefit.models.tracing.trace import jax_function
from surefit.precision import double_precision

X = np.array([-3.0, -1.1, -0.5, 0.1, 0.3, 0.7, 0.97, 1.5, 2.2, 4.0])
CONTINUOUS = ("beta", "cauchy", "chi2", "expon", "gamma", "gennorm", "laplace", "logistic", "norm",
              "pareto", "t", "truncnorm", "uniform")  # fmt: skip
DISCRETE = ("bernoulli", "binom", "geom", "nbinom", "poisson")
# JAX before it had wofz gives NaN for these.
UNDEFINED = () if hasattr(jax.scipy.special, "wofz") else (("expon", "ppf"),)
METHODS = ("pdf", "logpdf", "cdf", "sf", "ppf", "pmf", "logpmf")


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", CONTINUOUS + DISCRETE)
@double_precision
def test_methods_give_what_scipy_gives_for_any_parameters(name):
    distribution, known = getattr(scipy.stats, name), getattr(jax.scipy.stats, name)
    is_continuous = name in CONTINUOUS
    x = X if is_continuous else np.array([-1.0, 0.0, 1.0, 1.5, 3.0])
    n, n_compared = distribution.numargs + (2 if is_continuous else 1), 0
    for method in METHODS:
        if not (hasattr(known, method) and hasattr(distribution, method)):
            continue
        if (name, method) in UNDEFINED:
            continue

        def density(x, *parameters, method=method):
            return getattr(distribution, method)(x, *parameters)

        # A whole number of trials and of places, for the discrete ones.
        choices = (-1.3, 0.4, 2.2) if is_continuous else (-1.0, 0.4, 2.0)
        for parameters in itertools.product(choices, repeat=n):
            expected = density(x, *parameters)
            found = np.asarray(jax_function(density)(x, *parameters))
            np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-12)
            n_compared += np.isfinite(expected).sum()
    assert n_compared > 0


def test_a_fit_never_ends_at_a_width_for_which_scipy_has_no_value():
    def peak(x, n, mean, width):
        return n * scipy.stats.norm.pdf(x, mean, width)

    x = np.sort(np.random.default_rng(5).uniform(0.1, 10, 150))
    for seed in range(8):
        y = peak(x, 5, 4.0, 0.7) + np.random.default_rng(seed).normal(0, 0.05, len(x))
        fit = sf.fit(x, y, peak, 0.05)
        assert fit.valid
        assert fit.values["width"] == pytest.approx(0.7, abs=6 * fit.errors["width"])
        np.testing.assert_allclose(fit.predict(x), peak(x, **fit.values), rtol=1e-12)
