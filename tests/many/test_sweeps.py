"""Swept moments against the same algebra in NumPy."""

import jax.numpy as jnp
import numpy as np
import pytest

from surefit.data.checked import check_data
from surefit.many.moments import moments
from surefit.many.states import Roles
from surefit.many.sweeps import projected, projected_value, sweep
from surefit.models.function import as_model
from surefit.precision import double_precision
from surefit.problem.derivatives import Block

ROWS, POINTS = 7, 30


def columns(seed=0, n=4):
    """[J r] of a few rows, shape (rows, points, n)."""
    return np.random.default_rng(seed).normal(size=(ROWS, POINTS, n))


def products(both):
    """Moments with rows last."""
    return np.moveaxis(np.einsum("bni,bnj->bij", both, both), 0, -1)


@double_precision
def test_sweeping_on_all_pivots_inverts():
    matrix = products(columns())
    swept = jnp.asarray(matrix)
    for pivot in range(len(matrix)):
        swept = sweep(swept, pivot, jnp.zeros(ROWS))
    inverse = np.linalg.inv(np.moveaxis(matrix, -1, 0))
    np.testing.assert_allclose(np.moveaxis(np.asarray(swept), -1, 0), inverse, rtol=1e-9)


@double_precision
def test_projection_is_least_squares_of_the_solved_columns():
    both = columns(seed=1, n=5)
    roles = Roles(free=(0, 1, 2, 3), solved=(1, 3), searched=(0, 2))
    matrix = jnp.asarray(products(both))
    swept = projected(matrix, roles)
    for row, one in enumerate(both):
        best, left, *_ = np.linalg.lstsq(one[:, [1, 3]], one[:, 4])
        np.testing.assert_allclose(swept[jnp.array([1, 3]), 4, row], best, rtol=1e-9)
        value = projected_value(matrix, swept)[row]
        np.testing.assert_allclose(value, left[0], rtol=1e-9)
        basis, _ = np.linalg.qr(one[:, [1, 3]])
        rest = one[:, [0, 2]] - basis @ (basis.T @ one[:, [0, 2]])
        curvature = swept[np.ix_([0, 2], [0, 2])][..., row]
        np.testing.assert_allclose(curvature, rest.T @ rest, rtol=1e-9)


@double_precision
def test_a_column_that_others_make_up_is_left_out():
    both = columns(seed=2)
    both[:, :, 1] = 3 * both[:, :, 0]
    roles = Roles(free=(0, 1, 2), solved=(0, 1, 2), searched=())
    swept = projected(jnp.asarray(products(both)), roles)
    assert np.all(np.isfinite(swept))
    np.testing.assert_array_equal(swept[1], 0)


def bent(x, a, b, c):
    return a * np.exp(-b * x) + c * x


@double_precision
@pytest.mark.parametrize("which", [None, (0, 2)])
def test_moments_are_products_of_derivatives_and_residuals(which):
    rng = np.random.default_rng(3)
    x, y = np.linspace(0, 2, POINTS), rng.normal(size=(ROWS, POINTS, 1))
    weight = rng.uniform(0.5, 2, size=y.shape)
    point = rng.uniform(0.5, 2, size=(3, ROWS))
    model = as_model(bent)
    roles = Roles(free=(0, 1, 2), solved=(0, 2), searched=(1,))
    resolved = model.resolve(check_data(x, y[0, :, 0], None))
    found = moments(resolved, roles, True, np.zeros(3), point, Block(x, y, weight), which)
    for row in range(ROWS):
        a, b, c = point[:, row]
        shape = np.exp(-b * x)
        derivatives = np.stack([shape, -a * x * shape, x], axis=1)[:, list(which or (0, 1, 2))]
        both = np.column_stack([derivatives, bent(x, a, b, c) - y[row, :, 0]]) * weight[row]
        np.testing.assert_allclose(found[..., row], both.T @ both, rtol=1e-9)
