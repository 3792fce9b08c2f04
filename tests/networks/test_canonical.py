import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surefit.bases.activations import ACTIVATIONS
from surefit.bases.sigmoids import Sigmoids
from surefit.bases.symmetry import canonical_order
from surefit.exceptions import InvalidModel, InvalidOption, ShapeMismatch
from surefit.models.linear import Constant, Line
from surefit.networks.canonical import canonical_layers
from surefit.networks.dense import Dense, flat
from surefit.networks.equivalence import equivalent
from surefit.networks.layers import Layer

NETWORKS = st.tuples(
    st.sampled_from(sorted(ACTIVATIONS)),
    st.lists(st.integers(1, 5), min_size=1, max_size=3),
    st.integers(1, 3),
    st.integers(1, 2),
    st.sampled_from(["linear", "relu", "logistic", "sine", "gaussian"]),
    st.integers(0, 10**6),
)


def disguise(layers, shape, rng):
    """The same network by one random symmetry of each hidden layer, written out on its own."""
    layers = [Layer(weight.copy(), bias.copy()) for weight, bias in layers]
    law = shape.symmetry
    for i in range(len(layers) - 1):
        (w, b), (out, c) = layers[i], layers[i + 1]
        for j in range(len(b)):
            if law.sign != 0 and rng.random() < 0.5:
                w[j], b[j] = -w[j], -b[j]
                out[:, j] *= law.sign  # s(z) = sign (s(−z) − constant)
                c -= law.constant * out[:, j]
            if law.degree is not None:
                factor = rng.uniform(0.1, 10)
                w[j], b[j] = w[j] * factor, b[j] * factor
                out[:, j] /= factor**law.degree
            if law.half_period is not None:
                times = rng.integers(-3, 4)
                b[j] += times * law.half_period
                out[:, j] *= (-1.0) ** times
        order = rng.permutation(len(b))
        layers[i], layers[i + 1] = Layer(w[order], b[order]), Layer(out[:, order], c)
    return layers


def build(network):
    activation, hidden, n_inputs, n_outputs, output, seed = network
    model = Dense(*hidden, activation=activation, output_activation=output)
    model = model.with_sizes(n_inputs, n_outputs)
    rng = np.random.default_rng(seed)
    return model, rng.normal(size=model.parameters().size), rng


def assert_same_function(model, values, other, rng):
    if model.activation == ACTIVATIONS["step"]:
        # A step in one layer may decide a unit of the next at exactly its edge: compare the
        # layers' arithmetic instead, by the canonical forms that the tests compare anyway.
        return
    x = rng.normal(size=(25, model.n_inputs))
    difference = np.abs(model.evaluate(values, x) - model.evaluate(other, x))
    rounding = np.maximum(absolute_terms(model, values, x), absolute_terms(model, other, x))
    assert np.all(difference < 2e-14 * rounding)


def absolute_terms(model, values, x):
    """The sum of absolute terms of all layers: what rounding errors are measured against.

    No activation has a slope above 1.1. A sign may turn a small s(z) into 1 − s(−z), hence the 1.
    """
    *hidden, output = model.layers(values)
    signal, terms = x, np.zeros_like(x)
    for weight, bias in hidden:
        terms = (np.abs(signal) + terms + 1) @ np.abs(weight).T + np.abs(bias)
        signal = model.activation(signal @ weight.T + bias)
    return (np.abs(signal) + terms + 1) @ np.abs(output.weight).T + np.abs(output.bias)


