"""Where x leaves the data, against geometry."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import surefit as sf
from surefit.uncertainty.extrapolation import distance_outside, relative_variance


def test_the_distance_from_a_square_is_that_of_geometry(rng):
    inside = rng.uniform(0, 1, (200, 2))
    square = np.concatenate([inside, [[0, 0], [0, 1], [1, 0], [1, 1]]]) * [2.0, 10.0]
    x = np.array([[0.5, 0.5], [1.5, 0.5], [2.0, 2.0], [0.2, -0.3], [1.0, 1.0]]) * [2.0, 10.0]
    expected = [0, 0.5, np.sqrt(2), 0.3, 0]
    np.testing.assert_allclose(distance_outside(x, square), expected, atol=1e-6)


def test_a_corner_that_no_point_reaches_is_outside_though_each_input_is_within_its_range():
    x = np.linspace(0, 1, 20)
    diagonal = np.stack([x, x], axis=1)  # all in one line: no hull of its own
    distance = distance_outside(np.array([[1.0, 0.0], [0.4, 0.4]]), diagonal)
    np.testing.assert_allclose(distance, [np.sqrt(0.5), 0], atol=1e-6)


@given(st.integers(0, 10**6), st.integers(1, 5))
def test_a_mean_of_points_is_inside_and_the_distance_does_not_depend_on_units(seed, d):
    rng = np.random.default_rng(seed)
    data, weights = rng.normal(size=(12, d)), rng.dirichlet(np.ones(12), 3)
    assert (distance_outside(weights @ data, data) == 0).all()
    x, scale, shift = rng.normal(size=(4, d)) * 3, rng.uniform(0.1, 10, d), rng.normal(size=d)
    plain = distance_outside(x, data)
    moved = distance_outside(x * scale + shift, data * scale + shift)
    np.testing.assert_allclose(moved, plain, atol=1e-5)


def test_variance_is_relative_to_the_largest_at_the_data():
    here, there = np.array([[2.0, 0.0], [0.5, 1.0]]), np.array([[1.0, 2.0], [0.5, 1.0]])
    np.testing.assert_allclose(relative_variance(here, there), [4.0, 0.25])


def test_a_band_says_where_it_leaves_the_data(rng):
    x = np.concatenate([rng.uniform(0, 0.3, 20), rng.uniform(0.7, 1, 20), [0, 1]])
    fit = sf.fit(x, x + rng.normal(0, 0.1, 42), sf.Polynomial(8), 0.1)
    band = fit.band([-0.5, 0.1, 0.5, 2.0])
    assert band.is_extrapolated.tolist() == [True, False, True, True]
    np.testing.assert_allclose(band.distance, [0.5, 0, 0, 1])
    assert band.leverage[2] > 10
    assert "2 of 4 lie outside of the data, up to 1.0 times their range away" in str(band)
    assert "1 of 4 lie between the data where the curve is less certain" in str(band)
    assert "lie" not in str(fit.band([0.1]))
    assert band._repr_html_().count("<br>") == 2


def test_a_band_says_what_it_takes_as_known():
    x = np.linspace(0, 10, 40)
    step = np.where(x < 5, 1.0, 2.0) + 0.1 * np.sin(9 * x)

    def edge(x, low, high, place):
        return np.where(x < place, low, high)

    assert "takes steps as known exactly (place)" in str(sf.fit(x, step, edge, 0.1).band(x))
    bounded = sf.fit(x, step, sf.Line(), 0.5, bounds={"slope": (None, 0.05)})
    assert "takes parameters at limits as known exactly (slope)" in str(bounded.band(x))
    poor = sf.fit(x, step, lambda x, a, b: a * b * x, 0.5).band(x)
    assert "It is that of the 1 of 2 combinations" in str(poor)
    assert "not to be trusted (undetermined)" in str(poor)


def test_bands_of_several_inputs_and_of_functions_that_mix_points(rng):
    x = rng.uniform(0, 1, (60, 2))
    fit = sf.fit(x, x.sum(axis=1) + rng.normal(0, 0.1, 60), sf.Plane(), 0.1)
    band = fit.band([[0.5, 0.5], [2.0, 0.5]], 0.9, simultaneous=True)
    assert band.is_extrapolated.tolist() == [False, True]
    assert "at the points of the data and these together" in str(band)
    assert "from their convex hull, inputs in units of their ranges" in str(band)

    def summed(x, a):
        return a * np.cumsum(x)

    t = np.linspace(0, 1, 20)
    mixed = sf.fit(t, np.cumsum(t), summed, 0.1)
    assert mixed.band(t, simultaneous=True).kind.half_width == pytest.approx(1, abs=1e-3)
