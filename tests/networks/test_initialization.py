import numpy as np
import pytest

from surefit.data.checked import check_data
from surefit.exceptions import InvalidOption, InvalidType
from surefit.networks.dense import Dense
from surefit.networks.initialization import Glorot, He, LeCun, initial_values


def sample(seed=0, d=10, n=400):
    rng = np.random.default_rng(seed)
    return check_data(rng.normal(size=(n, d)), rng.normal(size=n))


def test_weights_have_the_deviation_of_the_scheme():
    data = sample()
    model = Dense(200, 150, activation="relu").resolve(data)
    values = initial_values(model, data, 3, np.random.default_rng(1))
    for scheme, layer in [(He(), 0), (He(), 1), (LeCun(), 2)]:
        weight, bias = model.layers(values)[layer]
        expected = scheme.deviation(weight.shape[-1], weight.shape[-2])
        error = expected / np.sqrt(2 * weight.size)
        assert abs(weight.std() - expected) < 4 * error
        assert np.all((bias == 0) == (layer == 2))
    assert He().deviation(50, 7) == pytest.approx(np.sqrt(2 / 50))
    assert LeCun().deviation(50, 7) == pytest.approx(np.sqrt(1 / 50))
    assert Glorot(gain=4.0).deviation(50, 14) == pytest.approx(4 * np.sqrt(2 / 64))


@pytest.mark.parametrize("activation", ["relu", "swish", "tanh", "logistic", "sine", "softplus"])
def test_signals_neither_vanish_nor_explode_in_ten_layers(activation):
    data = sample()
    model = Dense(*[64] * 10, activation=activation).resolve(data)
    values = initial_values(model, data, 20, np.random.default_rng(1))
    spread = [np.std(model.evaluate(one, data.x)) for one in values]
    assert 1e-3 < np.median(spread) < 1e3


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
@pytest.mark.parametrize("offset", [0.0, 1e6])
@pytest.mark.parametrize("activation", ["logistic", "relu"])
def test_first_networks_vary_over_the_data_whatever_their_scale(scale, offset, activation):
    x = np.linspace(0, 1, 200)
    data = check_data(scale * (x + offset), scale * (np.sin(6 * x) + offset))
    model = Dense(20, activation=activation).resolve(data)
    values = initial_values(model, data, 50, np.random.default_rng(1))
    assert values.shape == (50, model.parameters().size)
    assert values.dtype == np.float64
    for one in values:
        prediction = model.evaluate(one, data.x)
        assert 0.01 * data.y.std() < prediction.std() < 100 * data.y.std()
        assert np.abs(prediction.mean() - data.y.mean()) < 100 * data.y.std()
    hidden = model.layers(model.to_raw(values))[0]
    position = -hidden.bias / hidden.weight[..., 0]
    inside = (position > data.x.min() - 1e-6 * scale) & (position < data.x.max() + 1e-6 * scale)
    assert inside.all()


def test_same_generator_gives_the_same_networks_and_another_gives_others():
    data = sample()
    model = Dense(5, 5).resolve(data)
    first, again, other = (
        initial_values(model, data, 4, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.any(first[:, :5] == other[:, :5])
    assert len(np.unique(first[:, 0])) == 4


def test_a_scheme_can_be_chosen_and_a_plane_has_first_values_too():
    data = sample()
    model = Dense(100).resolve(data)
    values = initial_values(model, data, 5, np.random.default_rng(1), scheme=LeCun())
    assert model.layers(values)[0].weight.std() == pytest.approx(np.sqrt(0.1), rel=0.1)
    assert initial_values(Dense().resolve(data), data, 2, np.random.default_rng(1)).shape == (2, 11)


def test_wrong_use_is_explained():
    data = sample()
    model = Dense(2).resolve(data)
    with pytest.raises(InvalidOption, match="n is 0 but must be at least 1"):
        initial_values(model, data, 0, np.random.default_rng(1))
    with pytest.raises(InvalidType, match="rng is a int; pass a NumPy generator"):
        initial_values(model, data, 1, 3)
