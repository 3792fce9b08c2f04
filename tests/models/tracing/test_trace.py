import functools
import math
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.integrate
import scipy.special

from surefit.models.tracing.comparisons import recording
from surefit.models.tracing.not_traceable import NotTraceable
from surefit.models.tracing.trace import comparison_function, jax_function, traceable
from surefit.models.tracing.traced_array import TracedArray
from surefit.precision import double_precision
from tests.models.tracing.written_functions import CASES, X, ansatz, crystal_ball, voigt

# Compilation dominates these tests and speed of what is compiled does not matter.
QUICK = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}


def name_of(case):
    function = case[0]
    return getattr(function, "__name__", type(function).__name__)


def plain(function, x, values, packed):
    arguments = (values,) if packed else tuple(values)
    with np.errstate(all="ignore"):
        result = np.asarray(function(x.copy(), *arguments), float)
    return np.broadcast_to(result, x.shape[:1]) if result.ndim == 0 else result


@double_precision
def value_and_derivatives(function, x, values, packed, direction, weights):
    """Value, forward derivative along a direction, and reverse gradient of a weighted sum."""
    call = jax_function(function)

    def of_values(vector):
        return call(x, vector) if packed else call(x, *vector)

    def all_three(vector):
        value, slope = jax.jvp(of_values, (vector,), (direction,))
        return value, slope, jax.vjp(of_values, vector)[1](weights)[0]

    results = jax.jit(all_three, compiler_options=QUICK)(jnp.asarray(values))
    return [np.asarray(result) for result in results]


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_values_and_derivatives_agree_with_plain_numpy(case):
    function, x, values, packed = case
    if function is voigt and not hasattr(jax.scipy.special, "wofz"):
        pytest.skip("this JAX has no wofz: the fit falls back to numerical derivatives")
    values = np.array(values)
    direction = np.cos(1.0 + np.arange(len(values)))
    expected = plain(function, x, values, packed)
    weights = np.cos(np.arange(expected.size)).reshape(expected.shape)
    found, slope, gradient = value_and_derivatives(function, x, values, packed, direction, weights)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13 * np.abs(expected).max())
    step = 1e-6 * direction
    difference = plain(function, x, values + step, packed) - plain(
        function, x, values - step, packed
    )
    scale = np.abs(difference / 2e-6).max() + 1e-9
    np.testing.assert_allclose(slope, difference / 2e-6, rtol=0, atol=1e-6 * scale)
    assert gradient @ direction == pytest.approx(
        np.sum(weights * slope), rel=1e-9, abs=1e-12 * np.abs(weights * slope).sum()
    )


def gradient_of_sum(function, x, *values):
    call = jax_function(function)
    places = tuple(range(1, len(values) + 1))
    with jax.enable_x64(True):
        total = jax.grad(lambda *arguments: call(*arguments).sum(), argnums=places)
        compiled = jax.jit(total, compiler_options=QUICK)
        return [float(slope) for slope in compiled(x, *map(float, values))]


def test_a_branch_not_taken_never_makes_a_gradient_not_finite():
    def overflowing(t, a, t0, tau):
        return np.where(t > t0, a * np.exp(-((t - t0) / tau)), 0.0)

    t = np.array([-900.0, 0.5, 1.0])
    after = np.exp(-(t[1:] - 0.25))
    assert gradient_of_sum(overflowing, t, 2.0, 0.25, 1.0) == pytest.approx(
        [after.sum(), 2 * after.sum(), 2 * (after * (t[1:] - 0.25)).sum()]
    )

    def undefined(x, a, b):
        out = np.zeros_like(x)
        out[x > b] = a * np.log(x[x > b] - b) / (x[x > b] - b) ** 0.5
        return out

    assert np.isfinite(gradient_of_sum(undefined, np.array([0.0, 1.0, 2.0]), 1.5, 1.0)).all()


