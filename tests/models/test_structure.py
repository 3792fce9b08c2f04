"""Structure found by calling a function: linear, step, idle, pointwise."""

import numpy as np
import pytest

from surefit.data.checked import check_data
from surefit.models.function import Function
from tests.lesson_sample import ansatz

X = np.random.default_rng(0).uniform(0.1, 2, 60)


def exponentials(x, a, b, c, d, e):
    return a * np.exp(-b * x) + c * np.exp(-d * x) + e


def michaelis(x, v, k):
    return v * x / (k + x)


def product(x, a, b, c):
    return a * b * x + c


def squares(x, a, b):
    return a**2 + b * x


def idle(x, a, b, c):
    return a + b * x + 0 * c


def edges(x, low, high, level, other):
    return np.where((x > low) & (x < high), level, other)


def kink(x, a, b, c, knot):
    return a + b * x + c * np.maximum(x - knot, 0)


def absolute(x, a, b):
    return np.abs(a) * x + b


CASES = [
    (exponentials, "a c e", "", ""),
    (michaelis, "v", "", ""),
    (squares, "b", "", ""),
    (idle, "a b", "", "c"),
    (edges, "level other", "low high", ""),
    (kink, "a b c", "", ""),
    (absolute, "b", "", ""),
    (ansatz, "D E F", "A B", ""),
]


@pytest.mark.parametrize(("function", "linear", "step", "unused"), CASES, ids=lambda c: str(c)[:20])
def test_roles_are_found(function, linear, step, unused):
    model = Function(function).resolve(check_data(X, X, 1.0))
    names = np.array(Function(function).argument_names)
    structure = model.structure
    assert set(names[list(structure.linear)]) == set(linear.split())
    assert set(names[list(structure.step)]) == set(step.split())
    assert set(names[list(structure.idle)]) == set(unused.split())
    assert structure.is_pointwise


def test_of_a_product_only_one_factor_counts_as_linear():
    structure = Function(product).resolve(check_data(X, X, 1.0)).structure
    a, b, c = structure.linear
    assert a + b == 1
    assert c


@pytest.mark.parametrize(
    "function",
    [
        lambda x, a, b: np.convolve(x, [a, b, a], mode="same"),
        lambda x, a: a * np.cumsum(x),
        lambda x, a: a * (x - x.mean()),
    ],
)
def test_a_function_that_mixes_points_is_not_pointwise(function):
    model = Function(function).resolve(check_data(X, X, 1.0))
    assert not model.is_pointwise
