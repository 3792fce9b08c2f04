"""Least squares of many rows by QR in two stages: as orthogonal and as exact as in one."""

import numpy as np
import pytest

import surefit as sf
from surefit.problem.linear import ROWS, _tall_qr


@pytest.mark.parametrize("n", [10, 2 * ROWS - 1, 2 * ROWS, 5 * ROWS + 3])
@pytest.mark.parametrize("q", [1, 6])
def test_two_stages_give_the_factors(n, q):
    columns = np.random.default_rng(n + q).normal(size=(n, q)) * 10.0 ** np.arange(q)
    orthogonal, triangle = _tall_qr(columns)
    np.testing.assert_array_equal(triangle, np.triu(triangle))
    # Backward stability: each column to some units of the last place of its own length.
    length = np.linalg.norm(columns, axis=0)
    assert np.all(np.abs(orthogonal @ triangle - columns) < 50 * np.finfo(float).eps * length)
    np.testing.assert_allclose(orthogonal.T @ orthogonal, np.eye(q), atol=1e-14)


def test_nearly_dependent_columns_of_many_rows_keep_their_digits():
    x = np.linspace(1, 2, 3 * ROWS)
    powers = np.stack([x**k for k in range(9)], axis=1)  # condition 1e10
    _, triangle = _tall_qr(powers)
    own = np.linalg.svd(triangle / np.linalg.norm(powers, axis=0), compute_uv=False)
    direct = np.linalg.svd(powers / np.linalg.norm(powers, axis=0), compute_uv=False)
    np.testing.assert_allclose(own, direct, atol=100 * np.finfo(float).eps)


def test_a_plane_of_many_points_is_that_of_lstsq():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(4000, 2))
    y = x @ rng.normal(size=(2, 3)) + rng.normal(size=(4000, 3))
    fit = sf.fit(x, y, sf.Plane(), yerr=1.0)
    reference, *_ = np.linalg.lstsq(np.column_stack([x, np.ones(4000)]), y, rcond=None)
    np.testing.assert_allclose(fit.parameters["weight"], reference[:2].T, rtol=1e-11)
    np.testing.assert_allclose(fit.parameters["bias"], reference[2], rtol=1e-11)