def test_a_logistic_far_past_overflow_has_value_and_gradient_zero():
    def logistic(x, a, b):
        return a / (1 + np.exp((x - b) / 1e-3))

    x = np.array([5.0, 50.0])
    with jax.enable_x64(True):
        np.testing.assert_allclose(jax_function(logistic)(x, 1.5, 0.2), 0.0, atol=1e-300)
    assert gradient_of_sum(logistic, x, 1.5, 0.2) == pytest.approx([0, 0], abs=1e-300)


def test_derivatives_at_kinks_are_finite():
    def kinks(x, a, b):
        return a * np.abs(x - b) + np.hypot(x - b, a - a) + np.linalg.norm((x - b, x - b), axis=0)

    assert gradient_of_sum(kinks, np.array([0.5]), 2.0, 0.5) == [0.0, 0.0]


def test_second_derivatives_pass_through_branches():
    call = jax_function(lambda x, a, b: np.where(x > b, a**3 * np.sqrt(x - b), a**2))
    with jax.enable_x64(True):
        hessian = jax.hessian(lambda v: call(np.array([0.0, 2.0]), v[0], v[1]).sum())
        found = jax.jit(hessian, compiler_options=QUICK)(jnp.array([1.5, 1.0]))
    expected = [[6 * 1.5 + 2, -3 * 1.5**2 / 2], [-3 * 1.5**2 / 2, -(1.5**3) / 4]]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_single_point_and_a_batch_of_parameters_can_be_mapped():
    call = jax_function(ansatz)
    values = np.array([[0.9, 0.41, 5.0, 0.3, -0.7, 0.2], [1.1, 0.3, 4.0, 0.1, 0.2, 0.3]])
    with jax.enable_x64(True):
        rows = jax.vmap(lambda v: call(X, *v))(jnp.asarray(values))
        points = jax.vmap(lambda point: call(point[None], *values[0])[0])(X)
    np.testing.assert_allclose(rows[1], ansatz(X, *values[1]), rtol=1e-13)
    np.testing.assert_allclose(points, ansatz(X, *values[0]), rtol=1e-13)


# Comparisons


def test_the_edges_of_the_ansatz_are_recorded_as_one_signed_function():
    values = (0.9, 0.41, 5.0, 0.3, -0.7, 0.2)
    compare = comparison_function(ansatz)
    with jax.enable_x64(True):
        (found,) = jax.jit(compare)(X, *values)
        slopes = jax.jacfwd(lambda a, b: compare(X, a, b, *values[2:])[0].margin, (0, 1))(0.9, 0.41)
    assert found.kind == "sign"
    np.testing.assert_allclose(found.margin, np.abs(X - 0.9) - 0.41, atol=1e-15)
    np.testing.assert_array_equal(found.side, np.abs(X - 0.9) < 0.41)
    np.testing.assert_allclose(slopes, [np.sign(0.9 - X), -np.ones_like(X)])


def sign_cases(x, a):
    np.heaviside(x - a, 0.5)
    np.sign(x - a)
    np.piecewise(x, [x > a], [1, 0])
    np.greater_equal(x, a)
    np.less(x, a)
    np.digitize(x, [a])
    np.copysign(1.0, x - a)


def whole_cases(x, a):
    np.floor(x / a)
    np.ceil(x / a)
    np.trunc(x / a)
    x // a
    x % a
    np.fmod(x, a)
    (x / a).astype(int)
    divmod(x, a)
    math.floor(x[0] / a) + 0 * x
    np.fix(x / a)
    np.round(x / a - 0.5)
    np.rint(x / a - 0.5)


def test_every_kind_of_jump_is_recorded():
    for function, kind in ((sign_cases, "sign"), (whole_cases, "integer")):
        with jax.enable_x64(True):
            found = comparison_function(lambda x, a, f=function: [f(x, a), x][1])(X, 0.37)
        assert [one.kind for one in found] == [kind] * (7 if kind == "sign" else 12)
        for one in found:
            edge = X - 0.37 if kind == "sign" else X / 0.37
            margin = np.asarray(one.margin).reshape(-1)
            expected = edge[: margin.size]
            assert np.allclose(margin, expected) or np.allclose(margin, -expected)


def test_an_integer_margin_has_one_side_between_whole_numbers():
    with jax.enable_x64(True):
        (found,) = comparison_function(lambda x, a: np.round(a * x))(X, 3.0)
    np.testing.assert_array_equal(found.side, np.round(3 * X))


