"""Which parameters enter which comparison, and the margins of the comparisons."""

import numpy as np
import pytest

from surefit.models.tracing.decisions import decisions
from surefit.models.tracing.margins import margins

X = np.linspace(0, 1, 9)


def uses(function, n, packed=False):
    found = decisions(function, X, n, packed).comparisons
    return [(use.kind, use.parameters, use.depends_on_x) for use in found]


def test_each_comparison_lists_its_own_parameters():
    def ansatz(x, A, B, C, D):
        return np.where(abs(x - A) < B, np.sin(C * x), np.where(D > 0, 1.0, x)) + np.floor(C * x)

    assert uses(ansatz, 4) == [
        ("sign", (0, 1), True),
        ("sign", (3,), False),
        ("integer", (2,), True),
    ]


def test_entries_of_an_array_of_parameters_are_told_apart():
    def sums(x, p):
        a, b = p[:2]
        edges, heights = p[2:4], p[4:]
        steps = (heights[:, None] * (x[None] > edges[:, None])).sum(axis=0)
        return np.where(x < a, b, steps) + (x > p.reshape(3, 2)[0, 1])

    assert uses(sums, 6, packed=True) == [
        ("sign", (2, 3), True),
        ("sign", (0,), True),
        ("sign", (1,), True),
    ]


def test_only_operations_with_a_kink_or_a_jump_bend():
    def smooth(x, a, b, c):
        return np.exp(a * x) + np.maximum(x - b, 0) * c + np.cosh(a * x)

    assert decisions(smooth, X, 3).bending == {1}


def test_a_function_without_branches_decides_nothing():
    assert uses(lambda x, a: a * x, 1) == []


@pytest.mark.parametrize("packed", [False, True])
def test_margins_change_sign_where_a_point_changes_side(packed):
    def window(x, a, b):
        return np.where(abs(x - a) < b, 1.0, 0.0)

    function = (lambda x, p: window(x, p[0], p[1])) if packed else window
    vectors = np.array([[0.5, 0.2], [0.3, 0.1], [0.9, 0.5]])
    (margin,) = margins(function, X, vectors, packed)
    assert margin.shape == (3, 9)
    for row, vector in zip(margin, vectors, strict=True):
        np.testing.assert_array_equal(row < 0, window(X, *vector) == 1)
