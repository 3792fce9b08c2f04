"""Twins of `scipy.special` are SciPy's functions, also at arguments that are no sensible ones."""

import itertools

import jax
import numpy as np
import pytest
import scipy.special

from surefit.models.tracing.trace import jax_function, traceable
from surefit.precision import double_precision

X = np.array([-2.7, -1.3, -0.4, 0.2, 0.5, 0.9, 1.7, 2.6])
CASES = {
    "voigt_profile": ((0.7, -1.3), (0.4, -0.3)),  # x, σ, γ
    "binom": ((3.1, -1.2, 0.4),),
    "erfc": (),
    "gammaln": (),
}
# x last: the orders are plain numbers.
OF_ORDER = {"hyp1f1": ((-2.0, 0.4), (1.5,)), "hyp2f1": ((-1.3, 0.4), (0.7,), (2.2, 1.5))}


@pytest.mark.skipif(not hasattr(jax.scipy.special, "wofz"), reason="older JAX has no wofz")
@pytest.mark.parametrize("name", CASES)
def test_values_and_slopes_are_scipys(name):
    function = getattr(scipy.special, name)
    for others in itertools.product(*CASES[name]):
        check(lambda x, others=others: function(x, *others))


@pytest.mark.parametrize("name", OF_ORDER)
def test_hypergeometric_functions_and_their_slopes_are_scipys(name):
    function = getattr(scipy.special, name)
    for orders in itertools.product(*OF_ORDER[name]):
        check(lambda x, orders=orders: function(*orders, np.tanh(x)))


@double_precision
def check(function):
    traced = jax_function(function)
    expected = function(X)
    np.testing.assert_allclose(np.asarray(traced(X)), expected, rtol=1e-9, equal_nan=True)
    step = 1e-5
    slopes = (function(X + step) - function(X - step)) / (2 * step)
    _, found = jax.jvp(traced, (X,), (np.ones_like(X),))
    np.testing.assert_allclose(
        np.asarray(found), slopes, rtol=1e-6, atol=1e-6 * np.abs(slopes).max()
    )


def test_an_order_that_is_fitted_has_no_exact_derivative():
    report = traceable(lambda x, a: scipy.special.hyp1f1(a, 1.5, x), X, 1)
    assert "order that is not a plain number" in report.reason