def test_nothing_is_recorded_outside_a_recording():
    with recording() as first:
        np.less(TracedArray(jnp.ones(2)), 1.0)
    np.less(TracedArray(jnp.ones(2)), 1.0)
    assert len(first) == 1


# What cannot be traced


def branching(x, a, b):
    return a * x if a > b else b * x


def converting(x, a, b):
    return x * scipy.integrate.quad(lambda t: a * t, 0, 1)[0] + b


def counting(x, a, b):
    return sum(b * x**k for k in range(int(a) + 2))


def without_a_twin(x, a, b):
    return a * scipy.special.struve(1, b * x)


def order_fitted(x, a, b):
    return scipy.special.jv(a, b * x)


def nested_masks(x, a, b):
    return a * x[x > b][:2].sum() + x


def cached(x, a, b):
    return {a: x}[a] * b


def complex_result(x, a, b):
    return a * np.exp(1j * b * x)


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (
            branching,
            r"branches \(if, while, and, or\) .*, in line \d+ \(return a \* x if a > b",
        ),
        (converting, "NumPy array|plain number"),
        (counting, "makes a plain int of x or a parameter, in line"),
        (without_a_twin, "uses struve, which has no exact derivative here"),
        (order_fitted, "uses scipy.special.jv with an order that is not a plain number"),
        (nested_masks, r"uses x\[mask\] other than element by element"),
        (cached, r"as a key \(a dict, a set, or a cached function\)"),
        (complex_result, "complex numbers"),
    ],
)
def test_the_reason_for_not_tracing_is_said_in_words(function, reason):
    report = traceable(function, X, [(1.5, 0.5), (0.7, 1.2)])
    assert not report.ok
    assert re.search(reason, report.reason), report.reason
    assert report.reason.endswith(".")


def test_a_function_that_keeps_a_state_or_uses_chance_is_found_out():
    random = np.random.default_rng(1)
    report = traceable(lambda x, a: a * x + random.normal(size=len(x)), X, 1)
    assert "as if it used chance" in report.reason

    buffer = np.zeros(len(X))

    def writes_elsewhere(x, a):
        np.multiply(a, x, out=buffer)
        return buffer

    assert "differs from plain NumPy" in traceable(writes_elsewhere, X, 1).reason


def radial_velocity(t, period, e, speed, w, start, offset):
    mean = 2 * np.pi * ((t - start) / period % 1)
    at = mean + e * np.sin(mean)
    for _ in range(8):
        at = at - (at - e * np.sin(at) - mean) / (1 - e * np.cos(at))
    true = 2 * np.arctan2(np.sqrt(1 + e) * np.sin(at / 2), np.sqrt(1 - e) * np.cos(at / 2))
    return speed * (np.cos(true + w) + e * np.cos(w)) + offset


def test_rounding_that_the_function_magnifies_is_no_difference():
    t = np.linspace(0, 1000, 80)
    # A phase of 10⁶ periods: the last digits of t and of the period are seen in the tenth digit.
    short = (1.3e-3, -9e-4, 1.5e-3, 1.2e-3, -8e-4, 1.4e-3)
    assert traceable(radial_velocity, t, [short, (37.3, 0.45, 30.0, 1.1, 12.0, 3.0)]).ok

    def slightly_wrong(t, *values):
        seen = type(values[0]) is np.float64  # as plain NumPy only
        return radial_velocity(t, *values) * (1 + 1e-6 * seen)

    assert not traceable(slightly_wrong, t, [short, (37.3, 0.45, 30.0, 1.1, 12.0, 3.0)]).ok


def test_a_function_that_fails_as_plain_numpy_is_reported():
    report = traceable(lambda x, a: x[:, 3] * a, X, 1)
    assert report.reason.startswith("As plain NumPy: IndexError")


@pytest.mark.parametrize("case", [CASES[0], CASES[30], CASES[-1]], ids=name_of)
def test_traceable_functions_are_said_to_be(case):
    function, x, values, packed = case
    points = [values, 1.1 * np.array(values)]
    assert traceable(function, x, np.array(points), packed).ok


