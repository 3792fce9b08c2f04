"""Coordinates under ties and order: the map, its inverse, and its derivatives."""

import itertools

import jax
import numpy as np
import pytest

from surefit.models.parameters import Parameter, Parameters
from surefit.precision import double_precision
from surefit.problem.constraints import check_constraints
from surefit.problem.linearity import degree

PARAMETERS = Parameters(tuple(Parameter(name) for name in "abcde"))
LIMITS = [(None, None), (-1, None), (None, 2), (-1, 2)]


def known(**said):
    return check_constraints(PARAMETERS, **said).coordinates


CASES = [
    {"order": ("a", "b", "c"), "bounds": dict(zip("abc", limits, strict=True))}
    for limits in list(itertools.product(LIMITS, repeat=3))[::5]
] + [
    {"order": ("a", "c", "e"), "fixed": {"c": 0.5}},
    {"order": [("e", "a"), ("b", "c")], "ties": {"d": "a*b"}},
    {"ties": {"a": "sin(b)*c", "b": "2*d + 1", "e": lambda d: d**2}},
    {"ties": {"a": "where(b > 0, b, 2*b)"}, "fixed": {"e": 3}},
]


@pytest.mark.parametrize("said", CASES)
@double_precision
def test_the_map_keeps_limits_and_order_and_its_derivatives_and_inverse_are_right(said, rng):
    coordinates = known(**said)
    lower, upper = coordinates.bounds
    wide = rng.normal(0, 2, (20, len(lower)))
    points = np.clip(wide, lower, upper)
    full = coordinates.expand(points)
    assert np.all(full >= coordinates.lower - 1e-12)
    assert np.all(full <= coordinates.upper + 1e-12)
    order = said.get("order", ())
    for names in [order] if order and isinstance(order[0], str) else order:
        index = ["abcde".index(name) for name in names]
        assert np.all(np.diff(full[:, index], axis=1) >= -1e-12)
    np.testing.assert_allclose(coordinates.expand(coordinates.of(full)), full, atol=1e-12)
    np.testing.assert_allclose(
        np.stack([coordinates.on_device(point) for point in points]), full, atol=1e-12
    )
    inside = points[np.all((points != lower) & (points != upper), axis=1)]
    if len(inside):
        expected = jax.vmap(jax.jacfwd(coordinates.on_device))(inside)
        np.testing.assert_allclose(coordinates.jacobian(inside), expected, atol=1e-12)


def test_starts_out_of_order_or_limits_are_moved_to_the_nearest_that_is_allowed():
    coordinates = known(order=("a", "b", "c"), bounds={"b": (0, None)})
    full = np.array([[3.0, 1.0, -2.0, 7.0, 8.0]])
    moved = coordinates.expand(coordinates.of(full))[0]
    assert moved[1] == 1.0
    assert np.all(np.diff(moved[:3]) >= 0)
    np.testing.assert_array_equal(moved[3:], [7.0, 8.0])


def test_linear_coordinates_are_those_whose_ties_stay_linear():
    linear = np.array([True, True, True, False, False])
    assert known(ties={"c": "2*a - b/3 + 1"}).linear(linear).tolist() == [True, True, False, False]
    assert known(ties={"c": "a*d"}).linear(linear).tolist() == [True, True, False, False]
    assert known(ties={"c": "a*b"}).linear(linear).tolist() == [False, False, False, False]
    assert known(ties={"d": "a"}).linear(linear).tolist() == [False, True, True, False]
    assert known(ties={"d": "exp(e)"}).linear(linear).tolist() == [True, True, True, False]
    by_function = known(ties={"c": lambda a, d: a * d if d > 0 else a})
    assert by_function.linear(linear).tolist() == [False, True, False, False]
    assert known(order=("a", "b")).linear(linear).tolist() == [False, False, True, False, False]


@double_precision
def test_degrees_are_never_too_low():
    import jax.numpy as jnp

    cases = [
        (lambda a, b: a - b / 3 + 1, 1),
        (lambda a, b: a / b, 2),
        (lambda a, b: jnp.where(True, a, b), 1),
        (lambda a, b: jnp.where(a > 0, a, b), 2),
        (lambda a, b: jnp.maximum(a, b), 2),
        (lambda a, b: jax.jit(lambda c: 2 * c)(a) + jnp.sin(1.0), 1),
        (lambda a, b: 0 * jnp.sin(1.0) + 3, 0),
        (lambda a, b: jnp.stack([a, b]).sum(), 1),
        (lambda a, b: a**1.5, 2),
    ]
    for function, expected in cases:
        assert degree(function, (True, True)) == expected
