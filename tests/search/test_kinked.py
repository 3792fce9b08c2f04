"""Functions that bend, fitted without a start: as good as least squares from a grid of starts."""

import itertools

import numpy as np
import pytest
import scipy.optimize

import surefit as sf
from surefit.minimizers.base import Status

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


def roof(x, a, b, level):
    return np.maximum(a + b * x, level)


def least_by_kink(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """The least sum of squares of a level and a ramp over all places of the kink, and that place.

    With the kink in place the function is linear, rising or falling; between two points of the
    data the sum of squares is smooth in the place.
    """

    def left(place: float) -> float:
        ramps = (np.maximum(x - place, 0), np.maximum(place - x, 0))
        columns = [np.stack([ramp, np.ones_like(x)], axis=1) for ramp in ramps]
        found = [np.linalg.lstsq(one, y, rcond=None)[0] for one in columns]
        sums = [np.sum((y - a @ b) ** 2) for a, b in zip(columns, found, strict=True)]
        return float(min(sums))

    best = []
    for low, high in itertools.pairwise(x):
        inside = scipy.optimize.minimize_scalar(
            left, bounds=(low, high), method="bounded", options={"xatol": 1e-12}
        )
        places = (float(inside.x), low, high)  # pyright: ignore[reportAttributeAccessIssue]
        best += [(left(place), place) for place in places]
    return min(best)


@pytest.mark.parametrize("seed", [0, 1, 2, 4, 14])
@pytest.mark.parametrize(("stretch", "factor"), [(1.0, 1.0), (1e3, 1e-4)])
def test_a_roof_is_as_low_as_the_best_place_of_its_kink(seed, stretch, factor):
    x = np.linspace(0, 10, 20)
    noise = 3 * SIZE * np.random.default_rng(seed).standard_normal(20)
    y = roof(x, -1.0, 1.0, 1.0) + noise
    fit = sf.fit(stretch * x, factor * y, roof, factor * SIZE)
    value, place = least_by_kink(x, y)
    assert fit.valid
    assert fit.chi2 == pytest.approx(value / SIZE**2, abs=1e-6)
    a, b, level = fit.values.values()
    assert (level - a) / b / stretch == pytest.approx(place, rel=1e-4)
    is_on_point = np.abs(x - place).min() < 1e-9
    assert fit.status is (Status.at_kink if is_on_point else Status.converged)
