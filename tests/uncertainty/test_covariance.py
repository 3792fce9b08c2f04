"""Covariances against the inverse in exact cases, with the rank stated."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefit.uncertainty.covariance import covariance_from_hessian, covariance_from_triangle


def triangle_of(jacobian):
    return np.linalg.qr(jacobian)[1]


@given(seed=st.integers(0, 1000), exponent=st.integers(-60, 60))
def test_it_is_the_inverse_of_the_normal_matrix_whatever_the_units(seed, exponent):
    rng = np.random.default_rng(seed)
    jacobian = rng.normal(size=(30, 4))
    units = 10.0 ** np.array([exponent, 0, -exponent, 3])
    found = covariance_from_triangle(triangle_of(jacobian * units))
    expected = np.linalg.inv(jacobian.T @ jacobian) / np.outer(units, units)
    np.testing.assert_allclose(found.matrix, expected, rtol=1e-9)
    assert found.rank == 4
    assert not found.undetermined.any()


def test_hessian_and_triangle_agree_for_least_squares():
    jacobian = np.random.default_rng(1).normal(size=(20, 3))
    one = covariance_from_triangle(triangle_of(jacobian))
    other = covariance_from_hessian(2 * jacobian.T @ jacobian)
    np.testing.assert_allclose(one.matrix, other.matrix, rtol=1e-10)


def test_undetermined_parameters_are_named_and_the_others_keep_their_errors():
    rng = np.random.default_rng(2)
    jacobian = rng.normal(size=(30, 4))
    jacobian[:, 2] = jacobian[:, 0] * 5
    found = covariance_from_triangle(triangle_of(jacobian))
    assert found.rank == 3
    assert found.undetermined.tolist() == [True, False, True, False]
    reduced = np.linalg.inv(jacobian[:, :2].T @ jacobian[:, :2])
    without = np.linalg.inv(jacobian[:, [0, 1, 3]].T @ jacobian[:, [0, 1, 3]])
    assert found.matrix[1, 1] == pytest.approx(without[1, 1])
    assert found.matrix[1, 1] != pytest.approx(reduced[1, 1])


def test_a_parameter_without_any_effect_is_undetermined():
    jacobian = np.column_stack([np.arange(1.0, 9), np.zeros(8)])
    found = covariance_from_triangle(triangle_of(jacobian))
    assert found.undetermined.tolist() == [False, True]
    assert found.matrix[1, 1] == 0
