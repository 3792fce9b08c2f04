"""Small normal equations: solved in any units, undetermined directions left out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefit.problem.projected import solve_scaled


def systems(seed, k, n=6):
    """Normal matrices of n random sets of columns, (n, k, k), and right-hand sides (n, k, 1)."""
    rng = np.random.default_rng(seed)
    columns = rng.standard_normal((n, 20, k))
    right = columns.transpose(0, 2, 1) @ rng.standard_normal((n, 20, 1))
    return columns, columns.transpose(0, 2, 1) @ columns, right


@given(st.integers(0, 1000), st.integers(1, 6), st.floats(-8, 8))
def test_regular_systems_are_solved_whatever_the_units(seed, k, decades):
    _, matrix, right = systems(seed, k)
    units = 10.0 ** (decades * np.linspace(-1, 1, k))
    found = solve_scaled(matrix * units[:, None] * units, right * units[:, None])
    expected = np.linalg.solve(matrix, right)
    np.testing.assert_allclose(found * units[:, None], expected, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("k", [2, 3, 6])
def test_a_singular_system_gets_the_shortest_solution_and_leaves_the_others_alone(k):
    columns, matrix, right = systems(1, k)
    columns[2, :, 1] = columns[2, :, 0]  # twice the same column, of the same length
    matrix[2] = columns[2].T @ columns[2]
    right[2] = columns[2].T @ np.ones((20, 1))
    found = solve_scaled(matrix, right)
    shortest = np.linalg.lstsq(columns[2], np.ones(20), rcond=1e-9)[0]
    size = np.linalg.norm(columns[2], axis=0)
    np.testing.assert_allclose(columns[2] @ found[2, :, 0], columns[2] @ shortest, atol=1e-9)
    assert found[2, 0, 0] * size[0] == pytest.approx(found[2, 1, 0] * size[1], rel=1e-6)
    others = [0, 1, 3, 4, 5]
    np.testing.assert_allclose(found[others], np.linalg.solve(matrix[others], right[others]))


def test_a_column_of_zeros_gets_nothing():
    _, matrix, right = systems(3, 3)
    matrix[:, 1, :] = matrix[:, :, 1] = 0.0
    right[:, 1] = 0.0
    found = solve_scaled(matrix, right)
    assert np.all(found[:, 1] == 0.0)
    kept = [0, 2]
    expected = np.linalg.solve(matrix[:, kept][:, :, kept], right[:, kept])
    np.testing.assert_allclose(found[:, kept], expected)


def test_nearly_equal_columns_are_told_apart_down_to_rounding_only():
    rng = np.random.default_rng(5)
    first, other = rng.standard_normal((2, 40))
    for distance, is_told_apart in ((1e-4, True), (1e-8, False)):
        columns = np.stack([first, first + distance * other], axis=1)
        target = columns @ np.array([1.0, 2.0])
        found = solve_scaled((columns.T @ columns)[None], (columns.T @ target)[None, :, None])
        values = found[0, :, 0]
        if is_told_apart:
            np.testing.assert_allclose(values, [1.0, 2.0], rtol=1e-5)
        else:
            np.testing.assert_allclose(values, [1.5, 1.5], rtol=1e-3)
