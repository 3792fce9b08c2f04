"""Sums over points and derivatives by single numbers agree with plain matrices."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import surefit as sf
from surefit.data.checked import check_data
from surefit.data.reading import AtPoints
from surefit.losses.least_squares import LeastSquares
from surefit.losses.poisson import Poisson
from surefit.losses.robust import Huber
from surefit.models.function import as_model
from surefit.precision import double_precision
from surefit.problem import derivatives
from surefit.problem.derivatives import Block

N = 24
X = np.linspace(0.1, 4.0, N)
Y = np.random.default_rng(3).poisson(9.0, N).astype(float)
WEIGHT = np.random.default_rng(4).uniform(0.2, 2.0, N)


def decay(x, height, lifetime, level):
    return height * np.exp(-x / lifetime) + level


def packed(x, parameters):
    return parameters[0] * np.exp(-x / parameters[1]) + parameters[2]


VALUES = np.array([12.0, 1.7, 2.5])
MODELS = {
    "function": (decay, VALUES),
    "function and line": (sf.Function(decay) + sf.Line(), np.append(VALUES, [0.3, -0.2])),
}


def parts(model):
    data = check_data(X, Y, None)
    block = Block(X, Y[:, None], WEIGHT[:, None])
    return as_model(model).resolve(data), block


def by_matrices(model, loss, values, block):
    """Value, gradient and curvature from the definition, the derivatives by forward mode."""
    predict = lambda values: model.evaluate(values, jnp.asarray(block.x))  # noqa: E731
    prediction, jacobian = predict(jnp.asarray(values)), jax.jacfwd(predict)(values)[:, 0]
    at = prediction, block.y, block.weight
    slope, curvature = loss.slope(*at)[:, 0], loss.curvature(*at)[:, 0]
    return (
        jnp.sum(loss.pointwise(*at)),
        jacobian.T @ slope,
        (jacobian * curvature[:, None]).T @ jacobian,
    )


@pytest.mark.parametrize("loss", [LeastSquares(), Huber(1.3), Poisson()], ids=str)
@pytest.mark.parametrize("name", MODELS)
@double_precision
def test_sums_in_one_pass_are_those_of_matrices(name, loss):
    source, values = MODELS[name]
    model, block = parts(source)
    assert model.takes_numbers
    found = derivatives.reduce(model, loss, AtPoints(), jnp.asarray(values), block)
    for sums, expected in zip(found, by_matrices(model, loss, values, block), strict=True):
        np.testing.assert_allclose(sums, expected, rtol=1e-12)


@pytest.mark.parametrize("name", MODELS)
@double_precision
def test_derivatives_by_numbers_are_those_of_forward_mode(name):
    source, values = MODELS[name]
    model, block = parts(source)
    prediction, jacobian = derivatives.predict_with_jacobian(model, jnp.asarray(values), block)
    expected = jax.jacfwd(lambda values: model.evaluate(values, jnp.asarray(X)))(values)
    np.testing.assert_allclose(prediction, model.evaluate(values, X), rtol=1e-13)
    np.testing.assert_allclose(jacobian, expected, rtol=1e-12, atol=1e-14)


@double_precision
def test_a_function_of_one_array_is_given_one():
    model, block = parts(sf.Function(packed, 3))
    assert not model.takes_numbers
    found = derivatives.reduce(model, LeastSquares(), AtPoints(), jnp.asarray(VALUES), block)
    same, _ = parts(decay)
    expected = derivatives.reduce(same, LeastSquares(), AtPoints(), jnp.asarray(VALUES), block)
    for sums, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(sums, other, rtol=1e-12)
