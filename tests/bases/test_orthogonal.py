import numpy as np
import pytest

from surefit.bases.orthogonal import orthogonal_basis
from surefit.exceptions import ConstantInput, IllConditioned, TooFewPoints

generator = np.random.default_rng(11)
POINTS = {
    "even": np.linspace(0, 1, 200),
    "uniform": generator.uniform(-5, 5, 300),
    "normal": generator.normal(size=1000),
    "exponential": generator.exponential(size=1000),
    "far away": 1e6 + generator.uniform(0, 1e-3, 200),
    "tiny": 1e-9 * generator.uniform(size=200),
    "huge": 1e9 * generator.uniform(size=200),
    "tenfold": np.repeat(generator.uniform(size=100), 10),
}


def columns(basis, x):
    return np.stack(list(basis.recurrence.terms(basis.argument(x))), axis=1)


@pytest.mark.parametrize("points", POINTS)
def test_columns_are_orthonormal_on_the_points(points):
    x = POINTS[points]
    matrix = columns(orthogonal_basis(x, np.ones(len(x)), 30), x)
    assert np.max(np.abs(matrix.T @ matrix / len(x) - np.eye(31))) < 1e-6


def test_columns_are_orthonormal_with_the_weights_of_the_errors():
    x = POINTS["uniform"]
    sigma = np.random.default_rng(2).uniform(0.1, 2, len(x))
    matrix = columns(orthogonal_basis(x, sigma, 20), x) / sigma[:, None]
    matrix /= np.linalg.norm(matrix[:, 0])
    assert np.max(np.abs(matrix.T @ matrix - np.eye(21))) < 1e-12


def test_errors_of_a_few_points_that_are_far_smaller_do_not_spoil_the_basis():
    x = np.linspace(0, 1, 100)
    sigma = np.where(np.arange(100) < 5, 1e-9, 1.0)
    matrix = columns(orthogonal_basis(x, sigma, 20), x) / sigma[:, None]
    assert np.linalg.cond(columns(orthogonal_basis(x, sigma, 20), x)) < 1e6
    assert np.linalg.cond(matrix / np.linalg.norm(matrix, axis=0)) < 1e12


def test_many_points_are_represented_by_few():
    for x in (generator.normal(size=50_000), np.append(generator.uniform(size=50_000), 3.0)):
        basis = orthogonal_basis(x, np.ones(len(x)), 8)
        assert np.linalg.cond(columns(basis, x)) < 1.01


def test_the_unit_of_the_errors_does_not_matter():
    x = POINTS["uniform"]
    assert orthogonal_basis(x, np.full(300, 2.0**-900), 9) == orthogonal_basis(x, np.ones(300), 9)


def test_the_basis_of_interpolation_is_allowed():
    x = np.linspace(-1, 1, 21)
    matrix = columns(orthogonal_basis(x, np.ones(21), 20), x)
    assert np.linalg.cond(matrix) < 1 + 1e-6


def test_points_that_differ_by_rounding_only_are_not_distinct():
    with pytest.raises(IllConditioned, match="polynomial of degree 2 would be lost to rounding"):
        orthogonal_basis(np.array([0.0, 1e-300, 1.0]), np.ones(3), 2)
    with pytest.raises(TooFewPoints, match="at least 3 distinct x, but there are 2"):
        orthogonal_basis(np.array([0.0, 1.0, 1.0]), np.ones(3), 2)


def test_hopeless_points_are_refused():
    with pytest.raises(ConstantInput, match="x is 3 at every point"):
        orthogonal_basis(np.full(3, 3.0), np.ones(3), 1)
    x = 10.0 ** np.linspace(0, 60, 40)
    with pytest.raises(IllConditioned, match="a few points far from all others"):
        orthogonal_basis(x, np.ones(40), 30)