@settings(max_examples=200)
@given(network=NETWORKS)
def test_equivalent_networks_have_one_canonical_form_and_compare_equal(network):
    model, values, rng = build(network)
    other = flat(disguise(model.layers(values), model.activation, rng))
    canonical = model.canonical(values)
    assert_same_function(model, values, other, rng)
    assert_same_function(model, values, canonical, rng)
    np.testing.assert_allclose(model.canonical(other), canonical, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(model.canonical(canonical), canonical, rtol=1e-9, atol=1e-12)
    assert equivalent(model, values, other)
    assert equivalent(model, canonical, other)


@given(network=NETWORKS, place=st.integers(0, 10**6))
def test_networks_that_differ_in_one_parameter_are_not_equivalent(network, place):
    model, values, _ = build(network)
    if model.activation in (ACTIVATIONS["linear"], ACTIVATIONS["step"]):
        return  # some of their parameters have no effect at all
    place %= len(values)
    name = model.parameters().names[place]
    changed = values.copy()
    changed[place] = 1.001 * values[place] + 0.001
    # The scale of a homogeneous unit with one weight has no effect if the bias is changed alike,
    # which one changed parameter cannot do.
    assert not equivalent(model, values, changed), name


def test_first_layer_is_sorted_by_position_and_rises():
    model = Dense(3).with_sizes(1, 1)
    values = np.array([4.0, -2.0, 1.0, -2.0, 4.0, 0.0, 1.0, 10.0, 100.0, 5.0])
    #  positions −b/w:  0.5,  2.0, 0.0; the unit that falls is turned round
    expected = [1.0, 4.0, 2.0, 0.0, -2.0, -4.0, 100.0, 1.0, -10.0, 15.0]
    assert model.canonical(values).tolist() == expected


def test_rectifiers_have_weights_of_norm_one():
    model = Dense(4, 3, activation="leaky_relu").with_sizes(3, 2)
    values = np.random.default_rng(0).normal(size=model.parameters().size)
    hidden1, hidden2, _ = model.layers(model.canonical(values))
    np.testing.assert_allclose(np.linalg.norm(hidden1.weight, axis=1), 1, rtol=1e-15)
    np.testing.assert_allclose(np.linalg.norm(hidden2.weight, axis=1), 1, rtol=1e-15)


@pytest.mark.parametrize("activation", ["logistic", "relu", "tanh", "softplus"])
def test_units_that_say_or_hear_nothing_become_zero_and_last(activation):
    model = Dense(3, 2, activation=activation).with_sizes(2, 1)
    rng = np.random.default_rng(0)
    values = rng.normal(size=model.parameters().size)
    first, second, output = model.layers(values)
    first.weight[0] = 0  # hears nothing: a constant
    second.weight[:, 1] = 0  # says nothing
    canonical = model.canonical(values)
    assert_same_function(model, values, canonical, rng)
    one, two, _ = model.layers(canonical)
    assert one.weight[1:].tolist() == [[0, 0], [0, 0]]
    assert one.bias[1:].tolist() == [0, 0]
    assert two.weight[:, 1:].tolist() == [[0, 0], [0, 0]]

    output.weight[:] = 0  # now nothing has a say but the last bias
    expected = np.zeros(values.size)
    expected[-1] = values[-1]
    assert model.canonical(values).tolist() == expected.tolist()
    other = rng.normal(size=values.size)
    other[-3:] = [0, 0, values[-1]]
    assert equivalent(model, values, other)


def test_linear_network_is_one_matrix_whatever_its_factors():
    rng = np.random.default_rng(2)
    model = Dense(3, 4, activation="linear").with_sizes(5, 2)
    values = rng.normal(size=model.parameters().size)
    first, second, output = model.layers(values)
    mix = rng.normal(size=(3, 3))
    shift = rng.normal(size=3)
    middle = second.weight @ np.linalg.inv(mix)
    other = flat(
        [
            Layer(mix @ first.weight, mix @ first.bias + shift),
            Layer(middle, second.bias - middle @ shift),
            output,
        ]
    )
    canonical = model.canonical(values)
    assert_same_function(model, values, canonical, rng)
    np.testing.assert_allclose(model.canonical(other), canonical, rtol=1e-9, atol=1e-12)
    assert equivalent(model, values, other)
    assert not equivalent(model, values, other + 1e-3)


def test_near_ties_do_not_make_equivalent_networks_differ():
    model = Dense(3, activation="tanh").with_sizes(2, 1)
    weight = np.array([[1.0, 2.0], [1.0, -3.0], [-1.0, 4.0]])
    bias, outgoing = np.array([0.1, 0.2, 0.3]), np.array([[1.0, 2.0, 3.0]])
    values = flat([Layer(weight, bias), Layer(outgoing, np.zeros(1))])
    nudged = values * (1 + 1e-15 * np.array([1, -1] * 6 + [1]))
    np.testing.assert_allclose(model.canonical(nudged), model.canonical(values), rtol=1e-14)

    # At 1e-10 the first weight does decide the order, and differently: the pairing does not care.
    nudged = flat(
        [Layer(weight * [[1 + 2e-10, 1], [1, 1], [1, 1]], bias), *model.layers(values)[1:]]
    )
    other = flat(
        [Layer(weight * [[1 - 2e-10, 1], [1, 1], [1, 1]], bias), *model.layers(values)[1:]]
    )
    assert np.abs(model.canonical(nudged) - model.canonical(other)).max() > 1
    assert equivalent(model, nudged, other)


def test_equal_units_count_with_their_sum():
    model = Sigmoids(3, n_inputs=1, n_outputs=1) + Constant()
    one = np.array([1.0, 2.0, 3.0, 0.5, 0.5, 0.8, 0.1, 0.1, 0.2, 0.0])
    # 1/(1 + e^z) = 1 − 1/(1 + e^−z): the second unit turned round, with a constant
    other = np.array([5.0, 2.0, 3.0, 0.5, 0.5, 0.8, 0.1, -0.1, 0.2, -2.0])
    x = np.linspace(0, 1, 9)
    np.testing.assert_allclose(model.evaluate(one, x), model.evaluate(other, x), rtol=1e-13)
    assert equivalent(model, one, other)


def test_sigmoids_without_a_constant_may_not_turn_round():
    model = Sigmoids(1, n_inputs=1, n_outputs=1)
    assert not equivalent(model, np.array([1.0, 0.5, 0.1]), np.array([-1.0, 0.5, -0.1]))
    both = Sigmoids(2, n_inputs=1, n_outputs=1)
    one, other = np.array([1.0, -1, 0.5, 0.7, 0.1, 0.1]), np.array([-1.0, 1, 0.5, 0.7, -0.1, -0.1])
    assert equivalent(both, one, other)  # the two constants cancel


def test_scaled_inputs_do_not_hide_differences():
    model = Dense(2).with_sizes(2, 1)
    values = np.array([1e9, 1e-9, 2e9, 3e-9, 0.1, 0.2, 1.0, 2.0, 0.0])
    changed = values * [1, 1.01, 1, 1, 1, 1, 1, 1, 1]
    assert not equivalent(model, values, changed)
    assert equivalent(model, values, values[[2, 3, 0, 1, 5, 4, 7, 6, 8]])


def test_values_that_are_not_finite_stay_and_equal_nothing():
    model = Dense(2).with_sizes(1, 1)
    values = np.array([1, 2, np.nan, 4, 5, 6, 7.0])
    np.testing.assert_array_equal(model.canonical(values), values)
    assert not equivalent(model, values, values)


def test_order_is_decided_by_the_first_key_that_differs_by_more_than_rounding():
    keys = np.array([[1e6, 2.0, 0], [1e6 * (1 + 1e-15), 1.0, 0], [-1e-18, 5, 1], [1e-18, 5, 0]])
    assert canonical_order(keys).tolist() == [3, 2, 1, 0]
    assert canonical_order(np.zeros((0, 2))).tolist() == []


def test_canonical_layers_leave_their_argument_alone():
    model = Dense(3, activation="relu").with_sizes(1, 1)
    values = np.random.default_rng(0).normal(size=model.parameters().size)
    before = values.copy()
    canonical_layers(model.layers(values), model.activation, model.output_activation)
    equivalent(model, values, -values)
    np.testing.assert_array_equal(values, before)


def test_wrong_use_is_explained():
    model = Dense(2).with_sizes(1, 1)
    with pytest.raises(ShapeMismatch, match=r"values has shape \(3,\)"):
        equivalent(model, np.zeros(7), np.zeros(3))
    with pytest.raises(InvalidOption, match=r"tolerance is 0\.0; pass a small positive"):
        equivalent(model, np.zeros(7), np.zeros(7), tolerance=0.0)
    with pytest.raises(InvalidModel, match="is not one hidden layer"):
        equivalent(Line(), np.zeros(2), np.zeros(2))
