import numpy as np
import pytest

from surefit.data.checked import check_data
from surefit.networks.dense import Dense
from surefit.networks.gauge import gauge


def resolved(activation):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 2)) * [1.0, 1e6] + [1e3, 0.0]
    model = Dense(3, 4, activation=activation).resolve(check_data(x, x))
    return model, rng.normal(size=model.parameters().size), x


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "linear"])
def test_the_function_is_the_same_along_each_free_direction(activation):
    model, values, x = resolved(activation)
    free, held = gauge(model, values)
    assert len(free) == len(held) == 7
    size = np.abs(model.evaluate(values, x)).max()
    for direction in free:
        step = model.evaluate(values + 1e-4 * direction, x) - model.evaluate(values, x)
        assert np.abs(step).max() < 1e-7 * size


def test_what_is_held_is_the_norm_of_the_weights_in_units_of_the_data():
    model, values, _ = resolved("relu")
    _, held = gauge(model, values)

    def norms(values):
        return np.linalg.norm(model.layers(model.to_raw(values))[0].weight, axis=1)

    step = 1e-6
    for unit in range(3):
        for i in range(len(values)):
            moved = values.copy()
            moved[i] += step
            change = (norms(moved)[unit] ** 2 - norms(values)[unit] ** 2) / (2 * step)
            assert change == pytest.approx(held[unit, i], rel=1e-3, abs=1e-5)


def test_smooth_units_and_silent_ones_have_no_free_scale():
    model, values, _ = resolved("tanh")
    assert gauge(model, values)[0].shape == (0, len(values))
    model, values, _ = resolved("relu")
    assert len(gauge(model, np.zeros_like(values))[0]) == 0
