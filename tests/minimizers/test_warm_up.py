import numpy as np

from surefit.data.checked import check_data
from surefit.losses.least_squares import LeastSquares
from surefit.minimizers.warm_up import warm_up
from surefit.networks.dense import Dense
from surefit.networks.initialization import initial_values
from surefit.precision import double_precision
from surefit.problem.fitted import fitted


@double_precision
def test_training_lowers_each_start_and_is_the_same_for_the_same_seed():
    rng = np.random.default_rng(0)
    x = rng.uniform(1e6, 1e6 + 1, size=(200, 1))
    data = check_data(x, np.sin(6 * x[:, 0]), 0.1)
    model = Dense(6, 6, activation="tanh").resolve(data)
    problem = fitted(model, data, LeastSquares())
    starts = initial_values(model, data, 4, rng)
    ended = warm_up(problem, starts, steps=300, seed=1)
    assert np.all(problem.value(ended) < 0.5 * problem.value(starts))
    np.testing.assert_array_equal(ended, warm_up(problem, starts, steps=300, seed=1))


@double_precision
def test_a_start_that_is_not_finite_is_returned_unchanged():
    data = check_data(np.linspace(0, 1, 50), np.linspace(0, 1, 50), 0.1)
    model = Dense(2, 2).resolve(data)
    problem = fitted(model, data, LeastSquares())
    starts = np.full((2, model.parameters().size), np.nan)
    starts[1] = 0.1
    ended = warm_up(problem, starts, steps=20, seed=1)
    assert np.isnan(ended[0]).all()
    assert np.isfinite(ended[1]).all()