def test_traceable_tries_generic_values_until_the_function_is_finite():
    assert traceable(lambda x, a, b: np.log(-a - b) * x, X, 2).ok


def test_a_function_that_needs_all_points_is_compared_on_all():
    weights = np.linspace(0, 1, 200)
    assert traceable(lambda x, a: a * x * weights, np.linspace(0, 1, 200), 1).ok


def test_a_function_traced_again_compiles_nothing():
    calls = []

    def counted(x, a):
        calls.append(len(x))
        return a * x

    assert traceable(counted, np.linspace(0, 1, 100), 1).ok
    before = len(calls)
    assert traceable(counted, np.linspace(0, 1, 300), 1).ok
    assert len(calls) - before in (4, 5)  # plain at four points; `calls` itself is in the key


def test_functions_written_in_jax_are_taken_as_well():
    def in_jax(x, a, b):
        return jnp.where(x > b, a * jnp.exp(-x), x.at[0].set(b))

    with jax.enable_x64(True):
        found = jax_function(in_jax)(X, 1.5, 0.5)
        np.testing.assert_allclose(found, in_jax(jnp.asarray(X), 1.5, 0.5))


# The array itself


def test_slices_write_through_and_names_share_one_array():
    def writes(x, a):
        out = np.zeros((2, len(x)))
        row = out[0]
        row += a * x
        alias = out
        alias[1, 3:] = a
        out[1, :2] *= 0
        return out.sum(axis=0)

    with jax.enable_x64(True):
        np.testing.assert_allclose(jax_function(writes)(X, 1.5), writes(X, 1.5))


def test_numbers_are_not_changed_by_operators_in_place():
    def accumulate(x, a):
        total = a
        total += 1
        total *= 2
        return a * x + total

    with jax.enable_x64(True):
        np.testing.assert_allclose(jax_function(accumulate)(X, 1.5), accumulate(X, 1.5))


def test_the_original_function_and_its_module_are_left_alone():
    before = dict(globals())
    with jax.enable_x64(True):
        jax_function(crystal_ball)(X, 0.8, 2.5, 1.3, 1.2, 0.2)
    assert globals() == before
    assert crystal_ball.__globals__["np"] is np


def test_attributes_and_methods_are_those_of_numpy():
    plain_array = np.arange(6.0).reshape(2, 3)
    with jax.enable_x64(True):
        array = TracedArray(jnp.asarray(plain_array))
        for name in ("shape", "ndim", "size", "dtype"):
            assert getattr(array, name) == getattr(plain_array, name)
        for name in ("T", "real", "imag"):
            np.testing.assert_array_equal(getattr(array, name)._value, getattr(plain_array, name))
        for method in ("sum", "mean", "std", "var", "min", "max", "prod", "cumsum", "argmax"):
            np.testing.assert_allclose(
                getattr(array, method)(axis=1)._value, getattr(plain_array, method)(axis=1)
            )
        np.testing.assert_array_equal(
            array.reshape(3, -1).transpose()._value, array.reshape((3, 2)).T._value
        )
        assert len(array) == 2
        assert array.flatten().shape == array.ravel().shape == (6,)
        assert [row.shape for row in array] == [(3,), (3,)]
        assert array.copy() is not array
        assert "TracedArray" in f"{array}"


def test_a_constant_array_can_still_be_counted_and_tested():
    constant = TracedArray(np.array(3.0))
    assert int(constant) == 3
    assert bool(constant)
    assert range(5)[TracedArray(np.array(2))] == 2
    with pytest.raises(NotTraceable, match="branches"):
        bool(TracedArray(jnp.array(3.0)))
    with pytest.raises(NotTraceable, match="plain NumPy array"):
        np.asarray(TracedArray(jnp.ones(3)))


def test_partial_functions_and_methods_keep_their_arguments():
    add = functools.partial(lambda x, a, b: a * x + b, b=3.0)
    with jax.enable_x64(True):
        np.testing.assert_allclose(jax_function(add)(X, 2.0), 2 * X + 3)
