import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefit.bases.sigmoids import Sigmoids
from surefit.exceptions import InvalidModel, InvalidType, ShapeMismatch
from surefit.models.linear import Constant, Line
from surefit.networks.conversion import to_dense, to_sigmoids
from surefit.networks.dense import Dense


@given(
    shape=st.sampled_from(["logistic", "tanh", "relu", "gaussian", "swish"]),
    n=st.integers(1, 6),
    n_inputs=st.integers(1, 3),
    n_outputs=st.integers(1, 2),
    seed=st.integers(0, 10**6),
)
def test_conversion_both_ways_is_the_same_function(shape, n, n_inputs, n_outputs, seed):
    rng = np.random.default_rng(seed)
    dense = Dense(n, activation=shape).with_sizes(n_inputs, n_outputs)
    values = rng.normal(scale=3, size=dense.parameters().size)
    x = rng.normal(size=(30, n_inputs))
    hidden, output = dense.layers(values)
    signal = np.abs(dense.activation(x @ hidden.weight.T + hidden.bias))
    # Rounding enters in the argument of the units too, whose slope is at most of order one.
    inside = np.abs(x) @ np.abs(hidden.weight).T + np.abs(hidden.bias)
    terms = (signal + inside) @ np.abs(output.weight).T + np.abs(output.bias)
    expected = dense.evaluate(values, x)

    model, converted = to_sigmoids(dense, values)
    assert str(model) == str(Sigmoids(n, shape) + Constant())
    assert np.all(np.abs(model.evaluate(converted, x) - expected) < 1e-12 * terms)
    back, returned = to_dense(model, converted)
    assert back == dense
    assert np.all(np.abs(back.evaluate(returned, x) - expected) < 1e-12 * terms)
    np.testing.assert_allclose(returned, values, rtol=1e-14)


def test_the_lessons_sigmoids_become_a_network_within_the_sum_of_absolute_terms():
    rng = np.random.default_rng(0)
    x = np.linspace(0, 1, 1000)
    model = Sigmoids(5, n_inputs=1, n_outputs=1) + Constant()
    c, a, b = rng.normal(size=5), rng.uniform(size=5), rng.normal(scale=0.1, size=5)
    values = np.concatenate([c, a, b, [0.3]])
    dense, converted = to_dense(model, values)
    again, returned = to_sigmoids(dense, converted)
    expected = 0.3 + sum(c[j] / (1 + np.exp((x - a[j]) / b[j])) for j in range(5))
    terms = 0.3 + sum(abs(c[j] / (1 + np.exp((x - a[j]) / b[j]))) for j in range(5))
    for form, parameters in [(model, values), (dense, converted), (again, returned)]:
        assert np.all(np.abs(form.evaluate(parameters, x)[:, 0] - expected) < 1e-12 * terms)


def test_sigmoids_without_a_constant_and_with_it_in_front_convert_too():
    x = np.linspace(0, 1, 20)
    sigmoids = Sigmoids(2, n_inputs=1, n_outputs=1)
    values = np.array([1.0, 2.0, 0.3, 0.4, 0.1, -0.2])
    dense, converted = to_dense(sigmoids, values)
    np.testing.assert_allclose(dense.evaluate(converted, x), sigmoids.evaluate(values, x))
    in_front = Constant() + sigmoids
    dense, converted = to_dense(in_front, np.concatenate([[7.0], values]))
    np.testing.assert_allclose(dense.evaluate(converted, x), 7 + sigmoids.evaluate(values, x))


def test_hidden_unit_without_weight_and_width_zero_survive():
    x = np.array([-1e6, 0.0, 0.5, 1e6])
    dense = Dense(2).with_sizes(1, 1)
    values = np.array([0.0, 1.0, 0.7, 0.2, 3.0, 4.0, 0.5])
    model, converted = to_sigmoids(dense, values)
    np.testing.assert_allclose(model.evaluate(converted, x), dense.evaluate(values, x), rtol=1e-12)
    sigmoids = Sigmoids(1, n_inputs=1, n_outputs=1)
    steep = np.array([2.0, 0.5, 0.0])
    dense, converted = to_dense(sigmoids, steep)
    assert dense.evaluate(converted, x)[:, 0].tolist() == [2.0, 2.0, 1.0, 0.0]


def test_models_that_are_not_one_hidden_layer_are_refused():
    with pytest.raises(InvalidModel, match=r"Dense\(2, 2\) is not a sum of sigmoids"):
        to_sigmoids(Dense(2, 2).with_sizes(1, 1), np.zeros(13))
    with pytest.raises(InvalidModel, match="one hidden layer and a linear output"):
        to_sigmoids(Dense(2, output_activation="relu").with_sizes(1, 1), np.zeros(7))
    with pytest.raises(ShapeMismatch, match=r"values has shape \(6,\) but Dense\(2\) has 7"):
        to_sigmoids(Dense(2).with_sizes(1, 1), np.zeros(6))
    with pytest.raises(InvalidModel, match="has not met data yet"):
        to_sigmoids(Dense(2), np.zeros(7))
    with pytest.raises(InvalidModel, match=r"Line\(\) is not one hidden layer"):
        to_dense(Line(), np.zeros(2))
    sigmoids = Sigmoids(1, n_inputs=1, n_outputs=1)
    with pytest.raises(InvalidModel, match=r"Sigmoids\(1\) \+ Line\(\) is not one hidden layer"):
        to_dense(sigmoids + Line(), np.zeros(5))
    with pytest.raises(InvalidType, match="model is a str"):
        to_dense("sigmoids", np.zeros(5))
