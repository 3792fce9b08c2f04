import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefit.data.checked import check_data
from surefit.exceptions import InvalidOption
from surefit.networks.dense import Dense
from surefit.networks.standardization import (
    Standardization,
    standardization,
    to_raw,
    to_standardized,
)


@given(
    hidden=st.lists(st.integers(1, 4), max_size=3),
    x_scale=st.sampled_from([1e-9, 1.0, 1e9]),
    y_scale=st.sampled_from([1e-9, 1.0, 1e9]),
    offset=st.floats(-5, 5),
    seed=st.integers(0, 10**6),
)
def test_maps_between_standardized_and_raw_networks_are_exact(
    hidden, x_scale, y_scale, offset, seed
):
    rng = np.random.default_rng(seed)
    z, t = rng.normal(size=(30, 2)), rng.normal(size=(30, 2))
    data = check_data(x_scale * (z + offset), y_scale * (t - offset))
    model = Dense(*hidden, activation="tanh").resolve(data)
    scaling = standardization(model, data)
    batch = rng.normal(size=(3, model.parameters().size))
    raw = to_raw(model, batch, scaling)
    standard_x = (data.x - scaling.x_mean) / scaling.x_scale
    for one, standard in zip(raw, batch, strict=True):
        expected = model.evaluate(standard, standard_x) * scaling.y_scale + scaling.y_mean
        tolerance = 1e-12 * y_scale * (10 + np.abs(standard).sum()) ** (len(hidden) + 1)
        np.testing.assert_allclose(model.evaluate(one, data.x), expected, rtol=0, atol=tolerance)
    np.testing.assert_allclose(to_standardized(model, raw, scaling), batch, rtol=1e-9, atol=1e-12)


def test_standardized_data_have_mean_zero_and_deviation_one_whatever_their_unit():
    rng = np.random.default_rng(0)
    z = rng.uniform(size=(50, 3))
    x = z * [1e-9, 1.0, 1e300] + [1.0, 1e6, 0.0]
    x = np.column_stack([x, np.full(50, 0.1)])
    data = check_data(x, 1e-200 * z[:, 0])
    s = standardization(Dense(3), data)
    standard = (x - s.x_mean) / s.x_scale
    np.testing.assert_allclose(standard.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(standard.std(axis=0), [1, 1, 1, 0], atol=1e-9)
    assert s.x_scale[3] == 1.0
    np.testing.assert_allclose(s.y_scale, 1e-200 * z[:, 0].std(), rtol=1e-12)


def test_output_with_an_activation_takes_up_only_what_it_can():
    data = check_data([1.0, 2.0, 3.0], [[3.0], [5.0], [7.0]])
    relu = standardization(Dense(2, output_activation="relu"), data)
    assert relu.y_mean.tolist() == [0.0]
    np.testing.assert_allclose(relu.y_scale, np.sqrt(83 / 3))
    logistic = standardization(Dense(2, output_activation="logistic"), data)
    assert (logistic.y_mean.tolist(), logistic.y_scale.tolist()) == ([0.0], [1.0])
    model = Dense(2, output_activation="logistic").resolve(data)
    wrong = Standardization(np.zeros(1), np.ones(1), np.ones(1), np.ones(1))
    with pytest.raises(InvalidOption, match="cannot take up a mean or scale of y"):
        to_raw(model, np.zeros(7), wrong)
    with pytest.raises(InvalidOption, match="cannot take up a mean or scale of y"):
        to_standardized(model, np.zeros(7), wrong)
