"""Contours that a ray from the fit meets more than once, against their closed form."""

import numpy as np
import pytest
import scipy.stats

import surefit as sf

NODES = np.array([0.0, 1.0, 2.0])
RISE = scipy.stats.chi2.ppf(0.6827, 2)


def banana(bend):
    """χ² = a² + (b − bend a² + d)² + d²; without d, which is minimized: a² + (b − bend a²)²/2."""

    def through(x, a, b, d):
        middle, last = b - bend * a**2 + d, d
        return a * (x - 1) * (x - 2) / 2 + middle * x * (2 - x) + last * x * (x - 1) / 2

    return through


def fitted(bend, **known):
    return sf.fit(NODES, np.zeros(3), banana(bend), 1.0, start={"a": 0, "b": 0, "d": 0}, **known)


def rise(line, bend):
    return line.x**2 + (line.y - bend * line.x**2) ** 2 / 2


@pytest.mark.parametrize(("bend", "n_points"), [(0.0, 12), (1.0, 60), (3.0, 12), (3.0, 60)])
def test_a_bent_contour_is_followed_all_the_way_around(bend, n_points):
    line = fitted(bend).contour("a", "b", n_points=n_points)
    assert len(line.x) == n_points
    np.testing.assert_allclose(rise(line, bend), RISE, atol=1e-3)
    # The inner side of the bend, the shorter one, is met second by a ray from the fit.
    inner = line.y > bend * line.x**2
    assert 0.3 < np.mean(inner) < 0.7
    root = np.sqrt(RISE)
    if n_points == 60:
        assert line.x.max() == pytest.approx(root, rel=0.02)
        assert line.x.min() == pytest.approx(-root, rel=0.02)
    assert ("bent far around" in str(line)) == (bend >= 1)


def test_a_bent_contour_ends_where_the_allowed_region_does():
    line = fitted(3.0, bounds={"a": (-1.0, None)}).contour("a", "b", n_points=40)
    np.testing.assert_allclose(rise(line, 3.0), RISE, atol=1e-3)
    assert line.x.min() == pytest.approx(-1, abs=0.01)
    assert line.x.max() > 1.4
    assert "It is open: it ends where the allowed region does" in str(line)


def test_a_contour_with_tips_too_sharp_to_walk_around_is_closed():
    x = np.linspace(0.1, 10, 40)
    y = x * 0.3 + 1 + np.random.default_rng(7).normal(0, 1, 40)

    def product(x, a, b):
        return a * b * x + a

    fit = sf.fit(x, y, product, 1.0, start={"a": 1, "b": 0.3})
    line = fit.contour("a", "b", n_points=24)
    chi2 = [np.sum((y - product(x, a, b)) ** 2) for a, b in zip(line.x, line.y, strict=True)]
    np.testing.assert_allclose(np.array(chi2) - fit.chi2, RISE, atol=1e-3)
    assert "bent far around" in str(line)
    assert "open" not in str(line)
