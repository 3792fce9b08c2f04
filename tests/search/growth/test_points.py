import numpy as np
import pytest

from surefit.search.growth.points import levels, noise_unit, sorted_points, thinned


def noisy_points(rng, n=4000, n_inputs=1, decimals=None):
    x = rng.uniform(-1, 1, (n, n_inputs))
    x = x if decimals is None else np.round(x, decimals)
    y = np.sin(9 * x[:, 0]) + rng.normal(0, 0.1, n)
    return sorted_points(x, y[None, None], np.full((1, n), 100.0), np.ones((1, n)))


def chi2(points, curve):
    return np.sum(points.weight[0] * (points.y[0, 0] - curve(points.x[:, 0])) ** 2) + points.excess


def test_merging_equal_x_leaves_chi2_of_every_curve_as_it_is(rng):
    x = np.round(rng.uniform(-1, 1, (500, 1)), 1)
    y, weight = rng.normal(size=500), rng.uniform(1, 2, 500)
    points = sorted_points(x, y[None, None], weight[None], np.ones((1, 500)))
    assert len(points) == len(np.unique(x))
    for curve in (np.sin, np.exp):
        expected = np.sum(weight * (y - curve(x[:, 0])) ** 2)
        assert chi2(points, curve) == pytest.approx(expected, rel=1e-12)


def test_thinned_points_tell_curves_apart_as_all_points_do(rng):
    points = noisy_points(rng)
    few = thinned(points, 256, rng)
    assert len(few) <= 256
    curves = [lambda x: np.sin(9 * x), lambda x: np.sin(8.9 * x) + 0.02]
    differences = [chi2(p, curves[1]) - chi2(p, curves[0]) for p in (few, points)]
    assert differences[0] == pytest.approx(differences[1], rel=0.02)


def test_thinned_points_of_several_inputs_are_a_sample_with_the_same_total_weight(rng):
    points = noisy_points(rng, n_inputs=3)
    few = thinned(points, 500, rng)
    assert len(few) == 500
    assert few.weight.sum() == pytest.approx(points.weight.sum())


def test_the_order_of_points_does_not_matter(rng):
    x, y = np.round(rng.uniform(-1, 1, (300, 2)), 1), rng.normal(size=300)
    order = rng.permutation(300)
    weight, ones = np.ones((1, 300)), np.ones((1, 300))
    one = sorted_points(x, y[None, None], weight, ones)
    other = sorted_points(x[order], y[order][None, None], weight, ones)
    assert np.array_equal(one.x, other.x)
    assert np.array_equal(one.y, other.y)


def test_the_noise_is_seen_through_curve_and_steps(rng):
    x = np.sort(rng.uniform(-1, 1, 2000))
    y = np.sin(5 * x) + (x > 0.3) + rng.normal(0, 0.2, 2000)
    points = sorted_points(x[:, None], y[None, None], np.ones((1, 2000)), np.ones((1, 2000)))
    assert noise_unit(points) == pytest.approx(0.04, rel=0.15)


def test_levels_end_with_all_points(rng):
    points = noisy_points(rng, n=40_000)
    found = levels(points, 256, rng)
    assert [len(level) for level in found] == [4096, 40_000]
    assert found[-1] is points
