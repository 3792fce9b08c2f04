import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads
from sklearn.neural_network import MLPRegressor

from surefit.bases.activations import LeakyRelu, Relu, Tanh
from surefit.data.checked import check_data
from surefit.exceptions import ConstantInput, InvalidModel, InvalidOption, InvalidType
from surefit.models.adaptive import adaptive_form
from surefit.models.linear import Constant, Line
from surefit.networks.dense import Dense
from surefit.networks.layers import flat


def draw(model, seed=0):
    return np.random.default_rng(seed).normal(size=model.parameters().size)


def test_network_of_the_lesson_has_195_parameters_and_agrees_with_ten_lines_of_numpy():
    rng = np.random.default_rng(3)
    model = Dense(7, 9, activation="relu", output_activation="relu").with_sizes(8, 6)
    values, x = draw(model), rng.normal(size=(500, 8))
    assert model.parameters().size == 195

    w1, b1 = values[:56].reshape(7, 8), values[56:63]
    w2, b2 = values[63:126].reshape(9, 7), values[126:135]
    w3, b3 = values[135:189].reshape(6, 9), values[189:]
    expected, terms = np.zeros((500, 6)), np.zeros((500, 6))
    for i in range(500):
        h1 = np.maximum(0, [sum(w1[j] * x[i]) + b1[j] for j in range(7)])
        h2 = np.maximum(0, [sum(w2[j] * h1) + b2[j] for j in range(9)])
        expected[i] = np.maximum(0, [sum(w3[j] * h2) + b3[j] for j in range(6)])
        a1 = abs(w1) @ abs(x[i]) + abs(b1)
        terms[i] = abs(w3) @ (abs(w2) @ a1 + abs(b2)) + abs(b3)

    assert np.mean(expected > 0) > 0.2
    assert np.all(np.abs(model.evaluate(values, x) - expected) < 1e-13 * terms)
    with jax.enable_x64(True):
        traced = np.asarray(jax.jit(model.evaluate)(values, x))
    assert np.all(np.abs(traced - expected) < 1e-13 * terms)


@pytest.mark.parametrize("activation", ["logistic", "tanh", "relu"])
def test_prediction_agrees_with_scikit_learn(activation):
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(60, 3)), rng.normal(size=(60, 2))
    other = MLPRegressor(
        hidden_layer_sizes=(6, 4), activation=activation, max_iter=1, random_state=1, solver="sgd"
    )
    other.partial_fit(x, y)
    model = Dense(6, 4, activation=activation).with_sizes(3, 2)
    names = ["hidden1", "hidden2", "output"]
    arrays = {f"{name}.weight": w.T for name, w in zip(names, other.coefs_, strict=True)}
    arrays |= {f"{name}.bias": b for name, b in zip(names, other.intercepts_, strict=True)}
    values = model.parameters().join(arrays)
    np.testing.assert_allclose(model.evaluate(values, x), other.predict(x), rtol=1e-12, atol=1e-13)


def test_parameters_are_named_by_layer_and_the_output_is_linear():
    one = Dense(5).resolve(check_data([1, 2, 3], [1, 2, 3])).parameters()
    assert [item.path for item in one.items] == [
        "hidden.weight",
        "hidden.bias",
        "output.weight",
        "output.bias",
    ]
    assert [item.shape for item in one.items] == [(5, 1), (5,), (1, 5), (1,)]
    assert one.linear.tolist() == [False] * 10 + [True] * 6
    two = Dense(2, 3).with_sizes(4, 2).parameters()
    assert "hidden1.weight[0,3]" in two.names
    assert "hidden2.bias[2]" in two.names
    assert two.linear.sum() == 8
    assert not Dense(2, output_activation="logistic").with_sizes(1, 1).parameters().linear.any()


def test_parameters_marked_linear_are_jointly_linear():
    model = Dense(4, 3, activation="tanh").with_sizes(2, 2)
    x, values = np.random.default_rng(1).normal(size=(9, 2)), draw(model)
    step = np.where(model.parameters().linear, draw(model, 7), 0)
    start, once, twice = (model.evaluate(values + k * step, x) for k in range(3))
    np.testing.assert_allclose(twice - once, once - start, atol=1e-13)


def test_network_without_hidden_layer_is_a_plane():
    model = Dense().with_sizes(2, 1)
    x = np.random.default_rng(1).normal(size=(9, 2))
    expected = x @ [2.0, 3.0] + 4.0
    np.testing.assert_allclose(
        model.evaluate(np.array([2.0, 3.0, 4.0]), x)[:, 0], expected, rtol=1e-14
    )
    assert model.parameters().linear.all()
    assert model.canonical(np.array([2.0, 3.0, 4.0])).tolist() == [2.0, 3.0, 4.0]


@pytest.mark.parametrize("activation", ["logistic", "relu", "swish", "sine"])
def test_huge_parameters_never_warn(activation):
    model = Dense(3, 3, activation=activation).with_sizes(1, 1)
    with np.errstate(all="warn", under="ignore"):
        model.evaluate(1e200 * draw(model), np.array([-1e200, 0.0, 1e200]))


