"""Critical values of whole curves and of many new points, against closed forms and quadrature."""

import numpy as np
import pytest
import scipy.integrate
import scipy.special
import scipy.stats

import surefit as sf
from surefit.uncertainty.simultaneous import (
    DIRECTIONS,
    critical_value,
    critical_value_of_new,
    everywhere,
)

LEVELS = [0.6827, 0.9545, 0.99]


def arc(angle, n=2001):
    """Tangents of a model of two parameters whose direction turns by an angle."""
    turned = np.linspace(0, angle, n)
    return np.stack([np.cos(turned), np.sin(turned)], axis=1)


def coverage_of_an_arc(c, angle, ndof):
    """P(|z·u| <= c for all u of the arc), z normal in the plane, by one integral over its angle."""

    def inside(direction):
        # The nearest of the arc and of its opposite; both are the same for |z·u|.
        folded = np.abs((direction - angle / 2 + np.pi / 2) % np.pi - np.pi / 2)
        height = np.cos(max(folded - angle / 2, 0.0))
        square = (c / height) ** 2 if height > 1e-12 else np.inf
        if ndof is None:
            return -np.expm1(-square / 2)
        return scipy.stats.f.cdf(square / 2, 2, ndof)

    value, _ = scipy.integrate.quad(inside, 0, np.pi, limit=200, points=[angle / 2])
    return value / np.pi


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("ndof", [None, 5])
@pytest.mark.parametrize("angle", [0.3, 1.5, 2.6])
def test_the_critical_value_of_a_curve_of_two_parameters_is_that_of_the_exact_integral(
    level, ndof, angle
):
    found = critical_value(arc(angle), level, ndof)
    # Each direction contributes a probability between 0 and 1.
    tolerance = 5 * np.sqrt(level * (1 - level) / DIRECTIONS)
    assert coverage_of_an_arc(found, angle, ndof) == pytest.approx(level, abs=tolerance)


@pytest.mark.parametrize("level", LEVELS)
def test_the_tube_formula_holds_for_a_curve_of_several_parameters(level):
    x = np.linspace(-1, 1, 4001)
    tangents = np.linalg.qr(np.stack([x**k for k in range(4)], axis=1))[0]
    unit = tangents / np.linalg.norm(tangents, axis=1, keepdims=True)
    length = np.sum(np.linalg.norm(np.diff(unit, axis=0), axis=1))
    found = critical_value(tangents, level, None)
    # Naiman 1986 (Ann. Stat. 14, 896): an upper limit, sharp where it is small.
    missed = length / np.pi * np.exp(-(found**2) / 2) + 2 * scipy.special.ndtr(-found)
    assert missed > (1 - level) * 0.97
    if level > 0.95:
        assert missed == pytest.approx(1 - level, rel=0.05)


@pytest.mark.parametrize("ndof", [None, 7])
def test_one_direction_is_pointwise_and_all_directions_are_scheffes(ndof):
    pointwise = (
        scipy.stats.norm.ppf(0.95 / 2 + 0.5) if ndof is None else scipy.stats.t.ppf(0.975, ndof)
    )
    assert critical_value(np.outer([1, 3, -2], [1.0, 2.0]), 0.95, ndof) == pytest.approx(pointwise)
    whole = critical_value(arc(np.pi), 0.95, ndof)
    assert whole == pytest.approx(everywhere(2, 0.95, ndof), rel=1e-5)
    f = scipy.stats.chi2.ppf(0.95, 2) / 2 if ndof is None else scipy.stats.f.ppf(0.95, 2, ndof)
    assert whole == pytest.approx(np.sqrt(2 * f), rel=1e-5)
    assert critical_value(np.zeros((3, 2)), 0.95, ndof) == 0
    assert np.isnan(critical_value(np.full((3, 2), np.nan), 0.95, ndof))


@pytest.mark.parametrize("n", [1, 20])
def test_new_points_of_a_known_curve_are_those_of_the_largest_of_so_many(n):
    known = critical_value_of_new(np.zeros((n, 1)), np.ones(n), 0.9, None)
    assert 2 * scipy.special.ndtr(known) - 1 == pytest.approx(0.9 ** (1 / n))
    found = critical_value_of_new(np.zeros((n, 1)), np.ones(n), 0.9, 6)

    def inside(square):
        each = 2 * scipy.special.ndtr(found * np.sqrt(square / 6)) - 1
        return each**n * scipy.stats.chi2.pdf(square, 6)

    assert scipy.integrate.quad(inside, 0, np.inf)[0] == pytest.approx(0.9, abs=0.02)


