import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from surefit.bases.activations import Linear, Logistic, Relu
from surefit.data.checked import check_data
from surefit.networks.dense import Dense
from surefit.networks.standardization import standardization


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
    batch = rng.normal(size=(3, model.parameters().size))
    raw = model.to_raw(batch)
    for one, standard in zip(raw, batch, strict=True):
        tolerance = 1e-12 * y_scale * (10 + np.abs(standard).sum()) ** (len(hidden) + 1)
        np.testing.assert_allclose(
            model.direct().evaluate(one, data.x),
            model.evaluate(standard, data.x),
            rtol=0,
            atol=tolerance,
        )
        np.testing.assert_allclose(model.conversion().reported(standard), one, rtol=1e-12)
    np.testing.assert_allclose(model.from_raw(raw), batch, rtol=1e-9, atol=1e-12)


def test_standardized_data_are_of_order_one_whatever_their_unit():
    rng = np.random.default_rng(0)
    z = rng.uniform(size=(50, 3))
    x = z * [1e-9, 1.0, 1e30] + [1.0, 1e6, 0.0]
    x = np.column_stack([x, np.full(50, 0.1)])
    s = standardization(check_data(x, 1e-30 * z[:, 0]), Linear())
    standard = s.inputs(x)
    assert np.all(np.abs(standard.mean(axis=0)) < 0.3)
    assert np.all((standard.std(axis=0)[:3] > 0.7) & (standard.std(axis=0)[:3] < 1.42))
    assert s.x_center[3] == 0.1
    assert s.x_scale[3] == 1.0
    assert 0.7 < 1e-30 * z[:, 0].std() / s.y_scale[0] < 1.42


def test_scales_are_powers_of_two_so_that_like_data_share_what_is_compiled():
    rng = np.random.default_rng(0)
    x = rng.uniform(size=1000)
    first, second = (
        standardization(check_data(x, np.sin(6 * x) + rng.normal(0, 0.1, 1000)), Linear())
        for _ in range(2)
    )
    assert first == second
    assert np.frexp(first.x_scale[0])[0] == 0.5
    assert first.digits_lost < 1


def test_output_with_an_activation_takes_up_only_what_it_can():
    data = check_data([1.0, 2.0, 3.0], [[3.0], [5.0], [7.0]])
    relu = standardization(data, Relu())
    assert (relu.y_center, relu.y_scale) == ((0.0,), (4.0,))
    logistic = standardization(data, Logistic())
    assert (logistic.y_center, logistic.y_scale) == ((0.0,), (1.0,))