@pytest.mark.parametrize("activation", ["logistic", "tanh", "swish", "softplus", "sine"])
def test_derivatives_are_right(activation):
    model = Dense(3, 2, activation=activation).with_sizes(2, 2)
    x = np.random.default_rng(1).normal(size=(5, 2))
    with jax.enable_x64(True):
        function = jax.jit(lambda values: model.evaluate(values, x))
        check_grads(function, (jnp.asarray(draw(model)),), order=1, rtol=1e-6)


def test_a_batch_of_networks_is_cut_and_joined_unchanged():
    model = Dense(3, 2).with_sizes(2, 2)
    batch = np.random.default_rng(1).normal(size=(4, 5, model.parameters().size))
    np.testing.assert_array_equal(flat(model.layers(batch)), batch)


def test_one_hidden_layer_is_a_sum_of_units_and_others_are_not():
    x = np.random.default_rng(1).normal(size=(9, 2))
    data = check_data(x, x)
    model = Dense(3, activation="tanh").resolve(data)
    values, units = draw(model), model.units()
    parts = model.to_units(values)
    argument = x @ parts.weight.T + parts.bias
    total = units.shape(argument) @ parts.coefficient + units.extra.evaluate(parts.extra, x)
    np.testing.assert_allclose(total, model.evaluate(values, x), rtol=1e-13)
    np.testing.assert_allclose(model.from_units(parts), values, rtol=1e-13, atol=1e-15)
    assert units.extra == Constant(n_outputs=2)
    assert adaptive_form(model) is model
    for other in (Dense(), Dense(3, 3), Dense(3, output_activation="relu")):
        assert adaptive_form(other.resolve(data)) is None


def test_a_network_and_a_line_are_adaptive_together():
    x = np.linspace(0, 1, 9)
    model = (Line().direct() + Dense(2)).resolve(check_data(x, x))
    form, values = adaptive_form(model), draw(model)
    parts = form.to_units(values)
    assert parts.extra.size == 3
    np.testing.assert_allclose(form.from_units(parts), values, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(
        model.evaluate(form.canonical(values), x), model.evaluate(values, x), rtol=1e-12
    )


def test_descriptions_are_values_and_print_as_typed():
    assert Dense(5) == Dense(5, activation="logistic", output_activation="linear")
    assert hash(Dense(5)) == hash(Dense(5))
    assert Dense(5) != Dense(5, activation=Tanh())
    assert str(Dense()) == "Dense()"
    assert str(Dense(5)) == "Dense(5)"
    assert str(Dense(32, 32, activation=Relu())) == 'Dense(32, 32, activation="relu")'
    assert str(Dense(4, output_activation="relu")) == 'Dense(4, output_activation="relu")'
    text = str(Dense(4, activation=LeakyRelu(slope=0.2)))
    assert text == "Dense(4, activation=LeakyRelu(slope=0.2))"
    assert Dense(4).label == "dense"


def test_wrong_use_is_explained():
    with pytest.raises(InvalidOption, match="hidden is 0 but must be at least 1"):
        Dense(5, 0)
    with pytest.raises(InvalidType, match="hidden must be a whole number, not '5'"):
        Dense("5")
    with pytest.raises(InvalidOption, match=r'activation is "rleu".*Did you mean "relu"'):
        Dense(5, activation="rleu")
    with pytest.raises(InvalidOption, match='output_activation is "softmax", which is not known'):
        Dense(5, output_activation="softmax")
    with pytest.raises(InvalidModel, match=r"Dense\(5\) has not met data yet"):
        Dense(5).parameters()
    with pytest.raises(ConstantInput, match="Every x is"):
        Dense(5).resolve(check_data([[1, 2], [1, 2]], [1, 2]))


@pytest.mark.parametrize("activation", ["logistic", "tanh", "relu", "sine", "linear", "step"])
@pytest.mark.parametrize("hidden", [(), (4,), (3, 3)])
@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_reported_parameters_of_a_canonical_network_are_canonical(activation, hidden, offset):
    rng = np.random.default_rng(4)
    x = 1e3 * (rng.normal(size=(50, 3)) + offset) * [1.0, 1e-9, 1e6]
    data = check_data(x, 1e-4 * (rng.normal(size=(50, 2)) + offset) * [1.0, 7.0])
    model = Dense(*hidden, activation=activation).resolve(data)
    values = draw(model)
    best = model.canonical(values)
    step = np.abs(model.evaluate(values, x) - model.evaluate(best, x))
    assert np.all(step <= 1e-9 * (1 + offset) * np.abs(data.y).max(axis=0))
    raw = model.to_raw(best)
    expected = model.direct().canonical(raw)
    size = np.abs(raw) + np.abs(model.direct().canonical(model.to_raw(values)))
    assert np.all(np.abs(raw - expected) <= 1e-9 * (1 + offset) * size)


def test_a_resolved_network_works_in_standardized_and_reports_raw_parameters():
    x = np.linspace(1e6, 1e6 + 1e-3, 50)
    model = Dense(5).resolve(check_data(x, 1e9 + 1e-3 * np.sin(6e3 * x)))
    values = draw(model)
    assert model.parameters() == model.direct().parameters() == model.conversion().parameters
    assert np.ptp(model.evaluate(values, x)) < 1.0
    assert str(model) == str(model.direct()) == "Dense(5)"
    assert model.direct().conversion() is None
    assert 11 < model.conversion().digits_lost < 13