def test_new_points_that_share_the_curves_error_alone_are_pointwise():
    found = critical_value_of_new(np.ones((30, 1)), np.full(30, 1e-9), 0.9, None)
    assert found == pytest.approx(scipy.stats.norm.ppf(0.95), rel=0.05)


@pytest.mark.parametrize("yerr", [0.3, None])
def test_the_band_of_a_line_is_that_of_working_and_hotelling(yerr, rng):
    x = np.sort(rng.uniform(0, 5, 15))
    y = 1 + 2 * x + rng.normal(0, 0.3, 15)
    fit = sf.fit(x, y, sf.Line(), yerr)
    new = np.linspace(-3, 9, 7)
    scale = yerr or np.sqrt(fit.rss / 13)
    se = scale * np.sqrt(1 / 15 + (new - x.mean()) ** 2 / np.sum((x - x.mean()) ** 2))
    f = scipy.stats.f.ppf(0.95, 2, 13) if yerr is None else scipy.stats.chi2.ppf(0.95, 2) / 2
    lower, upper = fit.band(new, 0.95, everywhere=True)
    np.testing.assert_allclose((upper - lower) / 2, se * np.sqrt(2 * f), rtol=1e-9)
    np.testing.assert_allclose((upper + lower) / 2, fit.predict(new), rtol=1e-9)
    # Over the data's range less is enough, but more than at one x.
    whole = fit.band(x, 0.95, simultaneous=True).kind.half_width
    assert fit.quantile(0.95) < whole < np.sqrt(2 * f)
    t = scipy.stats.t.ppf(0.975, 13) if yerr is None else scipy.stats.norm.ppf(0.975)
    lower, upper = fit.prediction_band(new, level=0.95)
    np.testing.assert_allclose((upper - lower) / 2, t * np.hypot(se, scale), rtol=1e-9)


def misses(band, truth):
    return bool(np.any((truth < band[0]) | (truth > band[1])))


def binomial(share, n):
    return 3 * np.sqrt(share * (1 - share) / n)


@pytest.mark.slow
@pytest.mark.parametrize("level", [0.6827, 0.9545])
def test_bands_of_toys_cover_what_they_say(level):
    rng, n = np.random.default_rng(5), 2000
    x, grid = np.linspace(0, 1, 12), np.linspace(0, 1, 101)
    bases = np.polynomial.chebyshev.Chebyshev([1.0, -0.5, 0.3, 0.8], domain=(0, 1))
    missed = np.zeros(4)
    at = np.zeros(len(grid))
    for _ in range(n):
        fit = sf.fit(x, bases(x) + rng.normal(0, 0.2, 12), sf.Chebyshev(3))
        lower, upper = fit.band(grid, level)
        at += (bases(grid) < lower) | (bases(grid) > upper)
        missed[0] += misses(fit.band(grid, level, simultaneous=True), bases(grid))
        missed[1] += misses(fit.band(grid, level, everywhere=True), bases(grid))
        new = bases(grid) + rng.normal(0, 0.2, 101)
        missed[2] += misses(fit.prediction_band(grid[:1], level=level), new[:1])
        missed[3] += misses(fit.prediction_band(grid, level=level, simultaneous=True), new)
    covered = 1 - missed / n
    print(level, "pointwise", 1 - at.mean() / n, "simultaneous, everywhere, new, all new", covered)
    assert 1 - at.mean() / n == pytest.approx(level, abs=binomial(level, n))
    assert covered[[0, 2]] == pytest.approx(level, abs=binomial(level, n))
    assert covered[1] > level - binomial(level, n)
    assert covered[3] == pytest.approx(level, abs=0.01 + binomial(level, n))


@pytest.mark.slow
def test_the_band_of_a_whole_curve_covers_that_of_a_function_that_is_not_linear():
    def decay(x, height, lifetime, level):
        return height * np.exp(-x / lifetime) + level

    rng, n = np.random.default_rng(6), 600
    x, truth = np.linspace(0, 10, 40), (5.0, 3.0, 1.0)
    grid = np.linspace(0, 10, 101)
    start = dict(zip(("height", "lifetime", "level"), truth, strict=True))
    missed = 0
    for _ in range(n):
        fit = sf.fit(x, decay(x, *truth) + rng.normal(0, 0.2, 40), decay, 0.2, start=start)
        missed += misses(fit.band(grid, 0.6827, simultaneous=True), decay(grid, *truth))
    print("simultaneous, decay:", 1 - missed / n)
    assert 1 - missed / n == pytest.approx(0.6827, abs=0.02 + binomial(0.6827, n))
