import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

from surefit.bases.fourier import Fourier, trapezoid_coefficients
from surefit.data.checked import check_data
from surefit.exceptions import (
    ConstantInput,
    InvalidOption,
    InvalidType,
    NotFinite,
    ShapeMismatch,
    TooFewPoints,
)
from tests.bases.exact_fit import least_squares


def lessons_curve(x):
    return np.where(np.abs(x - 0.43) < 0.15, np.sin(22 * x), -1 + 3.5 * x - 2 * x**2)


def lessons_sample(seed=0):
    generator = np.random.default_rng(seed)
    x = generator.uniform(0, 1, 1000)
    return x, lessons_curve(x) + generator.normal(0, 0.03, 1000)


def test_the_constant_the_cosines_and_the_sines_lie_in_this_order():
    parameters = Fourier(2).parameters()
    assert parameters.names == ("constant", "cosine[0]", "cosine[1]", "sine[0]", "sine[1]")
    assert parameters.linear.all()
    x = np.linspace(-1, 2, 50)
    expected = 5 + 4 * np.cos(np.pi * x) + 3 * np.cos(2 * np.pi * x)
    expected = expected + 2 * np.sin(np.pi * x) + np.sin(2 * np.pi * x)
    curve = Fourier(2, period=2.0).evaluate(np.array([5.0, 4.0, 3.0, 2.0, 1.0]), x)
    assert np.allclose(curve[:, 0], expected, atol=1e-13)


def test_the_lessons_15_coefficients_are_found_by_least_squares():
    x, y = lessons_sample()
    model = Fourier(7, period=1.0).resolve(check_data(x, y))
    values = least_squares(model, x, y)
    angle = 2 * np.pi * x[:, None] * np.arange(1, 8)
    columns = np.hstack([np.ones((1000, 1)), np.cos(angle), np.sin(angle)])
    assert model.conversion() is None
    assert model.parameters().size == 15
    assert np.allclose(values, np.linalg.lstsq(columns, y, rcond=None)[0], rtol=1e-10)
    assert np.allclose(model.columns(x) @ values, model.evaluate(values, x), atol=1e-14)


def test_the_trapezoid_estimate_is_near_least_squares_but_never_better():
    x, y = lessons_sample()
    model = Fourier(7, period=1.0).resolve(check_data(x, y))
    fitted, integrated = least_squares(model, x, y), trapezoid_coefficients(x, y, 7)

    def rss(values):
        return np.sum((y - model.evaluate(values, x)[:, 0]) ** 2)

    assert np.max(np.abs(fitted - integrated)) < 0.03
    assert rss(fitted) < rss(integrated) < 1.2 * rss(fitted)


def test_the_trapezoid_rule_gives_the_integrals_of_a_smooth_curve():
    from scipy.integrate import quad

    x = np.linspace(0, 1, 100_001)
    values = trapezoid_coefficients(x, np.exp(x), 2)
    expected = [quad(np.exp, 0, 1)[0]]
    for wave in (np.cos, np.sin):
        for k in (1, 2):
            integral = quad(lambda u, k=k, w=wave: np.exp(u) * w(2 * np.pi * k * u), 0, 1)[0]
            expected.append(2 * integral)
    assert np.allclose(values, expected, atol=1e-8)


def test_trapezoid_and_least_squares_agree_on_an_even_grid_of_one_period():
    x = 3 + 4 * np.arange(65) / 64
    y = 1 + np.cos(np.pi * x / 2) - 2 * np.sin(np.pi * x)
    values = trapezoid_coefficients(x, y, 3, period=4.0)
    assert np.allclose(values, [1, 1, 0, 0, 0, -2, 0], atol=1e-13)
    outputs = trapezoid_coefficients(x[::-1], np.stack([y, 2 * y], axis=1)[::-1], 3, period=4.0)
    assert np.allclose(outputs.reshape(7, 2), np.outer(values, [1, 2]), atol=1e-13)


