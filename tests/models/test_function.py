"""Python functions as models: signatures, results, compilation keys."""

import functools

import numpy as np
import pytest

import surefit as sf
from surefit.data.checked import check_data
from surefit.models.function import Function

X = np.linspace(0, 1, 30)


def test_options_keep_their_defaults_and_numeric_defaults_are_starts():
    def shape(x, a, b=2.0, kind="sine", *, power=3):
        return a * np.sin(b * x) ** power if kind == "sine" else a * x

    model = Function(shape)
    assert model.argument_names == ("a", "b")
    assert model.defaults == {"b": 2.0}


def test_a_redefined_function_is_the_same_model_and_a_changed_one_is_not():
    def make(power):
        def shape(x, a):
            return a * x**power

        return shape

    assert Function(make(2)) == Function(make(2))
    assert hash(Function(make(2))) == hash(Function(make(2)))
    assert Function(make(2)) != Function(make(3))


def test_callables_of_every_kind_are_models():
    class Shape:
        def __call__(self, x, a, b):
            return a + b * x

        def method(self, x, a, b):
            return a + b * x

    def with_option(option, x, a, b):
        return a + b * x

    y = 1 + 2 * X
    for function in (
        Shape(),
        Shape().method,
        functools.partial(with_option, None),
        lambda x, a, b: a + b * x,
    ):
        fit = sf.fit(X, y, function, 0.1)
        np.testing.assert_allclose(list(fit.values.values()), [1, 2], rtol=1e-9)


def test_traced_evaluation_equals_plain_evaluation():
    import jax

    def shape(x, a, b):
        out = np.zeros_like(x)
        for k in range(3):
            out += a * np.exp(-b * (k + 1) * x)
        return out

    model = Function(shape).resolve(check_data(X, X, 1.0))
    values = np.array([1.3, 0.7])
    with jax.enable_x64(True):
        traced = np.asarray(model.evaluate(jax.numpy.asarray(values), jax.numpy.asarray(X)))
    np.testing.assert_allclose(traced, model.evaluate(values, X), rtol=1e-14)


@pytest.mark.parametrize("n", [0, -1, 2.5, True, "3"])
def test_a_bad_number_of_parameters_is_refused(n):
    with pytest.raises(sf.InvalidModel, match="n_parameters"):
        Function(lambda x, p: p[0] + x, n)


def test_a_constant_result_is_repeated_for_every_point():
    fit = sf.fit(X, np.full(30, 3.0), lambda x, level: level, 0.1)
    assert fit.values["level"] == pytest.approx(3)
    assert fit.predict(X).shape == (30,)


def test_a_vectorized_function_has_the_arguments_of_what_it_calls():
    @np.vectorize
    def flat_then_falling(x, a, b):
        return a * np.exp(-b * x) if x > 0.4 else a * np.exp(-0.4 * b)

    y = flat_then_falling(X, 2.0, 3.0)
    fit = sf.fit(X, y, flat_then_falling, yerr=0.01)
    assert fit.values == pytest.approx({"a": 2.0, "b": 3.0}, rel=1e-6)
    assert "flat_then_falling" in str(fit)
