"""Spectra with one peak, for tests of many fits."""

import numpy as np

NOISE = 0.3


def peak(x, height, mean, width, intercept, slope):
    return height * np.exp(-0.5 * ((x - mean) / width) ** 2) + intercept + slope * x


def spectra(k, *, n=60, seed=0):
    """x (n,), y (k, n) and the true values (k, 5)."""
    rng = np.random.default_rng(seed)
    x = np.linspace(0, 10, n)
    ranges = [(3, 10), (2, 8), (0.4, 1.2), (0, 3), (-0.2, 0.2)]
    truth = np.stack([rng.uniform(low, high, k) for low, high in ranges], axis=1)
    clean = np.array([peak(x, *row) for row in truth])
    return x, clean + NOISE * rng.standard_normal(clean.shape), truth


def agrees(fits, row, fit, tolerance=1e-7):
    """Assert that a row of many fits is what a single fit gives, in units of its errors."""
    names = fits.parameter_names
    values = np.array([fit.values[name] for name in names])
    errors = np.array([fit.errors[name] for name in names])
    unit = np.where(errors > 0, errors, 1.0)  # nothing to compare with where it is fixed
    # A width that enters as its square may have either sign.
    np.testing.assert_allclose(
        np.abs(fits.values[row]) / unit, np.abs(values) / unit, rtol=0, atol=tolerance
    )
    np.testing.assert_allclose(fits.errors[row], errors, rtol=tolerance)
    np.testing.assert_allclose(fits.chi2[row], fit.chi2, rtol=1e-10)
    np.testing.assert_allclose(fits.rss[row], fit.rss, rtol=1e-9)
    assert fits.ndof[row] == fit.ndof
    assert fits.status[row] is fit.status
    assert fits.valid[row] == fit.valid
