import numpy as np
import pytest

from surefit.data.checked import check_data
from surefit.networks.dense import Dense
from surefit.networks.grafting import MOST_REPLACED, regrafted
from surefit.networks.initialization import regressed_values


def sample(offset=0.0):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 3)) + offset
    return check_data(x, np.abs(x[:, :2]) + offset)


@pytest.mark.parametrize("make", [lambda model: model, lambda model: model.direct()])
def test_a_few_units_are_replaced_and_the_others_stay(make):
    data = sample(offset=100.0)
    model = make(Dense(6, 5, activation="relu")).resolve(data)
    rng = np.random.default_rng(1)
    values = regressed_values(model, data, 2, rng)
    new = regrafted(model, data, values, 8, rng)
    assert new.shape == (8, model.parameters().size)
    for i, one in enumerate(new):
        first, second = model.layers(one), model.layers(values[i % 2])
        replaced = sum(
            int(np.sum(~np.isclose(a.bias, b.bias, rtol=1e-6)))
            for a, b in zip(first[:-1], second[:-1], strict=True)
        )
        assert 1 <= replaced <= MOST_REPLACED
        assert np.isfinite(model.evaluate(one, data.x)).all()


@pytest.mark.parametrize("output_activation", [None, "relu"])
def test_the_output_of_first_networks_is_a_regression(output_activation):
    data = sample()
    model = Dense(20, 20, activation="relu", output_activation=output_activation).resolve(data)
    rng = np.random.default_rng(1)
    for one in regressed_values(model, data, 5, rng):
        residuals = data.y - model.evaluate(one, data.x)
        assert residuals.std() < 0.6 * data.y.std()


def test_other_outputs_begin_with_random_weights():
    data = sample()
    model = Dense(4, output_activation="logistic").resolve(data)
    values = regressed_values(model, data, 3, np.random.default_rng(1))
    assert np.isfinite(values).all()
    assert np.all(model.layers(values)[-1].bias == 0)
