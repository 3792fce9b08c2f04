import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from jax.test_util import check_grads

from surefit.bases.activations import (
    ACTIVATIONS,
    Gaussian,
    LeakyRelu,
    Logistic,
    Relu,
    Step,
    Swish,
    activation_text,
    as_activation,
)
from surefit.exceptions import InvalidOption, InvalidType

EXTREMES = np.array(
    [
        -np.inf,
        -1e308,
        -1e155,
        -1e4,
        -800,
        -40,
        -1,
        -1e-300,
        0,
        1e-300,
        1,
        40,
        800,
        1e4,
        1e308,
        np.inf,
    ]
)
NAMES = sorted(ACTIVATIONS)
REFERENCES = {
    "logistic": scipy.special.expit,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.maximum(z, 0.01 * z),
    "swish": lambda z: z * scipy.special.expit(z),
    "softplus": lambda z: -scipy.special.log_expit(-z),
    "sine": np.sin,
    "step": lambda z: np.heaviside(z, 0.5),
    "linear": lambda z: z,
    "gaussian": lambda z: math.sqrt(2 * math.pi) * scipy.stats.norm.pdf(z),
}


@pytest.mark.parametrize("name", NAMES)
def test_activation_agrees_with_an_independent_reference(name):
    z = np.linspace(-30, 30, 2001)
    np.testing.assert_allclose(ACTIVATIONS[name](z), REFERENCES[name](z), rtol=1e-13, atol=1e-300)


@pytest.mark.parametrize("name", NAMES)
def test_activation_never_overflows_or_warns_and_keeps_nan(name):
    with np.errstate(all="warn", under="ignore"):
        values = ACTIVATIONS[name](EXTREMES)
    is_finite_argument = np.isfinite(EXTREMES)
    assert np.isfinite(values[is_finite_argument]).all()
    if name != "sine":
        assert not np.isnan(values).any()
    assert np.isnan(ACTIVATIONS[name](np.array([np.nan]))).all()


@pytest.mark.parametrize("name", NAMES)
def test_numpy_and_jax_agree_and_keep_their_precision(name):
    z = EXTREMES[np.isfinite(EXTREMES)]
    with jax.enable_x64(True):
        traced = jax.jit(ACTIVATIONS[name])(jnp.asarray(z))
        assert traced.dtype == np.float64
        np.testing.assert_allclose(np.asarray(traced), ACTIVATIONS[name](z), rtol=1e-15)
    assert ACTIVATIONS[name](np.ones(2, np.float32)).dtype == np.float32
    assert ACTIVATIONS[name](jnp.ones(2, jnp.float32)).dtype == np.float32


@pytest.mark.parametrize("name", NAMES)
def test_derivatives_in_jax_are_right(name):
    with jax.enable_x64(True):
        function = jax.jit(ACTIVATIONS[name])
        check_grads(function, (jnp.linspace(-5.03, 5.0, 40),), order=2, modes=["fwd"], atol=1e-6)
        check_grads(function, (jnp.linspace(-5.03, 5.0, 40),), order=1, modes=["rev"])


@pytest.mark.parametrize(
    ("name", "slopes"),
    [
        ("logistic", (0, 0.25, 0)),
        ("tanh", (0, 1, 0)),
        ("relu", (0, 0, 1)),
        ("leaky_relu", (0.01, 0.01, 1)),
        ("swish", (0, 0.5, 1)),
        ("softplus", (0, 0.5, 1)),
        ("step", (0, 0, 0)),
        ("linear", (1, 1, 1)),
        ("gaussian", (0, 0, 0)),
    ],
)
def test_derivative_at_zero_and_far_away(name, slopes):
    with jax.enable_x64(True):
        for far in (1e3, 1e155, 1e300):
            gradient = jax.vmap(jax.grad(ACTIVATIONS[name]))(jnp.array([-far, 0.0, far]))
            np.testing.assert_allclose(gradient, slopes, atol=1e-300)


@given(
    name=st.sampled_from(NAMES),
    z=st.floats(-20, 20),
    factor=st.floats(1e-3, 1e3),
)
def test_declared_symmetries_hold(name, z, factor):
    shape = ACTIVATIONS[name]
    law = shape.symmetry
    z = np.array([z])
    if law.sign != 0:
        np.testing.assert_allclose(shape(-z), law.sign * shape(z) + law.constant, atol=1e-15)
    if law.degree is not None:
        np.testing.assert_allclose(shape(factor * z), factor**law.degree * shape(z), rtol=1e-14)
    if law.half_period is not None:
        np.testing.assert_allclose(shape(z + law.half_period), -shape(z), atol=1e-14)


@pytest.mark.parametrize("name", NAMES)
def test_no_symmetry_is_left_undeclared(name):
    shape, z = ACTIVATIONS[name], np.array([0.3, -1.1, 2.7])
    law = shape.symmetry
    for sign in (1, -1):
        remainder = shape(-z) - sign * shape(z)
        assert (np.ptp(remainder) < 1e-12) == (law.sign == sign)
    doubled = shape(2 * z)
    is_homogeneous = any(np.allclose(doubled, 2**k * shape(z), rtol=1e-12) for k in (-1, 0, 1, 2))
    assert is_homogeneous == (law.degree is not None)


def test_names_stand_for_shapes_and_shapes_for_themselves():
    assert as_activation("relu") == Relu()
    assert as_activation(LeakyRelu(slope=0.2)) == LeakyRelu(slope=0.2)
    assert {activation_text(shape) for shape in ACTIVATIONS.values()} == {
        f'"{name}"' for name in ACTIVATIONS
    }
    shapes = [Logistic(), Relu(), Step(), Swish(), Gaussian(), LeakyRelu(), LeakyRelu(slope=0.3)]
    assert len(set(shapes)) == len(shapes)


def test_unknown_activation_is_refused_with_a_suggestion():
    with pytest.raises(InvalidOption, match=r'activation is "logistics".*Did you mean "logistic"'):
        as_activation("logistics")
    with pytest.raises(InvalidOption, match=r'shape is "Tanh".*Did you mean "tanh"'):
        as_activation("Tanh", "shape")
    with pytest.raises(InvalidOption, match="The names are logistic, tanh"):
        as_activation("zzz")
    with pytest.raises(InvalidType, match="activation is 3; pass one of the names"):
        as_activation(3)
    with pytest.raises(InvalidOption, match="slope of LeakyRelu is -1"):
        LeakyRelu(slope=-1)
    with pytest.raises(InvalidOption, match="slope of LeakyRelu is nan"):
        LeakyRelu(slope=math.nan)
