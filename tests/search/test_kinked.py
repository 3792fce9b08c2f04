"""Functions that bend, fitted without a start: as good as least squares from a grid of starts."""

import numpy as np
import pytest
import scipy.optimize

import surefit as sf

SIZE = 0.1
X = np.linspace(0, 10, 100)


def between_limits(x, a, b, low, high):
    return np.clip(a + b * x, low, high)


def best_of_grid(y: np.ndarray) -> tuple[np.ndarray, float]:
    """The best that SciPy finds from lines of many slopes through many places, limits near."""
    found = []
    for slope in (-2, -1.4, -1, -0.7, 0.7, 1, 1.4, 2):
        for place in (2, 4, 6, 8):
            start = (y.mean() - slope * place, slope, y.min(), y.max())
            end = scipy.optimize.least_squares(
                lambda p: (between_limits(X, *p) - y) / SIZE, start, xtol=1e-14, ftol=1e-14
            )
            found.append((2 * end.cost, tuple(end.x)))
    value, values = min(found)
    return np.array(values), value


@pytest.mark.parametrize("seed", [0, 1, 3])
def test_a_line_between_limits_is_fitted_in_all_its_parameters(seed):
    rng = np.random.default_rng(seed)
    truth = (-2.0, 0.9, 0.5, 5.0) if seed % 2 else (8.0, -1.1, 0.5, 5.0)
    y = between_limits(X, *truth) + SIZE * rng.standard_normal(len(X))
    fit = sf.fit(X, y, between_limits, SIZE)
    values, chi2 = best_of_grid(y)
    assert fit.valid
    assert fit.chi2 == pytest.approx(chi2, abs=1e-9)
    np.testing.assert_allclose(list(fit.values.values()), values, rtol=1e-6)
    # Each limit is the mean of the points beyond it.
    for name, is_beyond in (("low", values[2]), ("high", values[3])):
        n = np.sum(between_limits(X, *values) == is_beyond)
        assert fit.errors[name] == pytest.approx(SIZE / np.sqrt(n), rel=1e-6)
