import numpy as np
import pytest
import scipy.optimize

from surefit.search.growth.descent import descend
from surefit.search.growth.polish import polish
from tests.search.growth.sums import growing_sum, plain_chi2, random_units


def test_descent_ends_where_scipy_ends(rng):
    growing = growing_sum(rng, n=2, n_points=200)
    truth = np.array([[0.5, 3.0], [-1.0, 5.0]])
    curve = growing.shape(growing.points.x @ truth[:, 1:].T + truth[:, 0]) @ [2.0, -1.0]
    growing.points.y[0, 0] = curve + 0.05 * growing.points.y[0, 0]
    found = descend(growing, truth[None] * 1.3, steps=60, tolerance=1e-8)
    assert found.is_done[0]
    other = scipy.optimize.minimize(
        lambda q: plain_chi2(growing, q.reshape(2, 2))[0], truth.ravel(), tol=1e-10
    )
    assert found.value[0] == pytest.approx(other.fun, rel=1e-5)
    polished = polish(growing, found.q[0]).value
    assert other.fun * (1 - 1e-9) <= polished <= other.fun + 0.1 * growing.per_degree(other.fun)


def test_no_row_ends_above_its_start(rng):
    growing = growing_sum(rng, n=4, n_outputs=2)
    q = random_units(rng, growing, streams=10)
    before = descend(growing, q, steps=0).value
    assert (descend(growing, q, steps=15).value <= before).all()


def test_a_row_does_not_depend_on_the_others_of_its_batch(rng):
    growing = growing_sum(rng, n=3)
    q = random_units(rng, growing, streams=6)
    together = descend(growing, q, steps=10, tolerance=1e-3)
    alone = descend(growing, q[2:3], steps=10, tolerance=1e-3)
    assert together.value[2] == pytest.approx(alone.value[0], rel=1e-6)
