"""Undetermined combinations in words: what may change together without changing the curve."""

import numpy as np
import pytest

from surefit.uncertainty.combinations import combinations_in_words, sparse_basis
from surefit.uncertainty.covariance import covariance_from_triangle


def words(jacobian, point, names):
    found = covariance_from_triangle(np.linalg.qr(jacobian).R)
    return combinations_in_words(names, np.asarray(point), found.free, found.scale)


def test_a_product_is_named_in_percent():
    """a b exp(−x/c) at a = 2, b = 1e6."""
    x = np.linspace(0, 5, 40)
    decay = np.exp(-x / 2)
    jacobian = np.column_stack([1e6 * decay, 2 * decay, 2e6 * decay * x / 4])
    assert words(jacobian, [2, 1e6, 2], "abc") == [
        "Raising a by 1 % is undone by lowering b by 1 %."
    ]


def test_a_sum_is_named_in_units():
    """a + b + c x at a = 0."""
    x = np.linspace(0, 5, 40)
    jacobian = np.column_stack([np.ones(40), np.ones(40), x])
    assert words(jacobian, [0, 3, 1], "abc") == ["Raising a by 1 is undone by lowering b by 1."]


def test_a_power_keeps_its_ratio():
    """a b² x."""
    x = np.linspace(1, 5, 40)
    a, b = 3.0, 0.7
    jacobian = np.column_stack([b**2 * x, 2 * a * b * x])
    (sentence,) = words(jacobian, [a, b], "ab")
    assert sentence in (
        "Raising a by 1 % is undone by lowering b by 0.5 %.",
        "Raising a by 2 % is undone by lowering b by 1 %.",
    )


def test_two_combinations_are_told_apart():
    """a b + c d x: two products."""
    x = np.linspace(1, 5, 40)
    a, b, c, d = 3.0, 0.7, 2.0, 5.0
    one = np.ones(40)
    jacobian = np.column_stack([b * one, a * one, d * x, c * x])
    found = words(jacobian, [a, b, c, d], "abcd")
    assert sorted(found) == [
        "Raising a by 1 % is undone by lowering b by 1 %.",
        "Raising c by 1 % is undone by lowering d by 1 %.",
    ]


@pytest.mark.parametrize("seed", range(5))
def test_the_sparse_basis_spans_the_same_space(seed):
    rng = np.random.default_rng(seed)
    free = np.linalg.qr(rng.normal(size=(7, 3))).Q.T
    sparse = sparse_basis(free)
    # Every sparse row lies in the space, and none is lost.
    assert np.abs(sparse - sparse @ free.T @ free).max() < 1e-9
    assert np.linalg.matrix_rank(sparse) == 3
    assert (sparse == 0).sum() >= 6


def test_what_is_determined_gives_no_sentence():
    x = np.linspace(0, 5, 40)
    assert words(np.column_stack([np.ones(40), x]), [1, 2], "ab") == []
