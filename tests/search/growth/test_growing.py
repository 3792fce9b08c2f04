import numpy as np
import pytest

from surefit.bases.activations import Gaussian
from surefit.search.growth.growing import centers, curves, gram, project
from tests.search.growth.sums import growing_sum, plain_chi2, random_units

KINDS = {
    "one": {},
    "no extra": {"extra": 0},
    "two inputs": {"n_inputs": 2},
    "three outputs": {"n_outputs": 3},
    "outputs with weights of their own": {"n_outputs": 2, "shared": False},
    "line and gaussians": {"extra": 2, "shape": Gaussian()},
}


def projected(growing, q):
    return project(growing, gram(growing, q, centers(q)))


@pytest.mark.parametrize("kind", KINDS)
def test_the_projected_chi2_is_that_of_plain_least_squares(kind, rng):
    growing = growing_sum(rng, **KINDS[kind])
    q = random_units(rng, growing)
    value = projected(growing, q).value
    for row in range(len(q)):
        assert value[row] == pytest.approx(plain_chi2(growing, q[row])[0], rel=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_the_projected_gradient_is_that_of_central_differences(kind, rng):
    growing = growing_sum(rng, **KINDS[kind])
    q, step = random_units(rng, growing, streams=1), 1e-5
    at = projected(growing, q)
    center, n = centers(q)[0], growing.n
    for unit in range(n):
        for which in range(q.shape[2]):
            direction = np.zeros(q.shape[1:])
            direction[unit, which] = 1
            if which:  # weights turn about the unit's center
                direction[unit, 0] = -center[unit, which - 1]
            ends = [plain_chi2(growing, q[0] + sign * step * direction)[0] for sign in (1, -1)]
            slope = (ends[0] - ends[1]) / (2 * step)
            found = 2 * at.gradient[0, which * n + unit]
            assert found == pytest.approx(slope, rel=1e-3, abs=1e-4)


def test_blocks_of_points_add_up(rng):
    growing = growing_sum(rng, n_points=3000)
    q = random_units(rng, growing, streams=40)
    together = gram(growing, q, centers(q))
    alone = gram(growing, q[:1], centers(q[:1]))
    np.testing.assert_allclose(together[:1], alone, rtol=1e-12, atol=1e-12)


def test_units_of_which_only_a_tail_is_used_get_bounded_coefficients(rng):
    growing = growing_sum(rng)
    q = random_units(rng, growing)
    q[:, 0] = [-400.0, 10.0]  # exp(−390) at most
    assert np.abs(projected(growing, q).coefficient).max() < 1e6


def test_curves_are_whitened_sums(rng):
    growing = growing_sum(rng, n_outputs=2, shared=False)
    q = random_units(rng, growing, streams=1)
    coefficient = projected(growing, q).coefficient
    curve = curves(growing, q, coefficient)[0]
    left = np.concatenate(list(growing.points.target[:, 0])) - curve
    assert np.sum(left**2) == pytest.approx(plain_chi2(growing, q[0])[0], rel=1e-6)
