"""Linear models: every row in closed form."""

import numpy as np
import pytest

import surefit as sf
from tests.many.peaks import agrees

RNG = np.random.default_rng(0)
X = np.sort(RNG.uniform(-1, 3, 40))
Y = 1 + 2 * X + RNG.normal(size=(6, 40)) * 0.1


def test_lines_are_what_lstsq_gives():
    fits = sf.fit_many(X, Y, sf.Line(), 0.1)
    columns = np.stack([np.ones_like(X), X], axis=1)
    expected = np.linalg.lstsq(columns, Y.T)[0].T
    np.testing.assert_allclose(fits.values, expected, rtol=1e-12)
    errors = 0.1 * np.sqrt(np.diag(np.linalg.inv(columns.T @ columns)))
    np.testing.assert_allclose(fits.errors, np.tile(errors, (6, 1)), rtol=1e-12)
    assert fits.valid.all()


MODELS = [sf.Line(), sf.Polynomial(6), sf.Chebyshev(5), sf.Fourier(2), sf.Constant() + sf.Line()]


@pytest.mark.parametrize("model", MODELS, ids=str)
@pytest.mark.parametrize("own_errors", [False, True])
def test_linear_models_are_what_single_fits_give(model, own_errors):
    yerr = RNG.uniform(0.05, 0.2, Y.shape) if own_errors else np.full(Y.shape, 0.1)
    fits = sf.fit_many(X, Y, model, yerr)
    if isinstance(model, sf.Line | sf.Polynomial):
        agrees(fits, 3, sf.fit(X, Y[3], model, yerr[3]), 1e-9)
    np.testing.assert_allclose(
        fits.predict([0.5])[3], sf.fit(X, Y[3], model, yerr[3]).predict([0.5]), rtol=1e-9
    )


def test_a_huge_offset_of_x_costs_no_digits():
    fits = sf.fit_many(X + 1e8, Y, sf.Line(), 0.1)
    np.testing.assert_allclose(fits["slope"], sf.fit_many(X, Y, sf.Line(), 0.1)["slope"], rtol=1e-6)


def test_a_linear_function_needs_no_search_whatever_its_x():
    def parabola(x, a, b, c):
        return a + b * x + c * x**2

    x = np.sort(np.random.default_rng(1).uniform(-1, 3, Y.shape), axis=1)
    fits = sf.fit_many(x, Y, parabola, 0.1)
    assert fits.method.startswith("Closed form")
    agrees(fits, 2, sf.fit(x[2], Y[2], parabola, 0.1), 1e-9)
    expected = np.polynomial.polynomial.polyfit(x[2], Y[2], 2)
    np.testing.assert_allclose(fits.values[2], expected, rtol=1e-9)


def test_lines_with_their_own_x_are_a_batch():
    x = np.sort(np.random.default_rng(1).uniform(-1, 3, Y.shape), axis=1)
    fits = sf.fit_many(x, Y, sf.Line())
    single = sf.fit(x[1], Y[1], sf.Line())
    np.testing.assert_allclose(fits["slope"][1], single.values["slope"], rtol=1e-10)
    np.testing.assert_allclose(fits["slope_error"][1], single.errors["slope"], rtol=1e-10)


def test_a_basis_that_reads_its_domain_off_x_is_fitted_one_by_one_where_x_differs():
    x = np.sort(np.random.default_rng(1).uniform(-1, 3, Y.shape), axis=1)
    fits = sf.fit_many(x, Y, sf.Chebyshev(2), 0.1)
    assert "one by one" in fits.method.lower()
    agrees(fits, 4, sf.fit(x[4], Y[4], sf.Chebyshev(2), 0.1), 1e-12)
