"""A mean of y far above its range takes one unit, whose tail serves as well."""

import numpy as np
import pytest
import scipy.optimize

import surefit as sf
from surefit.bases.activations import Logistic, Relu, Tanh
from surefit.models.units import UnitValues
from surefit.search.growth.offset import saturation, with_tail
from tests.lesson_sample import SIGMA, sample

OFFSET = 1e6


def test_the_tails_of_logistic_and_tanh_units_are_those_of_their_formulas():
    logistic, tanh = saturation(Logistic()), saturation(Tanh())
    assert logistic is not None
    assert tanh is not None
    # 1/(1 + e^-z) -> 1 - e^-z; tanh z -> 1 - 2 e^-2z.
    assert abs(logistic.sign) == 1
    assert (logistic.limit, abs(tanh.limit)) == (1.0, 1.0)
    assert (logistic.height, logistic.rate) == (pytest.approx(1, 1e-4), pytest.approx(1, 1e-4))
    assert (tanh.height / tanh.limit, tanh.rate) == (pytest.approx(2, 1e-4), pytest.approx(2, 1e-4))
    assert saturation(Relu()) is None


@pytest.mark.parametrize(("offset", "height"), [(1e6, -0.7), (-1e6, 0.7)])
def test_a_unit_with_a_tail_is_the_constant_and_the_exponential(offset, height):
    x = np.linspace(2.0, 3.0, 50)
    beside = UnitValues(np.zeros((0, 1)), np.zeros(0), np.zeros((0, 1)), np.array([offset]))
    values = with_tail(beside, Logistic(), height, 3.0, 2.5)
    assert values is not None
    z = values.weight[0, 0] * x + values.bias[0]
    got = values.coefficient[0, 0] * np.asarray(Logistic()(z))
    expected = offset + height * np.exp(-3.0 * (x - 2.5))
    # What the exponential leaves out is its square over the constant.
    np.testing.assert_allclose(got - offset, expected - offset, atol=1e-4)
    assert with_tail(beside, Logistic(), -height, 3.0, 2.5) is None


def test_sigmoids_on_a_large_offset_use_the_tail_of_the_unit_that_is_the_constant():
    x, y = sample(9001)
    beside = sf.fit(x, y, sf.Sigmoids(4) + sf.Constant(), SIGMA)
    fit = sf.fit(x, y + OFFSET, sf.Sigmoids(5), SIGMA)
    assert fit.chi2 < beside.chi2 - 100
    assert fit.ndof == len(x) - 15
    # One more parameter than any sum of units with a tail has, with a constant of its own.
    assert fit.chi2 > sf.fit(x, y, sf.Dense(5), SIGMA).chi2


def test_the_fit_on_a_large_offset_is_a_minimum_for_scipy_too():
    x, y = sample(9001)
    fit = sf.fit(x, y + OFFSET, sf.Sigmoids(3), SIGMA)
    point = np.array([fit.values[name] for name in fit.names])
    model = fit.model

    def residuals(p):
        return (y + OFFSET - np.asarray(model.evaluate(p, x[:, None]))[:, 0]) / SIGMA

    again = scipy.optimize.least_squares(residuals, point, x_scale=np.abs(point), xtol=1e-15)
    assert 2 * again.cost > fit.chi2 - 0.1


def test_a_line_on_a_large_offset_needs_no_more_than_the_tail():
    rng = np.random.default_rng(3)
    x = np.linspace(0.0, 1.0, 200)
    y = OFFSET + 2.0 * x + 0.1 * rng.normal(size=200)
    fit = sf.fit(x, y, sf.Sigmoids(2), 0.1)
    assert fit.chi2 <= sf.fit(x, y, sf.Line(), 0.1).chi2 + 0.1


def test_with_several_inputs_the_tail_is_not_searched_and_that_is_said():
    rng = np.random.default_rng(4)
    x = rng.uniform(size=(300, 2))
    y = OFFSET + np.tanh(3 * (x[:, 0] - x[:, 1])) + 0.1 * rng.normal(size=300)
    fit = sf.fit(x, y, sf.Sigmoids(2), 0.1)
    assert not fit.valid
    assert any("Add a Constant()" in sentence for sentence in fit.evidence.explanation)
    assert sf.fit(x, y, sf.Sigmoids(1) + sf.Constant(), 0.1).chi2 >= fit.chi2 - 1


def test_a_constant_takes_the_offset_where_there_is_one():
    x, y = sample(9001)
    assert sf.fit(x, y + OFFSET, sf.Sigmoids(5) + sf.Constant(), SIGMA).valid