@hypothesis.settings(max_examples=20, deadline=None, derandomize=True)
@hypothesis.given(periods=st.integers(-(2**30), 2**30), exponent=st.integers(-30, 30))
def test_whole_periods_and_the_unit_of_x_do_not_matter(periods, exponent):
    # Quarter-millions of a period are exact in 64 bits even a billion periods away.
    x = np.random.default_rng(0).integers(0, 2**18, 50) / 2**18
    values = np.arange(1.0, 12.0)
    scale = 2.0**exponent
    expected = Fourier(5, period=1.0).evaluate(values, x)
    curve = Fourier(5, period=scale).evaluate(values, (x + periods) * scale)
    assert np.allclose(curve, expected, rtol=0, atol=1e-11)


def test_several_outputs_are_fitted_as_each_alone():
    x, y = lessons_sample()
    outputs = np.stack([y, x * y], axis=1)
    model = Fourier(3, period=1.0).resolve(check_data(x, outputs))
    values = least_squares(model, x, outputs)
    arrays = model.parameters().split(values)
    assert {path: array.shape for path, array in arrays.items()} == {
        "constant": (2,),
        "cosine": (3, 2),
        "sine": (3, 2),
    }
    assert np.allclose(model.columns(x) @ values, model.evaluate(values, x), atol=1e-14)
    alone = least_squares(Fourier(3, period=1.0), x, outputs[:, 1])
    assert np.allclose(values.reshape(7, 2)[:, 1], alone, atol=1e-13)


def test_jax_and_numpy_agree():
    import jax
    import jax.numpy as jnp

    x, values = np.linspace(-3, 5, 40), np.arange(1.0, 10.0)
    model = Fourier(4, period=1.7)
    with jax.enable_x64(True):
        curve = jax.jit(model.evaluate)(jnp.asarray(values), jnp.asarray(x))
        columns = model.columns(jnp.asarray(x))
        assert isinstance(columns, jax.Array)
        assert np.allclose(curve, model.evaluate(values, x), atol=1e-12)
        assert np.allclose(columns, model.columns(x), atol=1e-12)


def test_constructors_are_shown_as_typed():
    assert str(Fourier(7)) == "Fourier(7)"
    assert str(Fourier(7, period=2)) == "Fourier(7, period=2.0)"
    assert Fourier(7, period=1) == Fourier(np.int32(7), period=1.0)
    assert Fourier(7).label == "fourier"
    assert Fourier(7).is_pointwise
    assert Fourier(7).direct() == Fourier(7)
    assert Fourier(1).canonical(np.ones(3)).tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Fourier(0), InvalidOption, "harmonics is 0 but must be at least 1"),
        (lambda: Fourier(1.5), InvalidType, "harmonics must be a whole number, not 1.5"),
        (lambda: Fourier(1, period=0), InvalidOption, "period is 0 but must be a finite number"),
        (lambda: Fourier(1, period=-1.0), InvalidOption, "period is -1 "),
        (lambda: Fourier(1, period="1"), InvalidType, "period must be a real number, not '1'"),
        (lambda: trapezoid_coefficients([1], [1], 2), TooFewPoints, "at least 2 points"),
        (lambda: trapezoid_coefficients([1, np.nan], [1, 2], 2), NotFinite, "x has 1 value"),
        (
            lambda: trapezoid_coefficients(np.ones((4, 2)), np.ones(4), 2),
            ShapeMismatch,
            "takes one input",
        ),
    ],
)
def test_wrong_arguments_are_named(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_too_few_phases_are_counted():
    x = np.arange(20.0)
    with pytest.raises(TooFewPoints, match=r"7 parameters, but there are 1 distinct x modulo"):
        Fourier(3, period=1.0).resolve(check_data(x, x))
    with pytest.raises(TooFewPoints, match=r"Fourier\(3, period=6.0\).*use 2 harmonics or fewer"):
        Fourier(3, period=6).resolve(check_data(x, x))
    assert Fourier(3, period=7).resolve(check_data(x + 0.1, x)).harmonics == 3
    with pytest.raises(ShapeMismatch, match="takes one input but x has 2 columns"):
        Fourier(3).resolve(check_data(np.ones((20, 2)), x))


def test_the_period_is_the_range_of_the_data_unless_given():
    x = np.linspace(2.0, 12.0, 50)
    model = Fourier(3).resolve(check_data(x, x))
    assert model == Fourier(3, period=10.0)
    assert str(model) == "Fourier(3, period=10.0)"
    with pytest.raises(ConstantInput, match="give period="):
        Fourier(3).resolve(check_data(np.ones(20), np.ones(20)))
